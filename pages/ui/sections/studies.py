"""The studies: the list of their questions with what is known, and of one study its verdicts, table and protocol."""

from collections.abc import Iterable, Sequence

import streamlit as st

from explorer import data
from explorer.benchmarks import STUDIES, Arm, Protocol, Study, report, results, suite_claims, verdicts
from explorer.benchmarks.claims import Claim, Learned, Published, Surplus
from explorer.benchmarks.verdicts import Findings, State, Verdict
from pages.ui.kit import dots, figures, messages, series, url_notices, url_state

STUDY, ON = "study", "on"  # in the address: which study, and on which data set
ICONS: dict[State, str] = {
    "holds": "check_circle",
    "refuted": "cancel",
    "no difference": "drag_handle",
    "undecided": "unfold_more",
    "not answered": "help",
    "no rows": "hourglass_empty",
}
COUNTED: dict[State, str] = {"no rows": "without rows yet"}  # of the others the state itself
MANY = 8  # claims that stand unfolded
SCALE = "Another scale: large networks, many images, days of training. Compare the order and the sign, not the values."


def asked() -> Study | None:
    """The study that the address names; None where it names none, or one that there is not."""
    name = url_state.read(STUDY)
    url_notices.handled(STUDY)
    if name and name not in STUDIES:
        known = ", ".join(STUDIES)
        url_notices.note(STUDY, name, sentence=f"There is no study '{name[:40]}': choose one of {known}.")
    return STUDIES.get(name)


# ------------------------------------------------------------------------------------------------------ the list


def best(study: Study) -> tuple[str, Findings]:
    """The data set on which most is known of a study, and what is known; an empty name where there are no rows."""
    known = [(name, verdicts.findings(study, name)) for name in results.datasets(study.name)]
    empty = ("", Findings(None, verdicts.judge(study, None)))
    return max(known, key=lambda pair: _known(pair[1]), default=empty)


def _known(found: Findings) -> tuple[int, int]:
    """What a data set says of a study: first its answers, then its rows."""
    return sum(each.answered for each in found.verdicts), 0 if found.group is None else len(found.group.rows)


def overview() -> str:
    """How many of the studies have an answer."""
    states = [best(study)[1].state for study in STUDIES.values()]
    answered, waiting = sum(state in verdicts.ANSWERS for state in states), states.count("no rows")
    rest = f"; {waiting} {'has' if waiting == 1 else 'have'} no rows yet" if waiting else ""
    return f"**{answered} of {len(states)}** questions of the papers are answered here{rest}. **Choose one** to see."


def listed() -> None:
    """Each question, and the sentence of what is known."""
    with st.grid(3, min_column_width=400, gap="small"):
        for study in STUDIES.values():
            with messages.guard():
                card(study)


def card(study: Study) -> None:
    """A question with its answer, and on which data."""
    name, found = best(study)
    text = lead(found) if name else "**No rows yet**: run it smaller to see a first answer."
    with st.container(border=True, height="stretch", gap="xsmall", key=f"study-{study.name}"):
        st.markdown(f"**{messages.plain(study.question)}**")
        messages.prose(f":material/{ICONS[found.state]}: {text}")
        st.space("stretch")
        with st.container(horizontal=True, vertical_alignment="center"):
            url_state.link("studies", "See the study", "arrow_forward", study=study.name)
            st.caption(messages.plain(title(name)) if name else "")


def badge(state: State) -> str:
    """A state with its icon; where there are no rows, the icon says it."""
    word = f" **{state}** ·" if state != "no rows" else ""
    return f":material/{ICONS[state]}:{word}"


# -------------------------------------------------------------------------------------------------------- one study


def dataset(study: Study) -> str:
    """The data set whose rows are shown: the one on which most is known unless another is chosen; empty without any."""
    names = results.datasets(study.name)
    if not names:
        if name := url_state.read(ON):
            url_notices.note(ON, name, sentence=f"This study has no rows on '{name[:40]}', nor on other data yet.")
        return ""
    first = best(study)[0]
    more = {"format_func": title, "width": 220}

    def missing(name: str) -> str:
        return f"This study has no rows on '{name[:40]}': {title(first)} is shown instead."

    return url_state.choice(st.selectbox, "Data", names, key=ON, default=first, missing=missing, **more)


def title(name: str) -> str:
    """The name of a data set for people."""
    entry = data.catalogue().get(name)
    return entry.title if entry else name


def lead(found: Findings) -> str:
    """The verdict on the first claim that has an answer, with its interval; how many of the claims hold."""
    main, n = found.main, len(found.verdicts)
    if found.group is None or main is None:
        return "**No rows yet**: this study has not been run on this protocol. Run it smaller to see a first answer."
    if not main.measured:
        return f"**Not answered**: {messages.plain(main.reason or 'no rows of these arms yet')}."
    held = sum(each.state == "holds" for each in found.verdicts)
    rest = f" {held} of {n} hold." if n > 1 else ""
    return f"**{main.state.capitalize()}**: {messages.plain(main.claim.text)} {amount(main)}.{rest}"


def amount(verdict: Verdict) -> str:
    """The difference of a verdict with its interval and the number of seeds, in brackets."""
    numbers, times, unit = (verdict.mean, verdict.low, verdict.high), 1, ""
    form = "+.4f"
    if verdict.claim.above:
        form, unit = ".3f", f" against {verdict.claim.above:g}"
    elif verdict.claim.share:
        form, times, unit = "+.1f", 100, " percentage points"
    mean, low, high = (f"{times * each:{form}}".replace("-", "−") for each in numbers)
    return f"({mean}{unit}, {low} to {high}, n = {verdict.n})"


