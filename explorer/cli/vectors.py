"""Commands about finished vectors: importing, listing, deleting them."""

import argparse
from contextlib import ExitStack
from pathlib import Path

from explorer.cli.arguments import Parser
from explorer.cli.commands import Command
from explorer.cli.execution import print_answer


def import_command(args: argparse.Namespace) -> None:
    """Import finished vectors from a npy, npz, csv, tsv or parquet file: NAME is then a MODEL, and a DATASET.

    With --pictures, import a folder or a zip of pictures instead: NAME is then a DATASET.
    """
    if args.pictures:
        _import_pictures(args)
        return
    from explorer.tasks.finished_vectors import import_vectors

    more = {"title": args.title, "label_column": args.label_column, "replace": args.replace}
    made = import_vectors(args.vectors, args.labels, args.images, args.name, **more)
    lines = [f"{made.name}: {made.rows:,} vectors of {made.dim:,} numbers", *(f"note: {note}" for note in made.notes)]
    print_answer(args, lines, made._asdict())


def _import_pictures(args: argparse.Namespace) -> None:
    from explorer.tasks import image_import

    path = Path(args.vectors).expanduser()
    with ExitStack() as stack:
        found = image_import.of_folder(path) if path.is_dir() else image_import.of_zip(path, stack, limited=False)
        name = args.name or image_import.name_of(path)
        made = image_import.keep(found, args.title or name, name=name)
    lines = [f"{made.name}: {made.pictures:,} pictures in {len(made.counts):,} classes"]
    lines += [f"note: {note}" for note in made.notes]
    lines += [f"left out: {out.path}: {out.why}" for out in made.left_out]
    print_answer(args, lines, made._asdict())


def import_options(sub: Parser) -> None:
    """Which files belong to the vectors."""
    sub.add_argument("--labels", metavar="FILE", help="labels or any columns, one row for each vector")
    sub.add_argument(
        "--images",
        metavar="FOLDER|ZIP|SPRITE",
        help="pictures named in a column, or in the order of their names; or one sprite",
    )
    sub.add_argument("--name", default="", help="what the model and its data set are called [the file's name]")
    sub.add_argument("--title", default="", help="what lists call them [NAME]")
    sub.add_argument("--label-column", default="", metavar="COLUMN", help="the column that holds the labels")
    sub.add_argument("--pictures", action="store_true", help="it is a folder or zip of pictures, not of vectors")
    sub.add_argument(
        "--replace",
        action="store_true",
        help="take the place of those that have this name, unless models were trained on them",
    )


def vectors_command(args: argparse.Namespace) -> None:
    """List the finished vectors, or delete some with their maps and scores."""
    from explorer.tasks import finished_vectors

    if args.delete:
        finished_vectors.delete(args.delete)
        return print_answer(args, [f"{args.delete} is deleted"], {"deleted": args.delete})
    sets = finished_vectors.listing()
    lines = [
        f"{it.name:24} {it.rows:>9,} x {it.dim:<6,} {len(it.classes):>5,} classes  {it.title}" for it in sets.values()
    ]
    words = {name: it._asdict() for name, it in sets.items()}
    return print_answer(args, lines or ["no finished vectors yet: python -m explorer import FILE"], {"vectors": words})


def vectors_options(sub: Parser) -> None:
    """What to do with them."""
    sub.add_argument(
        "--delete",
        default="",
        metavar="NAME",
        help="delete them, their maps and their scores, unless models were trained on them",
    )


COMMANDS = {
    "import": Command(import_command, ("vectors",), import_options),
    "vectors": Command(vectors_command, options=vectors_options),
}
