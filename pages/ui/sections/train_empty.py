"""What the Train page shows before the first training."""

from pages.ui.kit import messages, pictures
from pages.ui.sections import home_maps


def show() -> None:
    """What stands here before the first training."""
    messages.lead_sentence(
        "Nothing is trained yet. This is where raw pixels put the digits: **press Train and watch whether a network "
        "finds a better order**."
    )
    pictures.picture(home_maps.pixels(), "Map of the digits by their raw pixels")
    messages.provenance(data="Digits", model="raw pixels", map="PCA")
