"""The report card on the command line."""

from explorer.__main__ import main

QUICK = ("--n", "80", "--labels", "160")


def test_a_drawn_data_set_has_all_eight_beside_its_references(answer, capsys):
    words = ("shapes", *QUICK, "--tree", "((arrow, triangle, square), (crescent, ellipse, heart), (cross, star))")
    found = answer("report", "pca:6", *words)
    assert found["columns"] == ["pca:6", "pixels", "pca", "untrained"] and (found["n"], found["labels"]) == (80, 160)
    downstream, *others = found["desiderata"]
    assert len(others) == 7 and not any(any(row["refused"]) for row in others)
    labels = downstream["numbers"]["labels_90"]["values"]
    assert [value is None for value in labels] == ["not better than" in why for why in downstream["refused"]]
    assert None not in downstream["numbers"]["accuracy"]["values"]
    numbers = {row["name"]: row["numbers"] for row in found["desiderata"]}
    assert all(value is not None for value in numbers["disentanglement"]["mig"]["values"])
    assert [value is None for value in numbers["interpolation"]["off_data"]["values"]] == [False, True, False, True]
    assert set(found["desiderata"][-1]["more"][0]["factors"]) == {"hue", "scale", "rotation", "x", "y", "background"}
    assert main(["report", "pca:6", *words]) == 0
    said = capsys.readouterr().out
    for text in ("80 images, 160 labelled", "mutual information gap", "lower is better", "Hoyer sparsity"):
        assert text in said


def test_what_is_missing_is_said_and_what_is_wrong_refused(answer, capsys):
    assert main(["report", "pixels", "digits", *QUICK]) == 0
    said = capsys.readouterr().out
    assert "note: hierarchy: no tree of these classes is known" in said
    assert "note: disentanglement: the factors of these images are not known" in said
    for words, text in (
        (("pixels", "digits", "--tree", "((0, 1)"), "that is no tree of classes"),
        (("nobody", "digits"), "no model 'nobody'"),
        (("pixels", "digits", "--n", "5"), "n='5' is not allowed"),
    ):
        assert main(["report", *words]) == 2
        assert text in capsys.readouterr().err
