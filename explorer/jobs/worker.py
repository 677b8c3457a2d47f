"""`dask worker … --preload explorer.jobs.worker` is the older name of `--preload explorer.engine.worker`."""

from explorer.engine.worker import dask_setup, dask_teardown, run_job, worker_sees

__all__ = ["dask_setup", "dask_teardown", "run_job", "worker_sees"]
