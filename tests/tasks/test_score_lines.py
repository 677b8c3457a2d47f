"""What scores say in a terminal."""

from explorer.tasks import score_lines

NUMBERS = {
    "knn": 0.96,
    "n_test": 200,
    "majority_share": 0.95,
    "balanced_accuracy": {"knn": 0.5},
    "per_class": {"class": ["often", "rare", "none"], "n": [190, 10, 0], "knn": [1.0, 0.0, None]},
    "caveats": ["There are no test images of none."],
    "seconds": 3.0,
}


def test_an_accuracy_of_imbalanced_classes_has_its_baseline_beside_it():
    assert score_lines.lines(NUMBERS) == [
        "knn: 0.960 (always naming the most frequent class: 0.950; balanced accuracy: 0.500)",
        "n_test: 200",
        "seconds: 3.000",
        "class often: recall knn 1.000 (n = 190)",
        "class rare: recall knn 0.000 (n = 10)",
        "class none: no test images",
        "note: There are no test images of none.",
    ]


def test_balanced_and_older_scores_are_numbers_alone():
    even = NUMBERS | {"majority_share": 0.35, "per_class": NUMBERS["per_class"] | {"n": [70, 66, 64]}, "caveats": []}
    assert score_lines.lines(even) == ["knn: 0.960", "n_test: 200", "seconds: 3.000"]
    assert score_lines.lines({"knn": 0.96, "references": {"Untrained": {}}}) == ["knn: 0.960"]
