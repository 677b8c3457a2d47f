"""A page as its frame runs it, for tests: without the navigation, which needs a browser."""

from streamlit.testing.v1 import AppTest

from explorer import runs
from pages.ui.kit import navigation

PAGES = [name for name, _, _ in navigation.TABLE]
USUAL = {  # what an address has to say for the whole of a page to stand
    "lessons": {"lesson": "collapse"},
    "methods": {"method": "pca"},
    "studies": {"study": "zoo"},
    "views": {"method": "simclr"},
    "new": {"method": "simclr"},
    "runs": {"run": "digits-simclr"},
    "latents": {"data": "digits"},
    "embeddings": {"data": "digits"},
    "transfer": {"target": "digits"},
}


def _framed(file: str, name: str) -> None:
    """What `pages/ui/app/frame.py` does around a page; it runs as a script of its own."""
    import runpy
    from contextlib import suppress

    from pages.ui.kit import messages, url_state

    url_state.arrive(name)
    messages.reserve_notice()
    with suppress(messages.PageEnds):
        runpy.run_path(file, run_name="__main__")
    messages.leave()


def opened(page: str, query: dict[str, str]) -> AppTest:
    """A page as it stands at this address; it has to stand without a traceback or an error that nobody foresaw."""
    place = {"file": f"{runs.REPOSITORY}/pages/{page}.py", "name": "" if page == "home" else page}
    at = AppTest.from_function(_framed, kwargs=place, default_timeout=120)
    at.query_params.update(query)
    at.run()
    assert not at.exception, (page, at.exception)
    assert not [it.value for it in at.error if "Something went wrong" in it.value], (page, query)
    return at


def notice(at: AppTest) -> str:
    """What is said above the page of its address."""
    return " ".join(it.value.replace("\\", "") for it in at.info)
