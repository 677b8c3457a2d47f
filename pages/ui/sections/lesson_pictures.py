"""The live pictures of lessons: what a step names, drawn with the parts that the full pages are made of."""

from collections.abc import Callable, Sequence
from itertools import product
from typing import Any

import numpy as np
import streamlit as st

from explorer import data, runs
from explorer.data import DataSet
from explorer.evaluation import neighbours as nearest
from explorer.evaluation import statistics
from explorer.evaluation.projections import PROJECTIONS
from explorer.lessons import pictures as kinds
from explorer.lessons import sources
from explorer.runs import Run
from explorer.tasks import request
from pages.ui.kit import dots, figures, image_picker, messages, pictures
from pages.ui.runs import curves as curve_lines
from pages.ui.runs import job_progress, model_cache, run_labels, timeline
from pages.ui.sections import embeddings as embeddings_section

HEIGHT, OFFERED, NEAR = 300, 12, 8  # pixels of a map, images to choose from, neighbours
AFTER = ("curves", "scores", "study")  # pictures that hold measured numbers: they stand after the guess


def draw(show: Any) -> None:
    """The picture of a step; what cannot be drawn is one sentence in its place."""
    with messages.guard():
        DRAWN[show.picture](show)


def unfolding(show: kinds.Unfolding) -> None:
    """A model through its training."""
    run = runs.get(show.model)
    st.fragment(timeline.scrubber)(run)
    _knn([run])


def curves(show: kinds.Curves) -> None:
    """Several models by their kNN accuracy while they were trained."""
    _knn([runs.get(ref) for ref in show.models], HEIGHT)


def _knn(some: list[Run], height: int = 170) -> None:
    titles = run_labels.titles(some)
    lines = {titles[run.id]: curve_lines.line(run.metrics(), "knn") for run in some}
    lines = {title: line for title, line in lines.items() if len(line[0]) > 1}
    if not lines:
        return
    messages.prose("**kNN accuracy during training** (higher is better)")
    figure = figures.curves(lines, "step", "kNN accuracy", height=height)
    figure.update_yaxes(tickformat=".0%")
    figures.show(figure, "lesson-knn", f"kNN accuracy by step of {', '.join(lines)}")


# -------------------------------------------------------------------------------------------------------- maps


def maps(show: kinds.Maps) -> None:
    """Maps side by side: each model, projection, seed and neighbourhood size."""
    dataset = data.load(show.data)
    specs = {}
    for ref, how, seed, near in product(show.models, show.how, show.seeds, show.neighbours):
        name = _map_name(show, ref, how, seed, near)
        specs[name] = request.request("map", ref, show.data, how=how, seed=seed, neighbours=near)
    jobs = embeddings_section.request(specs)
    embeddings_section.legend(dataset)
    with st.grid(min(2, len(jobs)), min_column_width=240, gap="small"):
        for i, (name, run) in enumerate(jobs.items()):
            with st.container(gap="xxsmall", key=f"lesson-map-{i}"):
                st.markdown(f"**{messages.plain(name)}**")
                one_map(run, dataset, f"lesson-map-{show.data}-{i}", name, show.numbers)


def _map_name(show: kinds.Maps, ref: str, how: str, seed: int, near: int) -> str:
    """What distinguishes a map from the others of its step."""
    parts = [model_cache.title(ref, show.data)] if len(show.models) > 1 or len(show.how) == 1 else []
    parts += [PROJECTIONS[how].title] if len(show.how) > 1 or not parts or len(show.models) == 1 else []
    parts += [f"seed {seed}"] if len(show.seeds) > 1 else []
    parts += [f"{near} neighbours"] if len(show.neighbours) > 1 else []
    return ", ".join(parts)


def one_map(run: Run, dataset: DataSet, key: str, name: str, numbers: bool = True) -> None:
    """A map, or how far its job is."""
    drawn = embeddings_section.opened(run)
    if drawn is None:
        job_progress.wait(run, HEIGHT + 34)
        return
    figure = figures.scatter(drawn.coords, drawn.y, dataset.classes, drawn.rows, size=4.5, height=HEIGHT)
    figure.update_layout(showlegend=False, margin={"l": 0, "r": 0, "t": 0, "b": 0})
    alt = f"Map of {len(drawn.y):,} images of {dataset.title}: {name}, coloured by class"
    about = {"images": pictures.thumbs(dataset, "validation"), "data": dataset.title}
    figures.show(figure, key, alt, **about)
    if numbers:
        messages.caption(_numbers(drawn))


def _numbers(drawn: embeddings_section.Map) -> str:
    """A number of the map, and one of the space, which is the same for all its maps."""
    same = statistics.percent(embeddings_section.agreement(drawn).mean(), len(drawn.y))
    space = f"in the feature space, {same} of nearest neighbours are of the same class"
    return f"trustworthiness **{drawn.trust:.3f}** · {space}"


# ------------------------------------------------------------------------------------------------------ images


def reconstructions(show: kinds.Reconstructions) -> None:
    """Images, and below them what each autoencoder makes of them; no errors, which a question may ask for."""
    from pages.ui.sections import latents as latents_section

    dataset = data.load(show.data)
    for ref in show.models:
        st.markdown(f"**{messages.plain(model_cache.title(ref, show.data))}**")
        latents_section.reconstructed(ref, dataset)
    messages.provenance(data=f"{dataset.title}, validation")


