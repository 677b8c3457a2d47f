"""How does it work?"""

import streamlit as st

from pages.ui import address, forms, pick, say

ALL = ""  # no method is chosen

say.question("How does it work?")
look = st.container()
picture, controls = st.columns([0.74, 0.26], gap="large")
with picture, st.skeleton(height=420):  # the first visit waits for torch
    from pages.ui import about, measured, recipe
with controls:
    choices = [ALL, *recipe.ordered()]
    words = {name: recipe.label(name) if name else f"All {len(choices) - 1} methods" for name in choices}
    name = address.choice(st.selectbox, "Method", choices, key="method", default=ALL, format_func=words.get)
    found = pick.dataset()

if not name:
    with look:
        say.look(
            "Each of these describes images by numbers, and only the references may know what is on them. **Choose one "
            "to see what it is shown, what it minimises, and its source**: a file of a page or two."
        )
    with picture, say.guard():
        about.overview(found)
    say.stop()

method = about.METHODS[name]
info, training, rule = method.info, method.training({}), about.unmet(name, found)
with controls:
    seed = st.number_input("Seed of the views", 0, 999, 0, key="roll", bind="query-params")
    if not rule:
        address.link("train", f"Train {info.title}", "play_circle", data=found.name, method=name)
    address.link("methods", "All methods", "arrow_back", data=found.name)
with look:
    paper = f"{say.plain(info.family)}, {about.cited(info.paper)}"
    say.look(f"**{info.title}** ({paper}). {info.summary} {about.chance(name, found, training)}")
with picture, say.guard():
    if rule:
        say.empty(f"{info.title} cannot learn from {found.title}", say.plain(say.sentence(rule)))
    else:
        about.seen(name, found, seed)

st.subheader("What it minimises", anchor=False)
with st.container(key="equation"):  # as wide as the page: some are long
    st.latex(info.equation)
st.subheader("Facts", anchor=False)
say.facts(about.facts(method))

st.subheader("Its knobs", anchor=False)
st.markdown(forms.table(method.Config))
with st.expander("The knobs of every training, with this method's defaults"):
    if said := recipe.why_idle(method):
        st.caption(said)
    st.markdown(forms.table(type(training), method.train_defaults, skip=recipe.idle(method)))

st.subheader("What it was worth", anchor=False)
with say.guard():
    measured.panel(method, found.name)

st.subheader("Its source", anchor=False)
path, source = about.source(method)
st.caption(f"{path}: the whole method; everything on this page is read from it")
st.code(source, language="python", line_numbers=True)
