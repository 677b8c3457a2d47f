"""How does it work?"""

import streamlit as st

from pages.ui import address, forms, pick, say

say.question("How does it work?")
look = st.container()
picture, controls = st.columns([0.74, 0.26], gap="large")
with picture, st.skeleton(height=420):  # the first visit waits for torch
    from pages.ui import about
with controls:
    titles = {name: method.info.title for name, method in about.METHODS.items()}
    name = address.choice(st.selectbox, "Method", list(titles), key="method", format_func=titles.get)
    found = pick.dataset()
    seed = st.number_input("Seed of the views", 0, 999, 0, key="roll", bind="query-params")

method = about.METHODS[name]
info, training = method.info, method.training({})
unmet = info.needs.unmet(about.spec(found))
with look:
    say.look(f"**{info.title}** ({info.family}). {info.summary} {about.chance(name, found, training)}")
with picture, say.guard():
    if unmet:
        say.empty(f"{info.title} cannot learn from {found.title}", f"It {unmet}: choose another data set.")
    else:
        about.seen(name, found, seed)
with controls:
    address.link("train", f"Train {info.title}", "play_circle", data=found.name, method=name)

left, right = st.columns([0.6, 0.4], gap="large")
with left:
    st.subheader("What it minimises", anchor=False)
    st.latex(info.equation)
with right:
    st.subheader("Facts", anchor=False)
    say.facts(about.facts(method))

st.subheader("Its knobs", anchor=False)
st.markdown(forms.table(method.Config))
with st.expander("The knobs of every training, with this method's defaults"):
    st.markdown(forms.table(type(training), method.train_defaults))

st.subheader("Its source", anchor=False)
path, source = about.source(method)
st.caption(f"{path}: the whole method; everything on this page is read from it")
st.code(source, language="python", line_numbers=True)
