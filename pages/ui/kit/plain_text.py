"""Text of others (a title, a class, a path) for where it is shown: one function for each language that is read there.

    Markdown    `markdown`, under the name `messages.plain`; a teacher's text `messages.readable`
    HTML        `markup`
    Plotly      `palette.words`
    terminal    `explorer.foreign_text.Terminal`, around all output
    CSV         `explorer.foreign_text.cell`

Markdown on Streamlit's pages takes some things up after its escapes are gone: addresses, mail addresses, icons, arrows.
A joiner without width inside of them keeps them letters. It goes along where somebody copies an address; the one from
which our own sentences tell people to fetch a file is left whole, and is a link.
"""

import html
import re

JOINER = "\N{WORD JOINER}"
SPECIAL = re.compile(r"([\\`*_{}\[\]()<>#+!|~$&:-])")
STYLED = re.compile(r"([\\`{}\[\]()<>#+!|~$&:])")  # leaves * and _ alone
ESCAPE = r"\\?"
OURS = r"download\.pytorch\.org/"
LIVE = re.compile(
    rf"{ESCAPE}:(?=//(?!{OURS}))"  # https://
    rf"|{ESCAPE}:(?=(?:material|streamlit)\b)|{ESCAPE}:(?=(?:[\w]|{ESCAPE}[+-])+{ESCAPE}:)"  # :material/home:, :smile:
    rf"|\bwww(?=\.)|(?<=[\w.+-])@(?=(?:\w|{ESCAPE}[-_])+\.\w)"  # www.a.b, a@b.c; not run@best
    rf"|(?<!\S){ESCAPE}[<>=~-](?=(?:{ESCAPE}[<>=-]){{1,2}}(?!\S))",  # arrows and the like
    re.IGNORECASE,
)
NUMBERED = re.compile(r"^(\s*\d{1,9})(?=\\?[.)](?:\s|$))")
SPACES = re.compile(r"[ \t\r\n\f\v\u2028\u2029]+")
# controls, half characters, and what turns around the text that stands beside it
HIDDEN = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")


def one_line(text: str) -> str:
    """A text in one line, without what could not be seen or would change what stands beside it."""
    return HIDDEN.sub("\N{REPLACEMENT CHARACTER}", SPACES.sub(" ", text))


def markdown(text: str) -> str:
    """A text as Markdown that shows it letter by letter, in one line."""
    return _inert(SPECIAL.sub(r"\\\1", one_line(text)))


def styled(text: str) -> str:
    """A text of several lines whose **bold** and *italic* work: links, pictures, formulas and icons do not."""
    lines = (one_line(line) for line in text.split("\n"))
    return _inert(STYLED.sub(r"\\\1", "\n".join(lines)), lists=True)


def _inert(escaped: str, lists: bool = False) -> str:
    made = LIVE.sub(lambda at: at[0] + JOINER, escaped)
    return made if lists else NUMBERED.sub(rf"\1{JOINER}", made)


def markup(text: str) -> str:
    """A text inside HTML, or inside an attribute in quotation marks."""
    return html.escape(one_line(text))
