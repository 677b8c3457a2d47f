"""What the tests of stories share."""

import pytest

from tests.tasks.stories.story_cases import parts


@pytest.fixture(scope="package")
def content():
    """The files of a story by name."""
    return parts()
