"""The recipes of the models that come with the project: `checkpoints/shipped/recipes.toml`, a table for each model."""

import tomllib
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from explorer import Refused, choose
from explorer.models import kind
from explorer.runs import Spec, checked_id, store
from explorer.tasks.training.request import train

FILE = store.SHIPPED / "recipes.toml"


class Recipe(BaseModel, frozen=True, extra="forbid"):
    """How one shipped model is made, and what it shows."""

    name: str
    title: str
    shows: str  # one sentence
    method: str
    data: str
    hyperparameters: dict[str, Any] = {}
    training: dict[str, Any] = {}

    def spec(self) -> Spec:
        """The training; raises `Refused` where it is not allowed, or its data are not here."""
        try:
            return train(self.method, self.data, self.hyperparameters, self.training, title=self.title)
        except Refused as refused:
            raise Refused(f"recipe {self.name}: {refused}") from None


def read(path: Path = FILE) -> dict[str, Recipe]:
    """All recipes by name, in their order; raises `Refused` with the first mistake."""
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise Refused(f"{path.name} cannot be read ({error}): correct it") from None
    return {name: recipe(name, table) for name, table in tables.items()}


def recipe(name: str, table: Any) -> Recipe:
    """One recipe; raises `Refused` where a field is missing, unknown or of the wrong kind."""
    checked_id(name)
    if kind.named(name):
        raise Refused(f"recipe {name}: that is the name of a kind of model; choose another")
    try:
        made = Recipe(name=name, **table) if isinstance(table, dict) else None
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise Refused(f"recipe {name}: '{where}' is wrong ({first['msg'].lower()}); {allowed()}") from None
    if made is None:
        raise Refused(f"recipe {name} is no table: write [{name}] above its fields")
    if not made.shows.strip().endswith("."):
        raise Refused(f"recipe {name}: 'shows' is no sentence; end it with a full stop")
    return made


def allowed() -> str:
    """Which fields a recipe has."""
    fields = [name for name in Recipe.model_fields if name != "name"]
    return f"a recipe has {', '.join(fields)}"


def chosen(only: str, known: dict[str, Recipe]) -> list[Recipe]:
    """The recipes of these names, separated by commas; all where none is named."""
    names = [name.strip() for name in only.split(",") if name.strip()]
    return [choose("recipe", name, known) for name in names] or list(known.values())
