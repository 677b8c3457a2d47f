"""How does it work?"""

import streamlit as st

from pages.ui.kit import dataset_picker, forms, glossary, layout, messages, url_state

ALL = ""  # no method is chosen

page = layout.page("How does it work?")
with page.context:
    dataset = dataset_picker.choose(place=page.picture)
with page.picture, st.skeleton(height=420):  # the first visit waits for torch
    from pages.ui.kit import method_labels
    from pages.ui.sections import methods as methods_section
    from pages.ui.sections import methods_pictures, methods_results
with page.rail:
    choices = [ALL, *method_labels.ordered()]
    words = {name: method_labels.label(name) if name else f"All {len(choices) - 1} methods" for name in choices}
    name = url_state.choice(st.selectbox, "Method", choices, key="method", default=ALL, format_func=words.get)

if not name:
    with page.lead:
        messages.lead_sentence(
            "Each method learns a representation of images, all but the references without labels. **Choose one to see "
            "its views, loss and source code.**"
        )
    with page.picture, messages.guard():
        methods_section.overview(dataset)
    with st.expander("Glossary: the terms of the field"):
        messages.facts(glossary.listed())
    messages.stop()

method = methods_section.METHODS[name]
info, training, rule = method.info, method.training({}), methods_section.unmet(name, dataset)
with page.action:
    if not rule:
        url_state.link("new", f"Train {info.title}", "play_circle", data=dataset.name, method=name)
with page.rail:
    seed = st.number_input("Seed of the views", 0, 999, 0, key="roll", bind="query-params")
    url_state.link("methods", "All methods", "arrow_back", data=dataset.name)
with page.lead:
    messages.lead_sentence(f"**{info.title}** ({messages.plain(info.family)}). {info.summary}", info.title)
    chance = methods_section.chance(name, dataset, training)
    messages.caption(" ".join(filter(None, [f"Paper: {methods_section.cited(info.paper)}.", chance])))
with page.picture, messages.guard():
    methods_pictures.large(name, dataset, seed)
    if rule:
        messages.empty(
            f"{info.title} cannot learn from {messages.plain(dataset.title)}", messages.plain(messages.sentence(rule))
        )
    else:
        methods_section.show_views(name, dataset, seed)

messages.heading("Loss that it minimises")
with st.container(key="equation"):  # as wide as the page: some are long
    st.latex(info.equation)
messages.heading("Facts")
messages.facts(methods_section.facts(method))

messages.heading("Hyperparameters")
messages.prose(forms.table(method.Config))
with st.expander("Hyperparameters of the training, with this method's defaults"):
    if reason := method_labels.why_idle(method):
        st.caption(reason)
    messages.prose(forms.table(type(training), method.train_defaults, skip=method_labels.idle(method)))

messages.heading("Measured results")
with messages.guard():
    methods_results.panel(method, dataset.name)
    url_state.link("studies", "What the studies ask of all methods", "fact_check")

messages.heading("Source")
path, source = methods_section.source(method)
st.caption(f"{path}: the whole method, from which this page is generated")
st.code(source, language="python", line_numbers=True, wrap_lines=True)
