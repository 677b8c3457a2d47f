"""Names that would be more than letters wherever a page, a chart, a terminal or a spreadsheet obeyed them."""

HOST = "evil.example"
PAYLOADS = (
    f"<a href='http://{HOST}'>go",
    f"[link](http://{HOST})",
    f"![i](http://{HOST}/i.png)",
    f"https://{HOST}/a",
    f"www.{HOST}",
    f"mail me@{HOST} now",
    ":material/home: evil",
    ":smile: evil",
    ":red[evil]",
    ":streamlit: evil",
    "evil -> evil",
    "evil <-> evil",
    "evil -- evil",
    "evil >= evil",
    f"<img src=x onerror='window.evil=1'>{HOST}",
    "<script>window.evil=1</script>",
    f"evil\n# {HOST}",
    f"evil\n\n- {HOST}",
    "# evil",
    "1. evil",
    "- evil",
    "> evil",
    "| evil | evil |",
    "$evil^2$",
    "`evil`",
    "**evil** _evil_",
    "&lt;b&gt;evil",
    "%{x} evil %{customdata}",
    "<b style='color:red'>evil</b><br>evil",
    f"<{HOST}> <http://{HOST}>",
    "=HYPERLINK('evil')",
    "\x1b[31mevil\x1b]0;evil\x07",
    "\u202elive\u2066 evil",
    f"javascript:alert(1) <svg onload='window.evil=1'> {HOST}",
)


def letters(text: str) -> str:
    """What a reader should see of a payload: one line, with a sign for each control."""
    from pages.ui.kit.plain_text import JOINER, one_line

    return " ".join(one_line(text.replace(JOINER, "")).split())
