"""What a lesson's file may say. A lesson is written without code; `docs/lessons.md` explains it to teachers."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints, field_validator, model_validator

from explorer.lessons.pictures import Part, Settings, Show
from explorer.lessons.rules import Reveal

WORDS = 60  # of one text: what a student reads before looking
ANSWERS = (2, 5)  # how many buttons a question may have
Short = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
Answer = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60)]
PAGES = ("data", "views", "methods", "latents", "embeddings", "transfer", "train", "new", "runs")  # of the app


def few_words(text: str) -> str:
    """The text; raises `ValueError` where it is empty, or longer than a student reads before looking."""
    text = text.strip()
    if not text:
        raise ValueError("this text is empty: write it or leave it out")
    if (n := len(text.split())) > WORDS:
        raise ValueError(f"this text has {n} words, and {WORDS} are allowed: shorten it, or make two steps of it")
    return text


class Needs(Part):
    """The data sets and the models without which a lesson cannot be held."""

    data: tuple[str, ...] = ()
    models: tuple[str, ...] = ()


class Predict(Part):
    """A question before the measurement, with its answers as buttons."""

    question: Short
    answers: Annotated[tuple[Answer, ...], Field(min_length=ANSWERS[0], max_length=ANSWERS[1])]

    @field_validator("answers")
    @classmethod
    def _different(cls, answers: tuple[str, ...]) -> tuple[str, ...]:
        if twice := next((it for i, it in enumerate(answers) if it in answers[:i]), None):
            raise ValueError(f"the answer '{twice}' stands there twice: give each answer once")
        return answers


class Training(Part):
    """A training that the student starts; its settings are those of the form."""

    job: Literal["training"]
    method: str
    data: str
    settings: Settings = {}
    change: tuple[str, ...] = ()  # hyperparameters that the student may change before


class Transfer(Part):
    """A transfer that the student starts; its settings are those of the form."""

    job: Literal["transfer"]
    model: str
    data: str
    settings: Settings = {}
    change: tuple[str, ...] = ()


class Map(Part):
    """A map that the student has drawn."""

    job: Literal["map"]
    model: str
    data: str
    settings: Settings = {}
    change: tuple[str, ...] = ()


Start = Annotated[Training | Transfer | Map, Field(discriminator="job")]


class Link(Part):
    """The state of a full page: its name, what its address says, and what is hidden."""

    page: str
    label: Short = "Look further"
    address: dict[str, str] = {}
    hide: tuple[Literal["controls"], ...] = ()


class Step(Part):
    """One step: a text, and what goes with it."""

    text: str
    show: Show | None = None
    predict: Predict | None = None
    start: Start | None = None
    reveal: Reveal | None = None
    look: str = ""
    link: Link | None = None

    _few = field_validator("text", "look")(few_words)

    @model_validator(mode="after")
    def _reveal_answers_a_question(self) -> "Step":
        if self.reveal and not self.predict:
            raise ValueError("a reveal needs a question: add 'predict' with its answers")
        if self.predict and not self.reveal:
            raise ValueError("a question needs its measured answer: add 'reveal', which says where it is read")
        return self


class CardPicture(Part):
    """What a card shows: what a model reconstructs, or where it puts the images; or its stored map."""

    model: str
    map: str = ""  # a projection


class Lesson(Part):
    """A lesson: a question, and the steps to its answer."""

    title: Short
    question: Short
    about: str
    minutes: int = Field(ge=1, le=90)
    order: int = Field(1000, ge=0, le=1000)  # its place in the course
    invitation: Annotated[str, StringConstraints(max_length=40)] = ""  # Home offers it first, under these words
    picture: CardPicture | None = None
    needs: Needs = Needs()
    steps: Annotated[tuple[Step, ...], Field(min_length=1, max_length=12)]

    _few = field_validator("about")(few_words)
