"""The address of training in earlier versions: it leads on to a run, or to the form."""

from pages.ui.kit import navigation, url_state

asked = {key: url_state.read(key) for key in url_state.names()}
if "run" in asked:
    navigation.forward("runs", run=asked["run"], **{key: asked[key] for key in ("frame",) if key in asked})
navigation.forward("new", **asked)
