"""Which claims of the papers hold here?"""

import streamlit as st

from explorer import engine
from explorer.benchmarks import verdicts
from pages.ui.kit import layout, messages, url_state
from pages.ui.sections import studies as studies_section
from pages.ui.sections import studies_figures, studies_smaller

engine.reconcile()
study = studies_section.asked()
if study is None:
    messages.question("Which claims of the papers hold here?")
    with messages.guard():
        messages.lead_sentence(studies_section.overview())
        studies_section.listed()
    messages.stop()

page = layout.page(messages.plain(study.question))
with page.context:
    name = studies_section.dataset(study)
found = None
with page.lead, messages.guard():
    found = verdicts.findings(study, name)
    messages.lead_sentence(studies_section.lead(found))
if found is None:
    messages.stop()
mine = studies_smaller.own(study)
with page.picture, messages.guard():
    here = studies_smaller.beside(study, mine, name)
    if found.group or not mine:
        measured = studies_figures.Measured(study, found.group, here, found.references)
        studies_figures.show(measured, f"study-{study.name}")
        studies_section.claims(found)
    studies_smaller.results(study, mine, drawn=here is not None)
    if not found.group and mine:
        studies_section.claims(found)
    studies_section.table(study, found, name)
    studies_section.provenance(found, name)
    studies_section.notes(found)
with page.rail, messages.guard():
    studies_section.published(study)
    url_state.link("studies", "All studies", "arrow_back")
with page.action, messages.guard(), st.spinner("Loading PyTorch…"):  # on the first visit alone
    studies_smaller.button(study, mine)
