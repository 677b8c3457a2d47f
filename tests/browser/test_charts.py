"""The script of the charts: what the server has dropped comes back, what a page leaves behind ends."""

from tests.browser.conftest import settled

DRAWN = ".unfold-chart[data-drawn]"


def test_a_figure_that_the_server_has_dropped_is_drawn_after_all(server, visit):
    page = visit(server)
    dropped = []

    def answer(route) -> None:
        if route.request.url in dropped:
            route.fallback()
        else:
            dropped.append(route.request.url)
            route.fulfill(status=404)

    page.route("**/content/*.json", answer)
    page.goto(f"{server.url}/data?data=digits")
    page.locator(".unfold-chart").first.wait_for()
    page.wait_for_function("[...document.querySelectorAll('.unfold-chart')].every(it => it.dataset.drawn)")
    settled(page)
    assert dropped and page.locator(DRAWN).count() >= len(dropped)
