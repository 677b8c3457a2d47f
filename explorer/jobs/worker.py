"""`dask worker … --preload explorer.jobs.worker` is the older name of `--preload explorer.engine.dask.preload`."""

from explorer.engine.dask.preload import dask_setup, dask_teardown
from explorer.engine.worker import run_job, worker_sees

__all__ = ["dask_setup", "dask_teardown", "run_job", "worker_sees"]
