"""The command that trains the models that come with the project, and checks what their cards state."""

import argparse
import sys
from typing import Any

from explorer import Refused, data
from explorer.cli.arguments import Parser
from explorer.cli.commands import Command
from explorer.cli.execution import print_answer, run_in_process


def shipped_command(args: argparse.Namespace) -> None:
    """Train the models that come with the project from their recipes; what is there already is left as it is."""
    from explorer.tasks.publish import recipes

    asked = recipes.chosen(args.only, recipes.read())
    if args.check:
        rows = [check(recipe) for recipe in asked]
    else:
        specs = {recipe.name: recipe.spec() for recipe in asked if args.only or not missing(recipe)}  # all, then train
        rows = [make(recipe, specs.get(recipe.name), args.again) for recipe in asked]
    print_answer(args, (f"{row['model']}: {row['result']}" for row in rows), {"models": rows})
    if wrong := [row["model"] for row in rows if row.get("holds") is False]:
        raise Refused(f"the cards of {', '.join(wrong)} do not hold: make them again with --again --only")


def missing(recipe: Any) -> str:
    """The title of the recipe's data set where that is not on this machine; else empty."""
    entry = data.catalogue().get(recipe.data)
    return entry.title if entry and not entry.available else ""


def make(recipe: Any, spec: Any, again: bool) -> dict[str, Any]:
    """Train and publish one model, unless it is there or its data are not."""
    from explorer.tasks.publish import rebuild

    if spec is None:
        return {"model": recipe.name, "result": f"left as it is, because {missing(recipe)} is not on this machine"}
    if rebuild.is_current(recipe, spec) and not again:
        changed = [rebuild.reword(recipe), rebuild.unfolded(recipe)]
        result = "completed" if any(changed) else "there already"
        return {"model": recipe.name, "result": result}
    print(f"{recipe.name}: training", file=sys.stderr)
    run = rebuild.training(recipe, spec, again)
    rebuild.finished(recipe, run if run.status.final else run_in_process(run))
    return {"model": recipe.name, "result": "made"}


def check(recipe: Any) -> dict[str, Any]:
    """Measure the stated scores of one model again."""
    from explorer.tasks.publish import rebuild

    if why := rebuild.obstacle(recipe.name):
        return {"model": recipe.name, "result": f"not checked: {why}"}
    scores = rebuild.check(recipe.name)
    words = ", ".join(f"{each.probe} {each.measured:.3f} (stated {each.stated:.3f})" for each in scores)
    scores_hold = all(each.holds for each in scores)
    about = {"scores": [each._asdict() for each in scores], "holds": scores_hold}
    return {"model": recipe.name, "result": words + ("" if scores_hold else " DIFFERS"), **about}


def shipped_options(sub: Parser) -> None:
    """Which models, and what of them."""
    sub.add_argument("--only", default="", metavar="NAME", help="these models alone, separated by commas [all]")
    sub.add_argument("--check", action="store_true", help="train nothing, measure the stated scores again")
    sub.add_argument("--again", action="store_true", help="train what is there already, too")


COMMANDS = {"shipped": Command(shipped_command, options=shipped_options)}
