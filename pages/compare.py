"""What do two to four models see differently?"""

import streamlit as st

from explorer import engine
from pages.ui.kit import layout, messages, url_state
from pages.ui.runs import pickers
from pages.ui.sections import (
    compare_agreement,
    compare_card,
    compare_change,
    compare_choice,
    compare_leaderboard,
    compare_maps,
    compare_similarity,
    compare_table,
    embeddings_selection,
)

VIEWS = {"models": "Side by side", "card": "Report card", "all": "All models"}

page = layout.page("What do these models see differently?")
engine.reconcile()
dataset, first = pickers.context(page)
with page.context:
    refs = [first, *compare_choice.others(first, dataset)]
with page.picture:
    more = {"format_func": VIEWS.get, "label_visibility": "collapsed"}
    view = url_state.choice(st.segmented_control, "View", list(VIEWS), key="view", **more)
if view == "card":
    with page.lead, messages.guard():
        name = messages.plain(compare_choice.named([first], dataset)[0].title)
        messages.lead_sentence(compare_card.lead(first, dataset), name)
    with messages.guard():
        compare_card.show(first, dataset)
elif view == "all":
    with page.lead, messages.guard():
        messages.lead_sentence(compare_leaderboard.lead(dataset))
    with messages.guard():
        compare_leaderboard.show(dataset)
if view != "models":
    messages.stop()

models, wanted, run, maps, chosen, lit = compare_choice.named(refs, dataset), None, None, None, None, []
with page.rail, messages.guard(page.picture):
    projections = st.container()
    with st.expander("How they are compared", icon=":material/tune:"):
        options = compare_choice.options()
    with projections:
        how = compare_maps.projection(refs, dataset, options)
    wanted = compare_choice.spec(refs, dataset, options)
    run = compare_choice.found(wanted)
    with page.action:
        compare_choice.action(wanted, run, len(refs))

result = compare_choice.result(run, dataset)
with page.lead, messages.guard():
    place = compare_similarity.pair(result, models) if result else 0
    messages.lead_sentence(compare_similarity.lead(result, place, models) if result else compare_choice.lead(run))
with page.picture, messages.guard(), st.skeleton(height=480):
    maps = wanted and compare_maps.find(models, dataset, how, options)
with page.picture, messages.guard():
    if maps:
        chosen = compare_maps.point(maps, dataset)
        where, lit = embeddings_selection.selection(next(iter(maps.there.values()), None), dataset)
        compare_maps.show(maps, models, dataset, chosen, lit or None)
        compare_maps.about(maps, how, dataset)
        if lit and maps.there:
            shown = maps.there.get(where, next(iter(maps.there.values())))
            embeddings_selection.show(where, lit, shown, chosen, dataset)
with page.picture:
    compare_choice.waiting(run)
    if result:
        for section in (compare_change.show, compare_agreement.show, compare_similarity.show):
            with messages.guard():
                section(result, place, models, dataset)
    with messages.guard():
        compare_table.show(models, result)
    if result:
        compare_choice.notes(result, run, dataset, options)
with page.rail, messages.guard():
    if maps and chosen is not None:
        compare_maps.neighbours(maps, models, chosen, dataset)
    compare_choice.earlier(run)
