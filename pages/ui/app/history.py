"""Keeps corrections of the address out of the browser's history: a fault of Streamlit 1.67.

A widget that is bound to the address takes its own default, and a value that it cannot have, out of the address. Each
such correction is a new entry of the browser's history, so a form whose address spells out its defaults makes a dozen
of them on arrival; and whoever goes back to one of them is corrected, led forward again, and never arrives at the page
before. Here all corrections of a run are one entry, and a run that the browser's back or forward has started makes
none: its address is corrected for the script alone.
"""

from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.state.query_params import QueryParams
from streamlit.runtime.state.session_state_proxy import get_session_state

WAITING = "_unfold_correction"  # of the parameters of a session: whether the browser has yet to hear of one

_send = QueryParams._send_query_param_msg


def send(query: QueryParams) -> None:
    """As Streamlit's own, but for a run that the browser's back or forward has started."""
    ctx = get_script_run_ctx()
    setattr(query, WAITING, False)
    if ctx is None or not ctx.is_history_navigation:
        _send(query)


def remove(query: QueryParams, key: str) -> bool:
    """As Streamlit's own, but the browser hears of it with the next write, or when the page stands."""
    removed = query.discard_param_no_forward_msg(key)
    setattr(query, WAITING, removed or getattr(query, WAITING, False))
    return removed


def settle() -> None:
    """The page stands: the browser hears of all corrections at once."""
    with get_session_state().query_params() as query:
        if getattr(query, WAITING, False):
            query._send_query_param_msg()


def install() -> None:
    """Put these in the place of Streamlit's own; once for a server."""
    QueryParams._send_query_param_msg, QueryParams.remove_param = send, remove
