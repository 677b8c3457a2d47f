"""How does it work?"""

import streamlit as st

from pages.ui.kit import dataset_picker, forms, messages, url_state

ALL = ""  # no method is chosen

messages.question("How does it work?")
lead = st.container()
picture, controls = st.columns([0.74, 0.26], gap="large")
with picture, st.skeleton(height=420):  # the first visit waits for torch
    from pages.ui.kit import method_labels
    from pages.ui.sections import methods as methods_section
    from pages.ui.sections import methods_pictures, methods_results
with controls:
    choices = [ALL, *method_labels.ordered()]
    words = {name: method_labels.label(name) if name else f"All {len(choices) - 1} methods" for name in choices}
    name = url_state.choice(st.selectbox, "Method", choices, key="method", default=ALL, format_func=words.get)
    dataset = dataset_picker.choose()

if not name:
    with lead:
        messages.lead_sentence(
            "Each of these methods learns a representation of images; only the references may see labels. **Choose one "
            "to see its views, the loss it minimises and its source**, a file of a page or two."
        )
    with picture, messages.guard():
        methods_section.overview(dataset)
    messages.stop()

method = methods_section.METHODS[name]
info, training, rule = method.info, method.training({}), methods_section.unmet(name, dataset)
with controls:
    seed = st.number_input("Seed of the views", 0, 999, 0, key="roll", bind="query-params")
    if not rule:
        url_state.link("train", f"Train {info.title}", "play_circle", data=dataset.name, method=name)
    url_state.link("methods", "All methods", "arrow_back", data=dataset.name)
with lead:
    paper = f"{messages.plain(info.family)}, {methods_section.cited(info.paper)}"
    messages.lead_sentence(
        f"**{info.title}** ({paper}). {info.summary} {methods_section.chance(name, dataset, training)}"
    )
with picture, messages.guard():
    methods_pictures.large(name, dataset, seed)
    if rule:
        messages.empty(f"{info.title} cannot learn from {dataset.title}", messages.plain(messages.sentence(rule)))
    else:
        methods_section.show_views(name, dataset, seed)

st.header("What it minimises", anchor=False)
with st.container(key="equation"):  # as wide as the page: some are long
    st.latex(info.equation)
st.header("Facts", anchor=False)
messages.facts(methods_section.facts(method))

st.header("Hyperparameters", anchor=False)
st.markdown(forms.table(method.Config))
with st.expander("Hyperparameters of the training, with this method's defaults"):
    if reason := method_labels.why_idle(method):
        st.caption(reason)
    st.markdown(forms.table(type(training), method.train_defaults, skip=method_labels.idle(method)))

st.header("Measured results", anchor=False)
with messages.guard():
    methods_results.panel(method, dataset.name)

st.header("Source", anchor=False)
path, source = methods_section.source(method)
st.caption(f"{path}: the whole method; everything on this page is read from it")
st.code(source, language="python", line_numbers=True, wrap_lines=True)
