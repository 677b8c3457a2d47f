"""What does the space look like?"""

import streamlit as st

from explorer import engine
from explorer.evaluation.projections import PROJECTIONS
from explorer.tasks import requests
from pages.ui.kit import dataset_picker, messages, url_notices, url_state
from pages.ui.runs import download, job_progress, model_cache, pickers, timeline
from pages.ui.sections import embeddings as embeddings_section

FEATURES = (
    "Features (.npz)",
    "What the model makes of every validation image: an array of features, beside row numbers and classes",
)
POINTS = (250, 500, 1000)

messages.question("What does the space look like?")
engine.reconcile()
look = st.container()
picture, controls = st.columns([0.74, 0.26], gap="large")
with controls:
    found = dataset_picker.choose()
    ref = pickers.model(found.name)
    details = st.container()
    with st.expander("More hyperparameters", icon=":material/tune:"):
        titles = {how: projection.title for how, projection in PROJECTIONS.items()}
        kept = {"bind": "query-params", "persist_state": "session"}
        shown = st.multiselect("Maps", list(titles), list(titles), format_func=titles.get, key="maps", **kept)
        url_notices.spelled("maps", titles)
        most = len(found.probe()[0])
        amounts = [*(n for n in POINTS if n < most), POINTS[-1]]
        words = {n: f"{min(n, most):,}" for n in amounts}
        n = url_state.choice(
            st.select_slider, "Points", amounts, key="points", default=POINTS[-1], format_func=words.get
        )
        near = embeddings_section.reach(min(n, most))
        seed = st.number_input("Seed of the maps", 0, 9999, 0, key="map-seed", **kept)

focus = st.query_params.get("focus")
if focus and focus not in PROJECTIONS:
    url_notices.note("focus", focus, "all maps")
    focus = None
with picture, messages.guard():
    model_cache.caveat(ref)
    stage, ears = st.container(), st.container(gap=None)
    shown = [how for how in PROJECTIONS if how in (shown or titles) or how == focus]
    asked = {how: job_progress.ask(requests.chart(ref, found.name, how, seed, n, near)) for how in shown}
    job_progress.withdraw(run.id for run in asked.values())
    drawn = embeddings_section.fresh(asked, found)
    with look:
        messages.lead_sentence(embeddings_section.verdict(drawn, sum(not run.status.final for run in asked.values())))

    some = next(iter(drawn.values()), None)
    with ears:
        clicked = embeddings_section.clicked(shown, found)
    row = embeddings_section.chosen(some, clicked) if some else None
    ring = some.rows[embeddings_section.around(some, row)] if some else []
    lassoed, rows = embeddings_section.marked(found)
    with stage:
        embeddings_section.legend(found)
        inside = {}
        with st.grid(1 if focus else 3, min_column_width=210, gap="small"):
            for how, run in asked.items() if focus is None else [(focus, asked[focus])]:
                with st.container(gap="xxsmall", key=f"tile-{how}"):
                    rings = [row, *rows] if rows and how != lassoed else ring
                    inside[how] = embeddings_section.tile(how, run, drawn, found, rings, large=focus is not None)
        embeddings_section.marks(inside, found)
        if rows:
            embeddings_section.gallery(lassoed, rows, found)
        status, points = next(iter(asked.values())).status, len(some.rows) if some else None
        messages.provenance(
            data=f"{found.title}, validation", model=model_cache.title(ref, found.name), seed=seed,
            device=status.device or None, date=status.finished, points=points, neighbours=near,
        )  # fmt: skip

with details, messages.guard():
    if some:
        embeddings_section.neighbours(some, row, found)
        url_state.link("latents", "Look inside its code", "tune", model=ref, data=found.name, a=row)
        csv = embeddings_section.table(drawn, found)
        st.download_button("Coordinates (CSV)", csv, f"{ref}-{found.name}.csv", "text/csv", icon=":material/download:")
        download.offer(lambda: requests.embed(ref, found.name, "validation"), "embed", *FEATURES)

trained = model_cache.trained(ref)
if trained and len(trained.frames()) > 1:
    st.subheader("How it came to look like this", anchor=False)
    with messages.guard():
        st.fragment(timeline.scrubber)(trained)
