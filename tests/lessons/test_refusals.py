"""A file that is no lesson is refused in one sentence with its line; nothing but a refusal ever comes of a file."""

import random

import pytest

from explorer.evaluation.probes import PROBES, Probe
from explorer.lessons import LessonRefused, classroom, yaml_text
from tests.lessons.lesson_cases import GOOD, broken, checked, line_of

TOO_LONG = "word " * 61
SECOND = "    reveal:\n      rule: compare\n      first: {run"  # the reveal of the last step

WRONG = {  # what is wrong: (old, new, piece in whose line it is named, words of the reason)
    "a page": ("page: embeddings", "page: embedings", "page: embedings", "did you mean 'embeddings'"),
    "a method": ("method: autoencoder", "method: autoencodr", "method: autoencodr", "no method 'autoencodr'"),
    "a data set": ("      data: digits", "      data: digit", "      data: digit", "no data set 'digit'"),
    "a model": ("model: digits-simclr", "model: digits-simcl", "model: digits-simcl", "no model 'digits-simcl'"),
    "a needed model": ("models: [digits-simclr]", "models: [nothing]", "models: [nothing]", "no model 'nothing'"),
    "a hyperparameter": ("latent: 4", "latnt: 4", "latnt: 4", "did you mean 'latent'"),
    "a value": ("latent: 4", "latent: 0", "latent: 0", "greater than or equal to 1"),
    "a value of the training": ("epochs: 2", "epochs: 0", "epochs: 0", "greater than or equal to 1"),
    "what may be changed": ("change: [latent]", "change: [latnt]", "change: [latnt]", "no hyperparameter"),
    "a wrong answer": ("linear, no diff", "other, no diff", "other, no diff", "can never give the answer 'other'"),
    "an answer that is not offered": ("[before, after, neither]", "[before, after]", SECOND, "can give 'neither'"),
    "a study": ("study: linear-pca", "study: linear-pc", "reveal:", "no study 'linear-pc'"),
    "an arm": ("arm: PCA 8", "arm: PCA 9", "reveal:", "did you mean 'PCA 8'"),
    "a number of a study": ("arm: PCA 8, number: mse", "arm: PCA 8, number: mze", "reveal:", "no number 'mze'"),
    "a number of the own run": ("second: {run: own}", "second: {run: own, number: kn}", SECOND, "did you mean 'knn'"),
    "a rule": ("rule: compare", "rule: guess", "rule: guess", "'guess' is no rule"),
    "a picture": ("picture: unfolding", "picture: film", "picture: film", "'film' is no picture"),
    "a job": ("job: training", "job: cooking", "job: cooking", "'cooking' is no job"),
    "a name": ("about: One", "abuot: One", "abuot: One", "'abuot' is no part of a lesson"),
    "a missing part": ("minutes: 5\n", "", "title", "'minutes' is missing"),
    "minutes": ("minutes: 5", "minutes: five", "minutes: five", "minutes 'five' is not allowed"),
    "a long text": ("text: Guess.", f"text: {TOO_LONG}", "text: word", "61 words, and 60 are allowed"),
    "an empty text": ("text: Guess.", "text:", "text:\n", "'text' is empty"),
    "a question without an answer": (SECOND, SECOND.replace("reveal", "xx"), "xx:", "no part of a lesson"),
    "one answer": ("[before, after, neither]", "[before]", "[before]", "at least 2 items"),
    "the same answer twice": ("[before, after, neither]", "[after, after, neither]", "[after", "stands there twice"),
    "a name twice": ("question: Is it", "title: Again\nquestion: Is it", "title: Again", "'title' stands there twice"),
    "a colon": ("question: Is it allowed?", "question: Is it: allowed?", "question: Is it:", "quotation marks"),
    "a tab": ("    show:", "\tshow:", "\tshow:", "spaces"),
    "a bracket": ("answers: [before", "answers: [[before", SECOND, "syntax is wrong"),
    "a reference": ("about: One", "about: &one One", "about: &one", "quotation marks"),
    "a group in the place of a text": ("about: One sentence.", "about: [One]", "about: [One]", "must be a text"),
}  # fmt: skip