def views(show: kinds.Views) -> None:
    """An image, and what the network sees of it with each setting; the student draws again."""
    from pages.ui.sections import views as views_section

    dataset = data.load(show.data)
    seed = st.session_state.setdefault("_lesson_seed", 0)
    row = int(dataset.probe()[0][seed % 8]) % len(dataset.splits["train"].y)
    for settings in show.settings:
        own = _own(show.method, settings)
        shown = views_section.draws(show.method, own, show.data, dataset.hash, row, seed)
        st.markdown(f"**{messages.plain(_settings(settings))}**")
        pictures.rows({"image": dataset.splits["train"].x[[row]], **shown})
    st.button("Another image, other draws", icon=":material/refresh:", on_click=_again, key="lesson-draw")
    messages.provenance(data=f"{dataset.title}, train", image=row, method=show.method, seed=seed)


def _own(method: str, settings: kinds.Settings) -> dict[str, Any]:
    """The method's own hyperparameters of a setting, as numbers."""
    from explorer.lessons import starts
    from explorer.methods import METHODS

    own, _ = starts.sorted_out(method, settings)
    values = METHODS[method].hyperparameters(own).model_dump(mode="json")
    return {name: values[name] for name in own}


def _settings(settings: kinds.Settings) -> str:
    """A setting in words."""
    return ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in settings.items()) or "with its defaults"


def _again() -> None:
    st.session_state["_lesson_seed"] = st.session_state.get("_lesson_seed", 0) + 1


def neighbours(show: kinds.Neighbours) -> None:
    """An image to choose, and its nearest neighbours by each model."""
    from pages.ui.sections import latents as latents_section

    dataset = data.load(show.data)
    images = dataset.splits["validation"]
    banks = {ref: latents_section.bank(ref, dataset) for ref in show.models}
    rows = sorted(set.intersection(*({*map(int, bank.rows)} for bank in banks.values())))
    offered = sorted(rows[:OFFERED], key=lambda row: images.y[row])
    chosen = st.session_state.get("_lesson_row")
    chosen = chosen if chosen in offered else offered[0]
    alts = {row: f"{dataset.classes[images.y[row]]}, validation image {row}" for row in offered}
    image_picker.tray("lesson-tray", "Choose an image", pictures.thumbs(dataset, "validation"), alts, chosen, _choose)
    shown, names = {}, {}
    for ref, bank in banks.items():
        title = model_cache.title(ref, show.data)
        title = f"{title} ({ref})" if title in shown else title
        near = _nearest(bank.rows, bank.codes, chosen)
        shown[title] = data.thumbnails(dataset, "validation", near)
        names[title] = [f"{dataset.classes[images.y[row]]}, validation image {row}" for row in near]
    pictures.rows(shown, names, marked=1)
    messages.provenance(data=f"{dataset.title}, validation", neighbours=f"nearest by cosine, of {len(rows):,} images")


def _nearest(rows: np.ndarray, codes: np.ndarray, row: int) -> list[int]:
    """The rows of an image and of those nearest to it."""
    at = np.flatnonzero(rows == row)
    index = nearest.nearest(codes, codes[at], NEAR, own=at).index[0]
    return [row, *(int(rows[i]) for i in index)]


def _choose(row: int) -> None:
    st.session_state["_lesson_row"] = row


# ---------------------------------------------------------------------------------------------------- measured


def scores(show: kinds.Scores) -> None:
    """Models by one number on the test images, and the baselines that they must beat."""
    found = [sources.measured(sources.Source(model=ref, number=show.number)) for ref in show.models]
    for name in _baselines(show):
        found.append(sources.measured(sources.Source(model=show.models[0], number=show.number, baseline=name)))
    measured(found, show.number, "lesson-scores")


def study(show: kinds.Study) -> None:
    """Arms of a study."""
    found = [sources.of_arm(show.study, show.data, arm, show.number) for arm in show.arms]
    measured(found, show.number, "lesson-study")


def names(show: Any) -> list[str]:
    """The arms, runs and baselines of a picture of measured numbers, as it shows them; none of another one."""
    if show is None or show.picture not in ("scores", "study"):
        return []
    return list(show.arms) if show.picture == "study" else [*show.models, *_baselines(show)]


def _baselines(show: kinds.Scores) -> list[str]:
    return list((runs.get(show.models[0]).scores() or {}).get("references", {})) if show.baselines else []


def measured(
    found: list[sources.Measured],
    number: str,
    key: str,
    least: float = 0.0,
    limit: float | None = None,
    beside: Sequence[str] = (),
) -> None:
    """Measured numbers as dots with intervals, and where they were read; `least` is the smallest that counts.

    What is also shown `beside` it, of which the names are given, has the same colour there.
    """
    st.markdown(f"**{messages.plain(sources.heading(number))}**")
    order = list(dict.fromkeys([*beside, *(each.of for each in found)]))
    rows = [
        dots.Row(each.label, list(each.values.values()), *each.interval, _seeds(each), colour=order.index(each.of))
        for each in found
    ]
    figure = dots.intervals(rows, sources.is_share(number), least, limit)
    figures.show(figure, key, f"{sources.title(number)} of {', '.join(each.label for each in found)}")
    st.caption(messages.plain(_interval(found)))
    places = dict.fromkeys(each.where for each in found)
    st.caption("Read from: " + messages.plain("; ".join(places)))


def _seeds(each: sources.Measured) -> list[str]:
    return [f"seed {seed}" for seed in each.values] if each.seeded else []


def _interval(found: list[sources.Measured]) -> str:
    parts = ["each dot is one seed, the line runs from the lowest to the highest"] * any(it.seeded for it in found)
    parts += ["the line of a share is its 95% interval"] * any(it.n for it in found)
    return messages.sentence("; ".join(parts)) if parts else "Each dot is one measurement."


DRAWN: dict[str, Callable[[Any], None]] = {
    "unfolding": unfolding,
    "maps": maps,
    "reconstructions": reconstructions,
    "views": views,
    "neighbours": neighbours,
    "curves": curves,
    "scores": scores,
    "study": study,
}
