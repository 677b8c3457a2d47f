"""What does the space look like?"""

import streamlit as st

from explorer import data, engine
from pages.ui.kit import layout, legend, messages
from pages.ui.runs import model_cache, pickers, task_panel, together
from pages.ui.sections import embeddings as embeddings_section
from pages.ui.sections import (
    embeddings_below,
    embeddings_choice,
    embeddings_clusters,
    embeddings_colour,
    embeddings_files,
    embeddings_import,
    embeddings_new,
    embeddings_point,
    embeddings_selection,
    embeddings_tiles,
    embeddings_touch,
)

page = layout.page("What does the space look like?")
embeddings_choice.translate()
engine.reconcile()
dataset, ref = pickers.context(page)
with page.context:
    embeddings_import.offer()
focus = embeddings_tiles.focused()
choice, there, some, touch = None, None, None, None  # until they are known
with page.rail:
    rail, details, more = st.container(), st.container(), st.container()
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
    with rail:
        touch = embeddings_touch.choose(there, shown, focus, options["label"], dataset, ref)

with page.picture, messages.guard():
    if there:
        selection = embeddings_selection.selection(some, dataset)
        placed = embeddings_new.place(touch.new, there.maps, choice.specs, touch.look.colour, dataset, ref)
        if some:
            known = embeddings_colour.best_known(touch.look.colour, there.maps.values(), dataset)
            legend.of(embeddings_colour.of(touch.look.colour, known, dataset), known.dimensions)
            embeddings_new.explain(touch.new, touch.look.colour, known.dimensions)
        touched = touch.touched(selection[1], placed)
        inside = embeddings_tiles.grid(choice, there, dataset, touch.look, touched)
        embeddings_selection.remember(inside, dataset)
        if some:
            embeddings_below.show(there, choice, best, touch, selection, placed, options, dataset, ref)

with details, messages.guard():
    if some:
        embeddings_point.show(there.maps, best, touch.point, dataset, ref)
with more, messages.guard():
    embeddings_import.about(dataset)
    if some:
        embeddings_files.offer(there.maps, ref, dataset)
    task_panel.draw(ref, dataset)

trained = model_cache.trained(ref)
if trained and len(trained.frames()) > 1:
    messages.heading("The representation during training")
    with messages.guard():
        st.fragment(together.section)(trained)
