"""What the Train page shows before the first training."""

from pages.ui.kit import messages, pictures
from pages.ui.sections import home_maps


def show() -> None:
    """What stands here before the first training."""
    messages.lead_sentence(
        "Nothing is trained yet. These are the digits by the principal components of their raw pixels: **press Train "
        "and watch whether a network separates the classes better**."
    )
    pictures.picture(home_maps.pixels(), "Principal components of the digits' raw pixels")
    messages.provenance(data="Digits", model="raw pixels", map="PCA")