def test_the_small_lesson_is_allowed():
    lesson = checked(GOOD)
    assert (lesson.title, len(lesson.steps)) == ("A small lesson", 3)
    assert lesson.steps[2].start.settings["lr"] == "1e-3"


@pytest.mark.parametrize("what", WRONG)
def test_what_is_wrong_is_named_with_its_line(what):
    old, new, piece, words = WRONG[what]
    text = broken(old, new)
    with pytest.raises(LessonRefused) as caught:
        checked(text)
    assert words in caught.value.reason
    assert caught.value.line == line_of(text, piece)
    assert str(caught.value).startswith(f"small.yaml, line {caught.value.line}: ")
    assert "\n" not in str(caught.value)


def test_a_reveal_of_the_own_run_needs_a_start():
    text = GOOD.replace("first: {study: linear-pca, data: fashion_mnist, arm: PCA 8, number: mse}", "first: {run: own}")
    with pytest.raises(LessonRefused, match="no step until here starts one") as caught:
        checked(text)
    assert caught.value.line == line_of(text, "reveal:")


def with_job(job, settings):
    """The small lesson with another job than a training."""
    text = GOOD.replace(
        "      job: training\n      method: autoencoder\n", f"      job: {job}\n      model: digits-simclr\n"
    )
    return text.replace("{latent: 4, epochs: 2, lr: 1e-3}", settings).replace("change: [latent]", "")


TRANSFER, MAP = with_job("transfer", "{arms: [frozen, scratch]}"), with_job("map", "{how: pca}")
OWN = {  # what the own run cannot have: (lesson, first source, second source, words of the reason)
    "mse of a training": (GOOD, "", "number: mse", "no number of a training 'mse'"),
    "a study's number": (GOOD, "", "number: linear_100", "no number of a training 'linear_100'"),
    "an unknown baseline": (GOOD, "baseline: Untraind", "", "did you mean 'Untrained'"),
    "a curve of a baseline": (GOOD, "baseline: Untrained, number: val_loss", "", "no number of a training 'val_loss'"),
    "kNN of a transfer": (TRANSFER, "", "", "no number of a transfer 'knn'"),
    "an arm that is not started": (
        TRANSFER, "number: frozen.test_accuracy", "number: finetune.test_accuracy", "did you mean|choose from frozen",
    ),
    "kNN of a map": (MAP, "", "", "no number of a map 'knn'"),
    "a baseline of a map": (MAP, "baseline: Untrained, number: trustworthiness", "", "a map has no baseline"),
}  # fmt: skip


def own_reveal(text, first, second):
    """The lesson with these sources of the own run in its last reveal."""
    text = text.replace("first: {run: own, baseline: Untrained}", f"first: {{run: own, {first}}}".replace(", }", "}"))
    return text.replace("second: {run: own}", f"second: {{run: own, {second}}}".replace(", }", "}"))


@pytest.mark.parametrize("what", OWN)
def test_a_number_that_the_own_run_will_not_have_is_refused(what):
    text, first, second, words = OWN[what]
    with pytest.raises(LessonRefused, match=words):
        checked(own_reveal(text, first, second))


@pytest.mark.parametrize(
    ("text", "first", "second"),
    [
        (GOOD, "baseline: Raw pixels", "number: knn"),
        (GOOD, "number: val_loss", "number: rank"),
        (TRANSFER, "number: frozen.test_accuracy", "number: scratch.test_accuracy"),
        (MAP, "number: trustworthiness", "number: trustworthiness"),
    ],
)
def test_a_number_that_the_own_run_will_have_is_allowed(text, first, second):
    checked(own_reveal(text, first, second))


@pytest.mark.parametrize("name", PROBES)
def test_the_table_of_a_class_has_a_column_for_every_probe(name):
    assert name in classroom.NUMBERS


