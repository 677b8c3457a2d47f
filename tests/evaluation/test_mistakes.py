"""Which images are taken for which class."""

import numpy as np

from explorer.evaluation import mistakes

TRUTH = np.array([0, 0, 1, 1, 2, 2])
FIRST = np.array([0, 1, 1, 1, 2, 0])
SECOND = np.array([1, 1, 1, 0, 0, 2])
SURE = np.array([0.9, 0.5, 0.7, 0.6, 0.8, 0.95])


def test_a_cell_of_the_confusion_matrix_leads_to_its_images_the_surest_first():
    counts = mistakes.confusion(FIRST, TRUTH, 3)
    assert counts.tolist() == [[1, 1, 0], [0, 2, 0], [1, 0, 1]]
    assert mistakes.in_cell(FIRST, SURE, TRUTH, 1, 1).tolist() == [2, 3]
    assert mistakes.in_cell(FIRST, SURE, TRUTH, 0, 2).tolist() == []
    assert sum(len(mistakes.in_cell(FIRST, SURE, TRUTH, row, column)) for row in range(3) for column in range(3)) == 6


def test_the_most_confident_mistakes_come_first():
    assert mistakes.confident(FIRST, SURE, TRUTH).tolist() == [5, 1]


def test_where_one_is_right_and_the_other_wrong():
    assert mistakes.only_first_right(FIRST, SECOND, TRUTH, SURE).tolist() == [0, 4, 3]
    assert mistakes.only_first_right(SECOND, FIRST, TRUTH, SURE).tolist() == [5]


def test_of_many_classes_those_with_the_most_mistakes_are_shown_in_their_order():
    counts = np.array([[9, 0, 0, 0], [0, 5, 0, 3], [0, 0, 9, 0], [0, 1, 0, 4]])
    assert mistakes.worst_classes(counts, 2).tolist() == [1, 3]
    assert mistakes.worst_classes(counts, 9).tolist() == [0, 1, 2, 3]


def test_the_cell_that_is_opened_first_has_the_most_mistakes():
    assert mistakes.most_frequent(np.array([[9, 0, 0], [0, 5, 3], [1, 0, 9]])) == (1, 2)
    assert mistakes.most_frequent(np.diag([2, 7, 3])) == (1, 1), "nothing is wrong"
