"""The job that a step starts, as the request that the form of a full page would make."""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from explorer.errors import choose
from explorer.lessons.format import Map, Start, Training
from explorer.runs import Spec
from explorer.tasks import request
from explorer.tasks.task import TASKS
from explorer.tasks.training import request as training_request

SEEDS = 10_000  # a person's own seed lies below


def own_seed(user: str) -> int:
    """Each person's own seed: the runs of a class then differ as seeds do, and are a sample."""
    return int.from_bytes(sha256(user.encode()).digest()[:4]) % SEEDS if user else 0


def spec(start: Start, changed: Mapping[str, Any], user: str = "", lesson: str = "") -> Spec:
    """The request of a start, with what the student has changed; raises `Refused` where it is not allowed."""
    settings = {**start.settings, **changed}
    if "seed" not in settings and not isinstance(start, Map):
        settings["seed"] = own_seed(user)
    made = _training(start, settings) if isinstance(start, Training) else _about_model(start, settings)
    return made.model_copy(update={"lesson": lesson})


def _training(start: Training, settings: Mapping[str, Any]) -> Spec:
    own, every = sorted_out(start.method, settings)
    return training_request.train(start.method, start.data, own, every)


def _about_model(start: Any, settings: Mapping[str, Any]) -> Spec:
    options = {name: listed(start.job, name, value) for name, value in settings.items()}
    return request.request(start.job, start.model, start.data, **options)


def listed(job: str, name: str, value: Any) -> Any:
    """A setting of several words; one word alone is a list of one."""
    fields = TASKS[job].Config.model_json_schema()["properties"]
    several = fields.get(name, {}).get("type") == "array"
    return tuple([value] if isinstance(value, str) else value) if several else value


def sorted_out(method: str, settings: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The hyperparameters of the method and those of the training, each by its own name; imports torch.

    One that both have is the training's; the method's is then written METHOD-NAME. Raises `Refused` for others.
    """
    places = hyperparameters(method)
    own: dict[str, Any] = {}
    every: dict[str, Any] = {}
    for word, value in settings.items():
        of_method, name = choose(f"hyperparameter of {method}", word, places)
        if not of_method and name == "classes":
            value = tuple([value] if isinstance(value, str) else value)
        (own if of_method else every)[name] = value
    return own, every


def hyperparameters(method: str) -> dict[str, tuple[bool, str]]:
    """By the word that a lesson uses: whether it is the method's own, and its name; imports torch."""
    from explorer.core import TrainConfig
    from explorer.methods import METHODS

    every = TrainConfig.model_fields
    own = METHODS.choose(method).Config.model_fields
    return {
        **{f"{method}-{name}" if name in every else name: (True, name) for name in own},
        **{name: (False, name) for name in every},
    }
