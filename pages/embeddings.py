"""What does the space look like?"""

import streamlit as st

from explorer import engine
from explorer.evaluation.projections import PROJECTIONS
from explorer.tasks import request
from pages.ui.kit import layout, messages, url_notices, url_state
from pages.ui.runs import download, model_cache, pickers, task_panel, timeline
from pages.ui.sections import embeddings as embeddings_section

FEATURES = (
    "Features (.npz)",
    "The features of every validation image as an array, with row numbers and classes",
)
POINTS = (250, 500, 1000)

page = layout.page("What does the space look like?")
engine.reconcile()
dataset, ref = pickers.context(page)
with page.rail:
    details = st.container()
    with st.expander("More options", icon=":material/tune:"):
        titles = {how: projection.title for how, projection in PROJECTIONS.items()}
        kept = {"bind": "query-params"}
        shown = st.multiselect("Maps", list(titles), list(titles), format_func=titles.get, key="maps", **kept)
        url_notices.option_labels("maps", titles)
        available = len(dataset.probe()[0])
        amounts = [*(n for n in POINTS if n < available), POINTS[-1]]
        labels = {n: f"{min(n, available):,}" for n in amounts}
        n = url_state.choice(
            st.select_slider, "Points", amounts, key="points", default=POINTS[-1], format_func=labels.get
        )
        near = embeddings_section.neighbourhood_size(min(n, available))
        seed = st.number_input(
            "Seed of the projections", 0, 9999, 0, key="map-seed", help=embeddings_section.SEED, **kept
        )

focus = st.query_params.get("focus")
if focus and focus not in PROJECTIONS:
    url_notices.note("focus", focus, "all maps")
    focus = None
some = None  # until a map is there
with page.picture, messages.guard():
    model_cache.caveat(ref)
    stage, listeners = st.container(), st.container(gap=None)
    shown = [how for how in PROJECTIONS if how in (shown or titles) or how == focus]
    options = {"seed": seed, "n": n, "neighbours": near}
    specs = {how: request.request("map", ref, dataset.name, how=how, **options) for how in shown}
    jobs = embeddings_section.request(specs)
    maps = embeddings_section.drawn(jobs, dataset)
    with page.lead:
        pending = sum(not run.status.final for run in jobs.values())
        messages.lead_sentence(embeddings_section.summary(maps, pending))

    some = next(iter(maps.values()), None)
    with listeners:
        clicked = embeddings_section.clicked(shown, dataset)
    row = embeddings_section.chosen(some, clicked) if some else None
    ring = some.rows[embeddings_section.around(some, row)] if some else []
    lassoed, rows = embeddings_section.selection(dataset)
    with stage:
        embeddings_section.legend(dataset)
        inside = {}
        with st.grid(1 if focus else 3, min_column_width=210, gap="small"):
            for how, run in jobs.items() if focus is None else [(focus, jobs[focus])]:
                with st.container(gap="xxsmall", key=f"tile-{how}"):
                    rings = [row, *rows] if rows and how != lassoed else ring
                    inside[how] = embeddings_section.tile(how, run, maps, dataset, rings, large=focus is not None)
        embeddings_section.remember_selection(inside, dataset)
        if rows:
            embeddings_section.gallery(lassoed, rows, dataset)
        status, points = next(iter(jobs.values())).status, len(some.rows) if some else None
        messages.provenance(
            data=f"{dataset.title}, validation", model=model_cache.title(ref, dataset.name), seed=seed,
            device=status.device or None, date=status.finished, points=points, neighbourhood=near,
        )  # fmt: skip

with details, messages.guard():
    if some:
        embeddings_section.show_neighbours(some, row, dataset)
        url_state.link("latents", "Its latent code", "tune", model=ref, data=dataset.name, a=row)
        csv = embeddings_section.table(maps, dataset)
        file, icon = f"{ref}-{dataset.name}.csv", ":material/download:"
        st.download_button("Coordinates (CSV)", csv, file, "text/csv", icon=icon)
        download.offer(lambda: request.request("embed", ref, dataset.name, split="validation"), "embed", *FEATURES)
with details, messages.guard():
    task_panel.draw(ref, dataset)

trained = model_cache.trained(ref)
if trained and len(trained.frames()) > 1:
    messages.heading("The representation during training")
    with messages.guard():
        st.fragment(timeline.scrubber)(trained)
