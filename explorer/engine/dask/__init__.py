"""All that knows Dask."""