@pytest.mark.parametrize("first", ["baseline: Raw pixels", ""])
def test_the_own_run_will_have_the_number_of_every_probe(first, monkeypatch):
    text = own_reveal(GOOD, f"{first}, number: purity".removeprefix(", "), "number: purity")
    with pytest.raises(LessonRefused, match="no number of a training 'purity'"):
        checked(text)
    probe = Probe(lambda bank, queries: 0.0, "purity", "cluster purity", "higher", False, False, "")
    monkeypatch.setitem(PROBES._found(), "purity", probe)
    checked(text)


def test_what_the_own_run_is_compared_with_must_be_there():
    with pytest.raises(LessonRefused, match="no-such-model"):
        checked(GOOD.replace("second: {run: own}", "second: {model: no-such-model}"))


def test_arms_of_different_protocols_cannot_be_compared(monkeypatch):
    from explorer.lessons import sources

    measured = sources.of_arm
    monkeypatch.setattr(sources, "of_arm", lambda *names: measured(*names)._replace(protocol=names[2]))
    with pytest.raises(LessonRefused, match="not measured on one protocol"):
        checked(GOOD)


@pytest.mark.parametrize("seed", range(6))
def test_a_damaged_file_is_refused_or_read_and_nothing_else(seed):
    """Bytes are lost, doubled, exchanged and inserted at random: no error but a refusal comes out."""
    rng, letters = random.Random(seed), [*"\t\n:{}[]&*!|>'\"%@`#-,? \\", "é", "\x00", "\ud800", "- ", "~", "0"]
    for _ in range(60):
        text = GOOD
        for _ in range(rng.randrange(1, 6)):
            at, length = rng.randrange(len(text)), rng.randrange(0, 12)
            piece = rng.choice([rng.choice(letters), "", text[at : at + length] * 2, rng.choice(GOOD.splitlines())])
            text = text[:at] + piece + text[at + length :]
        _refused_or_read(text.encode("utf-8", "surrogatepass"))


@pytest.mark.parametrize(
    "content",
    [b"", b"\xff\xfe", b"- a\n- b\n", b"a: 1\n---\nb: 2\n", b"[" * 5000, b"{a: " * 400, b"a: " + b"x" * 70_000,
     b"? [a]\n: b\n", b"a: !!python/object:os.system x\n", b"title: '\n", b"\xef\xbb\xbftitle: a\n",
     b"%YAML 9.9\n---\na: b\n",
     b"title: \"\\UFFFFFFFF\"\n", b"steps: [[[[[[[[[[[[[[[[a]]]]]]]]]]]]]]]]\n"],
)  # fmt: skip
def test_what_is_no_lesson_at_all_is_refused(content):
    assert _refused_or_read(content) is None


@pytest.mark.parametrize("content", ["[" * 3000, "a: " + "{b: " * 500, "\n".join("  " * i + "a:" for i in range(20))])
def test_what_is_too_deep_is_refused_before_the_rest_is_parsed(content):
    with pytest.raises(LessonRefused, match="levels are too deep"):
        checked(content)


def test_a_file_that_is_too_long_is_not_read(tmp_path, monkeypatch):
    (tmp_path / "long.yaml").write_bytes(b"#" * (yaml_text.MOST + 1))
    monkeypatch.setattr(type(tmp_path), "read_bytes", lambda path: pytest.fail("it was read"))
    with pytest.raises(LessonRefused, match="too long"):
        yaml_text.read(tmp_path / "long.yaml")


def _refused_or_read(content):
    from explorer.lessons import yaml_text
    from explorer.lessons.catalogue import lesson_of

    try:
        return lesson_of(yaml_text.parsed("x.yaml", content))
    except LessonRefused as refusal:
        assert 1 <= refusal.line <= content.count(b"\n") + 2
        assert refusal.reason and "\n" not in refusal.reason
    return None


@pytest.mark.parametrize("word", ["no", "yes", "1e-3", "0.10", "null", "2026-01-01", "0x10", "~"])
def test_a_word_stays_what_the_teacher_wrote(word):
    text = broken("[PCA, linear, no difference]", f"[PCA, {word}, no difference]").replace(
        "second: linear,", f"second: {word},"
    )
    assert checked(text).steps[1].predict.answers == ("PCA", word, "no difference")
