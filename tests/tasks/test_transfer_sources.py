"""Over all transfers to one data set: which sources count, and whether the ranks agree."""

import pytest

from explorer import runs
from explorer.tasks import request, transfer_sources

MODELS = ("digits-simclr", "digits-byol", "garments-simclr", "garments-vae", "shapes-simclr", "shapes-supervised")


def done(model, frozen, tuned=None, logme=None, **options):
    run = runs.create(request.request("transfer", model, "digits", **{"arms": ("frozen", "finetune")} | options))
    arms = {"frozen": frozen} | ({} if tuned is None else {"finetune": tuned})
    run.write_scores({arm: {"test_accuracy": p} for arm, p in arms.items()} | {"n_test": 359, "logme": logme})
    run.update(state="done")
    return run


def found(amount="10"):
    return transfer_sources.over_sources(runs.listing("transfer"), "digits", amount)


def test_each_source_counts_once_by_the_transfer_that_has_both_arms():
    done("digits-simclr", 0.5, 0.6)
    full = done("digits-byol", 0.8, 0.9, 0.4)
    done("digits-byol", 0.1, arms=("frozen",))  # newer, and of one arm
    done("garments-vae", 0.7, labels_per_class=5)  # of other labels
    runs.create(request.request("transfer", "garments-simclr", "digits"))  # goes on
    sources = found()
    assert [each.model for each in sources] == ["digits-byol", "digits-simclr"], "the best linear probe first"
    assert sources[0].run.id == full.id and sources[0].accuracy("finetune") == 0.9
    assert [each.model for each in found("5")] == ["garments-vae"]


def test_the_ranks_of_few_sources_say_nothing_and_of_six_equal_ones_they_agree():
    for i, model in enumerate(MODELS[:4]):
        done(model, 0.1 * i, 0.2 * i, float(i))
    assert all("4 sources: too few" in each.words for each in transfer_sources.ranks(found()))
    for i, model in enumerate(MODELS[4:], start=4):
        done(model, 0.1 * i, 0.15 * i, None)
    ranks = transfer_sources.ranks(found())
    assert ranks.probe_and_tuned.n == 6 and "the ranks agree" in ranks.probe_and_tuned.words
    assert ranks.logme_and_probe.n == 4


def test_options_in_which_the_sources_differ_are_named():
    done("digits-simclr", 0.5, epochs=3)
    done("digits-byol", 0.5, epochs=4, seeds=2)
    assert transfer_sources.differing(found()) == ["epochs", "seeds"]


@pytest.mark.parametrize(("first", "second", "named"), [
    ({"seed": 1}, {"seed": 2}, ["seed"]),
    ({"augment": True, "draws": 2}, {"augment": True, "draws": 8}, ["draws"]),
    ({"draws": 2}, {"draws": 8}, []),
    ({"arms": ("frozen", "lora"), "rank": 2}, {"arms": ("frozen", "lora"), "rank": 8}, ["rank"]),
    ({"rank": 2}, {"rank": 8}, []),
])  # fmt: skip
def test_an_option_is_named_where_it_is_heeded(first, second, named):
    done("digits-simclr", 0.5, **first)
    done("digits-byol", 0.5, **second)
    assert transfer_sources.differing(found()) == named


def test_images_that_have_changed_are_named_and_another_size_of_them_is_not():
    for model, seen in zip(MODELS, (("a", 0), ("a", 0), ("b", 224)), strict=False):
        run = done(model, 0.5)
        run.write_scores(run.scores() | dict(zip(("data", "size"), seen, strict=True)))
    assert transfer_sources.differing(found()) == []
    run.write_scores(run.scores() | {"size": 0})
    assert transfer_sources.differing(found()) == ["data"]
