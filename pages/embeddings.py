"""What does the space look like?"""

import streamlit as st

from explorer import data, engine
from pages.ui.kit import layout, legend, messages
from pages.ui.runs import model_cache, pickers, task_panel, timeline
from pages.ui.sections import embeddings as embeddings_section
from pages.ui.sections import (
    embeddings_axis,
    embeddings_choice,
    embeddings_clusters,
    embeddings_colour,
    embeddings_files,
    embeddings_import,
    embeddings_point,
    embeddings_search,
    embeddings_selection,
    embeddings_tiles,
    embeddings_trust,
)

page = layout.page("What does the space look like?")
embeddings_choice.translate()
engine.reconcile()
dataset, ref = pickers.context(page)
with page.context:
    embeddings_import.offer()
focus = embeddings_tiles.focused()
choice, there, some, point = None, None, None, None  # until they are known
with page.rail:
    touch, details, more = st.container(), st.container(), st.container()
with more, messages.guard(page.picture):
    with st.expander("Maps and their parameters", icon=":material/tune:"):
        shown = embeddings_choice.projections(focus)
        options = embeddings_choice.parameters(shown)
    choice = embeddings_choice.wanted(shown, options, ref, dataset)

with page.picture, messages.guard(), st.skeleton(height=480):
    model_cache.caveat(ref)
    there = choice and embeddings_choice.jobs(choice, ref, dataset)
    there = there and embeddings_clusters.attach(there, ref, dataset, options)
if there:
    some = next(iter(there.maps.values()), None)
    best = embeddings_point.best(there.maps, focus) if some else ""
    with page.lead:
        pending = sum(run is not None and not run.status.final for run in there.runs.values())
        messages.lead_sentence(embeddings_section.summary(there.maps, pending, data.DISPLAYS[dataset.modality].one))
    with page.action:
        embeddings_choice.compute(choice, there)
    with touch:
        colour = embeddings_colour.choose(there.maps.values(), dataset)
        images = st.toggle("Images as points", key="images", bind="query-params", help=embeddings_tiles.AS_IMAGES)
        found = embeddings_search.choose(some, dataset, ref) if some else embeddings_search.Found()

with page.picture, messages.guard():
    if there:
        clicked = embeddings_tiles.clicked(shown, dataset)
        asked = clicked if clicked is not None else found.chosen
        point = embeddings_point.chosen(there.maps, asked) if some else None
        where, ids = embeddings_selection.selection(some, dataset)
        if some:
            known = embeddings_colour.best_known(colour, there.maps.values(), dataset)
            legend.of(embeddings_colour.of(colour, known, dataset), known.dimensions)
        look = embeddings_tiles.Look(colour, images, focus)
        touched = embeddings_tiles.Touched(point, ids or found.ids, embeddings_selection.cleared())
        inside = embeddings_tiles.grid(choice, there, dataset, look, touched)
        embeddings_selection.remember(inside, dataset)
        if some:
            embeddings_tiles.provenance(there, choice, ref, dataset)
        if ids:
            embeddings_selection.show(where, ids, there.maps.get(where, some), point, dataset)
        if some:
            embeddings_axis.show(some, dataset, ref)
            clustered = embeddings_colour.best_known("cluster", there.maps.values(), dataset)
            embeddings_clusters.show(clustered, ref, dataset, options)
            embeddings_trust.show(best, choice.specs[best], dataset)

with details, messages.guard():
    if some:
        embeddings_point.show(there.maps, best, point, dataset, ref)
with more, messages.guard():
    embeddings_import.about(dataset)
    if some:
        embeddings_files.offer(there.maps, ref, dataset)
    task_panel.draw(ref, dataset)

trained = model_cache.trained(ref)
if trained and len(trained.frames()) > 1:
    messages.heading("The representation during training")
    with messages.guard():
        st.fragment(timeline.scrubber)(trained)
