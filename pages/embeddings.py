"""What does the space look like?"""

import streamlit as st

from explorer import engine
from explorer.evaluation.projections import PROJECTIONS
from explorer.tasks import requests
from pages.ui import address, fetch, maps, models, pick, results, say, scrubber, unheard

FEATURES = (
    "Features (.npz)",
    "What the model makes of every validation image: an array of features, beside row numbers and classes",
)
POINTS = (250, 500, 1000)

say.question("What does the space look like?")
engine.reconcile()
look = st.container()
picture, controls = st.columns([0.74, 0.26], gap="large")
with controls:
    found = pick.dataset()
    ref = pick.model(found.name)
    details = st.container()
    with st.expander("More knobs", icon=":material/tune:"):
        titles = {how: projection.title for how, projection in PROJECTIONS.items()}
        kept = {"bind": "query-params", "persist_state": "session"}
        shown = st.multiselect("Maps", list(titles), list(titles), format_func=titles.get, key="maps", **kept)
        unheard.spelled("maps", titles)
        most = len(found.probe()[0])
        amounts = [*(n for n in POINTS if n < most), POINTS[-1]]
        words = {n: f"{min(n, most):,}" for n in amounts}
        n = address.choice(st.select_slider, "Points", amounts, key="points", default=POINTS[-1], format_func=words.get)
        near = maps.reach(min(n, most))
        seed = st.number_input("Seed of the maps", 0, 9999, 0, key="map-seed", **kept)

focus = st.query_params.get("focus")
if focus and focus not in PROJECTIONS:
    unheard.note("focus", focus, "all maps")
    focus = None
with picture, say.guard():
    models.caveat(ref)
    stage, ears = st.container(), st.container(gap=None)
    shown = [how for how in PROJECTIONS if how in (shown or titles) or how == focus]
    asked = {how: results.ask(requests.chart(ref, found.name, how, seed, n, near)) for how in shown}
    results.withdraw(run.id for run in asked.values())
    drawn = maps.fresh(asked, found)
    with look:
        say.look(maps.verdict(drawn, sum(not run.status.final for run in asked.values())))

    some = next(iter(drawn.values()), None)
    with ears:
        clicked = maps.clicked(shown, found)
    row = maps.chosen(some, clicked) if some else None
    ring = some.rows[maps.around(some, row)] if some else []
    lassoed, rows = maps.marked(found)
    with stage:
        maps.legend(found)
        inside = {}
        with st.grid(1 if focus else 3, min_column_width=210, gap="small"):
            for how, run in asked.items() if focus is None else [(focus, asked[focus])]:
                with st.container(gap="xxsmall", key=f"tile-{how}"):
                    rings = [row, *rows] if rows and how != lassoed else ring
                    inside[how] = maps.tile(how, run, drawn, found, rings, large=focus is not None)
        maps.marks(inside, found)
        if rows:
            maps.gallery(lassoed, rows, found)
        status, points = next(iter(asked.values())).status, len(some.rows) if some else None
        say.provenance(
            data=f"{found.title}, validation", model=models.title(ref, found.name), seed=seed,
            device=status.device or None, date=status.finished, points=points, neighbours=near,
        )  # fmt: skip

with details, say.guard():
    if some:
        maps.neighbours(some, row, found)
        address.link("latents", "Look inside its code", "tune", model=ref, data=found.name, a=row)
        csv = maps.table(drawn, found)
        st.download_button("Coordinates (CSV)", csv, f"{ref}-{found.name}.csv", "text/csv", icon=":material/download:")
        fetch.offer(lambda: requests.embed(ref, found.name, "validation"), "embed", *FEATURES)

trained = models.trained(ref)
if trained and len(trained.frames()) > 1:
    st.subheader("How it came to look like this", anchor=False)
    with say.guard():
        st.fragment(scrubber.scrubber)(trained)