def claims(found: Findings) -> None:
    """Every claim with its verdict; many are folded."""
    words = ", ".join(_counted(*pair) for pair in verdicts.counts(found.verdicts).items())
    if len(found.verdicts) > MANY:
        with st.expander(f"All {len(found.verdicts)} claims: {words}"):
            _lines(found.verdicts)
        return
    messages.heading(f"{len(found.verdicts)} claims: {words}" if len(found.verdicts) > 1 else "The claim")
    _lines(found.verdicts)


def _counted(state: State, n: int) -> str:
    """So many claims have this verdict."""
    return f"{n} {'hold' if state == 'holds' and n > 1 else COUNTED.get(state, state)}"


def _lines(every: Sequence[Verdict]) -> None:
    messages.prose("\n\n".join(map(line, every)))
    messages.caption(
        f"{READING}{_conditions(every)}{PUBLISHED * any(each.claim.published[:1] == '+' for each in every)}"
    )


READING = (
    "Each number is a paired difference, taken seed by seed: its mean, with the 95% confidence interval over n seeds. "
    "A claim holds where the interval lies above zero, and is refuted where it lies below. There is no difference "
    "where it lies within a percentage point of zero; else it is undecided."
)
PUBLISHED = " Published differences are percentage points on ImageNet."


def _conditions(every: Iterable[Verdict]) -> str:
    """When such claims are asked at all."""
    kinds = {type(condition) for each in every for condition in each.claim.conditions}
    learned = "the training has gained a percentage point over its untrained network" if Learned in kinds else ""
    surplus = "images without a label outnumber the labels" if Surplus in kinds else ""
    asked = ", and ".join(filter(None, [learned, surplus]))
    return f" It is asked only where {asked}." if asked else ""


def line(verdict: Verdict) -> str:
    """A claim in one line: its verdict, what was measured or why not, and what the papers say."""
    measured = (
        f" {amount(verdict)}" if verdict.measured else f": {messages.plain(verdict.reason)}" * bool(verdict.reason)
    )
    return f"{badge(verdict.state)} {messages.plain(verdict.claim.text)}{measured}.{_published(verdict.claim)}"


def _published(claim: Claim) -> str:
    return f" *Published: {messages.plain(claim.published)}.*" if claim.published else ""


def published(study: Study) -> None:
    """What the papers report, in small figures on scales of their own."""
    known = suite_claims.of(study).published
    if not known:
        return
    st.markdown("**Published**")
    for i, each in enumerate(known):
        st.caption(messages.plain(each.title))
        alt = f"{each.title}: {', '.join([*each.values, *each.lines])}"
        figures.show(published_figure(each), f"published-{study.name}-{i}", alt, tools=False)
        st.caption(f"Source: {messages.plain(each.source)}.")
    st.caption(SCALE)


def published_figure(each: Published) -> figures.go.Figure:
    """The numbers of a paper as dots, or as lines where they belong to a number."""
    if each.values:
        rows = [dots.Row(name, [value], value, value, role="model") for name, value in each.values.items()]
        return dots.intervals(rows, percent=False, line=dots.LINE - 8)
    several = [series.Series(name, list(of), list(of.values())) for name, of in each.lines.items()]
    if each.joined:
        return series.lines(several, each.x, percent=False, height=260)
    ordered = sorted((x, y, name) for name, of in each.lines.items() for x, y in of.items())
    x, y, names = zip(*ordered, strict=True)
    one = series.Series("published", x, y, labels=names)
    return series.points([one], each.x, percent=False, named=True, height=340)


def table(study: Study, found: Findings, name: str) -> None:
    """All numbers, folded; below, how they were made."""
    if found.group is None:
        return
    shown = report.columns(study, found.group)
    there = [arm for arm in found.group.arms if arm.label in found.group.rows]
    cells = [[messages.plain(column.cell(arm).replace("\\*", "*")) for column in shown] for arm in there]
    with st.expander("All numbers, and the protocol in full"):
        st.markdown(report.grid([column.title for column in shown], cells))
        if study.summary_table and (summary := study.summary_table(found.group.rows)):
            st.markdown(summary)
        messages.caption(messages.plain(report.protocol_text(study, name, found.group)))


def provenance(found: Findings, name: str) -> None:
    """One line: on which images, how long, with how many seeds, where and when."""
    if found.group is None:
        return
    rows, protocol = report.each(found.group), found.group.protocol
    seeds = {row["seed"] for row in rows}
    images = f"at most {protocol.subset:,}" if protocol.subset else "all"
    messages.provenance(
        data=title(name), training=protocol.length, images=images, seeds=len(seeds),
        test_images=f"{rows[0]['n_test']:,}", device=", ".join(sorted({row["hardware"] for row in rows})),
        date=max((str(row.get("date", ""))[:10] for row in rows), default="") or None,
    )  # fmt: skip
    if isinstance(protocol, Protocol):
        messages.caption("Every method was given the same number of core-seconds, and each seed drew its own images.")


def notes(found: Findings) -> None:
    """What was left out of the rows, and what failed: in a sentence each."""
    if found.left_out:
        rows = f"{found.left_out:,} row{'s' * (found.left_out > 1)} of this file {_were(found.left_out)}"
        messages.caveat(f"{rows} left out: damaged, replaced by a later one, or of an unknown protocol")
    if found.others:
        messages.caption(f"{found.others:,} more rows are of other protocols or images, which are not mixed in.")
    for row in _failed(found):
        messages.caveat(f"{Arm(row['arm']).words}, seed {row['seed']}, failed: {row['failed']}")


def _were(n: int) -> str:
    return "was" if n == 1 else "were"


def _failed(found: Findings) -> Sequence[dict]:
    return [row for row in report.each(found.group) if "failed" in row] if found.group else []
