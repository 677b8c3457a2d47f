"""The first principal components of the training pixels."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explorer.errors import Refused
from explorer.models.kind import Kind, kind

if TYPE_CHECKING:
    from explorer.data import DataSet
    from explorer.models.model import Model
    from explorer.models.reference import ModelRef

COMPONENTS, MOST = 32, 1024


@kind("PCA of the pixels", order=2)
class PcaKind(Kind):
    """PCA, `pca` or `pca:COMPONENTS`."""

    def check(self, ref: ModelRef) -> None:
        """Raises `Refused` where the argument is no number of components."""
        if ref.name and not (ref.name.isdigit() and 1 <= int(ref.name) <= MOST):
            raise Refused(f"no model '{ref}': give 1 to {MOST} components, as in pca:{COMPONENTS}")

    def can_decode(self, ref: ModelRef) -> bool:
        """The sum of the components is an image."""
        return True

    def load(self, ref: ModelRef, dataset: DataSet | None) -> Model:
        """Found anew from the data set."""
        from explorer.models.model import PrincipalComponents

        self.check(ref)
        components = int(ref.name or COMPONENTS)
        return PrincipalComponents(str(ref), f"PCA, {components} components", dataset, components)
