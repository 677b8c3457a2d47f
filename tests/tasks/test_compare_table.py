"""The table of models side by side."""

from explorer.tasks import compare_table, leaderboard


def test_a_network_before_its_training_has_nothing_of_it_and_its_best_weights_not_the_whole_time():
    rows = compare_table.rows(["digits-simclr", "digits-simclr@0", "digits-simclr@best", "pixels"])
    values = {row.name: row.values for row in rows}
    for name in ("trained on", *leaderboard.FACTS):
        assert values[name][0] and values[name][1] is None and values[name][3] is None, name
    assert values["trained on"][2] == "Digits" and values["training images"][2] == 1079
    assert values["seconds"][2] is None
    assert values["method"][:3] == ("simclr",) * 3
