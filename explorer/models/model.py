"""Anything with an embedding: images, or rows of another modality, in; representation out. Arrays in, arrays out.

Images are `uint8 [N, C, H, W]`, texts `int32 [N, L]`, codes `float32 [N, D]`. What a model can do besides is asked by
name: `can_embed`, `can_train`, `can_decode`, `can_classify`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from functools import cached_property
from importlib.metadata import version
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import adaptive_avg_pool2d

from explorer.core import DataSpec, pixels, unit
from explorer.data import DataSet
from explorer.data.kept import digest
from explorer.models import feature_cache
from explorer.models.batches import BATCH, in_batches, pass_size
from explorer.models.devices import device
from explorer.models.geometry import fit_geometry, network_input

if TYPE_CHECKING:
    from sklearn.decomposition import PCA


class Model(ABC):
    """Anything with an embedding."""

    modality = "image"
    can_embed = True  # False: it knows the rows of its data set by heart, and no other images
    can_train = False  # whether another task may move its weights
    can_decode = False
    can_fill = False  # whether it fills holes in images
    has_prior = False  # whether its codes are drawn to a standard normal
    can_classify = False
    knows_imagenet = False  # whether it scores the classes of ImageNet, which it was trained on
    keeps_features = True  # for whoever asks for them again, if it has an identity

    def __init__(self, ref: str, title: str) -> None:
        self.ref, self.title = ref, title

    @abstractmethod
    def embed(self, x: np.ndarray, batch: int = BATCH) -> np.ndarray:
        """The representation `[N, D]` of images of any size, or of the rows of another modality."""

    def features(self, dataset: DataSet, split: str, rows: np.ndarray | None = None) -> np.ndarray:
        """The representation `[N, D]` of rows of a split (all of them unless named): what probes and maps ask for."""
        x = dataset.splits[split].x
        rows = np.arange(len(x)) if rows is None else np.asarray(rows)
        identity = self.identity() if self.keeps_features else ""
        if identity:
            return feature_cache.features(identity, x, rows, self.embed)
        starts = range(0, max(1, len(rows)), BATCH)  # no more images than these are held at once
        return np.concatenate([self.embed(x[rows[start : start + BATCH]]) for start in starts])

    def identity(self) -> str:
        """All that decides its features besides the images, the source and the arithmetic; "" where nobody knows."""
        return ""

    def on_demand(self, dataset: DataSet, split: str, rows: np.ndarray) -> np.ndarray | OnDemand:
        """The same, computed where a slice is asked for if that takes no time and all of them would fill the memory."""
        return self.features(dataset, split, rows)

    def inputs(self, x: np.ndarray) -> np.ndarray:
        """The images as the model sees them, `uint8`: at its own size and colours, if it has any."""
        return np.asarray(x)

    def project(self, x: np.ndarray, batch: int = BATCH) -> np.ndarray | None:
        """What its loss compares `[N, P]`; None where that is the representation itself, or there is no loss."""
        return None

    def measure(self, x: np.ndarray) -> dict[str, Tensor]:
        """Further numbers about images that the model has of its own, by name."""
        return {}

    def decode(self, z: np.ndarray) -> np.ndarray:
        """The images `uint8` of codes `[N, D]`."""
        raise TypeError(f"{self.title} cannot decode")

    def fill(self, x: np.ndarray, hole: np.ndarray) -> np.ndarray:
        """Images `uint8 [N, C, H, W]` at its own geometry, of which `hole` `bool [N, 1, H, W]` is filled."""
        raise TypeError(f"{self.title} fills no holes")

    def classify(self, x: np.ndarray, batch: int = BATCH) -> np.ndarray:
        """The classes `[N]` that the model itself names."""
        raise TypeError(f"{self.title} is not a classifier")

    def imagenet_scores(self, x: np.ndarray) -> np.ndarray:
        """The scores `[N, 1000]` of ImageNet's classes."""
        raise TypeError(f"{self.title} was not trained on ImageNet")

    def imagenet_names(self) -> tuple[str, ...]:
        """What these classes are called."""
        raise TypeError(f"{self.title} was not trained on ImageNet")


class OnDemand:
    """Features `[N, D]` of which a slice is computed when it is asked for."""

    def __init__(self, model: Model, dataset: DataSet, split: str, rows: np.ndarray) -> None:
        self.model, self.x, self.rows = model, dataset.splits[split].x, rows

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, part: slice | np.ndarray) -> np.ndarray:
        return self.model.embed(self.x[self.rows[part]])

    def __array__(self, dtype: type | None = None, copy: bool | None = None) -> np.ndarray:
        return np.asarray(self[:], dtype)


class Pixels(Model):
    """The image itself, flattened: what every representation must beat."""

    keeps_features = False  # a copy of the images is read no faster than it is made

    def __init__(self, ref: str, title: str, pooling: int = 0) -> None:
        super().__init__(ref, title)
        self.pooling = pooling  # a side of the grid of means; 0 = every pixel

    def identity(self) -> str:
        """There is one for each grid."""
        return f"pixels {self.pooling}" if self.pooling else "pixels"

    def embed(self, x: np.ndarray, batch: int = BATCH) -> np.ndarray:
        """`[N, C*H*W]` in [0, 1], or `[N, C*pooling*pooling]`."""
        x = np.asarray(x).astype(np.float32)
        x /= 255
        if self.pooling:
            x = adaptive_avg_pool2d(torch.from_numpy(x), self.pooling).numpy()
        return x.reshape(len(x), -1)

    def on_demand(self, dataset: DataSet, split: str, rows: np.ndarray) -> OnDemand:
        """Four times as large as the images, and read off them at once."""
        return OnDemand(self, dataset, split, rows)


class PrincipalComponents(Model):
    """The first principal components of the training pixels (at most 10,000 images)."""

    can_decode = True

    def __init__(self, ref: str, title: str, dataset: DataSet, components: int) -> None:
        super().__init__(ref, title)
        self.dataset, self.components, self.shape = dataset, components, dataset.splits["train"].x.shape[1:]

    def _images(self) -> np.ndarray:
        return self.dataset.select("train", subset=10_000)[0].x

    @cached_property
    def pca(self) -> PCA:
        """Scikit-learn's, found when it is first needed: features that are kept need none."""
        from sklearn.decomposition import PCA

        images = self._images()
        flat = images.reshape(len(images), -1).astype(np.float32)
        flat /= 255
        return PCA(min(self.components, *flat.shape), svd_solver="randomized", random_state=0).fit(flat)

    @cached_property
    def _identity(self) -> str:
        return digest("pca", self.components, version("scikit-learn"), version("numpy"), self._images())

    def identity(self) -> str:
        """The number of components and the images that they are found from."""
        return self._identity

    def embed(self, x: np.ndarray, batch: int = BATCH) -> np.ndarray:
        """`[N, components]`."""
        return in_batches(self._codes, x, batch)

    def _codes(self, x: np.ndarray) -> Tensor:
        images = fit_geometry(unit(torch.from_numpy(np.array(x))), self.shape[0], self.shape[-1])
        return torch.from_numpy(self.pca.transform(images.flatten(1).numpy()).astype(np.float32))

    def decode(self, z: np.ndarray) -> np.ndarray:
        """The images that these components add up to."""
        flat = torch.from_numpy(self.pca.inverse_transform(z).astype(np.float32))
        return pixels(flat.view(len(z), *self.shape)).numpy()


class Architecture(NamedTuple):
    """A network of which no number counts, and the images that it is given: what can be said before it is loaded."""

    module: nn.Module
    spec: DataSpec


class Network(Model):
    """A module with `embed`, in eval mode on its device: a method, a bare encoder, a network of another origin.

    `rebuild(seed)` makes the same network with first weights drawn from a seed: what a transfer from scratch needs.
    `recipe` says what it is but for its weights. Features are not kept without one, as of a network that nobody can
    load again, and where code outside this package and torch computes them, which no key knows.
    """

    def __init__(
        self,
        ref: str,
        title: str,
        module: nn.Module,
        spec: DataSpec,
        rebuild: Callable[[int], nn.Module] | None = None,
        recipe: str = "",
    ) -> None:
        super().__init__(ref, title)
        self.module = module.eval().to(device(), memory_format=torch.channels_last)
        self.spec, self.rebuild, self.recipe, self.modality = spec, rebuild, recipe, spec.modality
        self.can_train = rebuild is not None and getattr(module, "can_train", lambda: True)()
        self.can_decode, self.can_classify = (_can(module, name) for name in ("can_decode", "can_classify"))
        self.knows_imagenet, self.can_fill = (_can(module, name) for name in ("knows_imagenet", "can_fill"))
        self.has_prior = bool(getattr(module, "has_prior", False))

    def identity(self) -> str:
        """Its recipe and its weights, as they are now; "" where nobody knows the code of all its parts."""
        if not self.recipe or not all(map(_known, self.module.modules())):
            return ""
        return digest(self.recipe, self.spec, feature_cache.weights(self.module))

    def images(self, x: np.ndarray) -> Tensor:
        """The images, or the rows of another kind, as this network wants them, on its device."""
        return network_input(torch.from_numpy(np.array(x)).to(device()), self.spec)

    def inputs(self, x: np.ndarray) -> np.ndarray:
        """The same as `uint8`."""
        return pixels(self.images(x)).cpu().numpy()

    @property
    def at_once(self) -> int:
        """Images that it looks at in one pass."""
        return pass_size(self.spec.size, device()) if self.modality == "image" else BATCH

    @cached_property
    def dim(self) -> int:
        """Numbers in one representation."""
        return self.embed(np.zeros((1, *self.spec.shape), np.uint8)).shape[1]

    def embed(self, x: np.ndarray, batch: int = BATCH) -> np.ndarray:
        """What the module calls its representation."""
        return self.batched(self.module.embed, x, batch)

    def project(self, x: np.ndarray, batch: int = BATCH) -> np.ndarray | None:
        """What its loss compares `[N, P]`; None where that is the representation itself, or there is no loss."""
        project = getattr(self.module, "project", None)
        with torch.inference_mode():
            if project is None or project(self.images(x[:2])) is None:
                return None
        return self.batched(project, x, batch)

    @torch.no_grad()
    def measure(self, x: np.ndarray) -> dict[str, Tensor]:
        """What its method measures of itself; a bare encoder measures nothing."""
        measure = getattr(self.module, "measure", None)
        return measure(self.images(x)) if measure else {}

    def classify(self, x: np.ndarray, batch: int = BATCH) -> np.ndarray:
        """The classes that its own classifier names."""
        return self.batched(lambda images: self.module.classify(images).argmax(1), x, batch).astype(np.int64)

    def imagenet_scores(self, x: np.ndarray) -> np.ndarray:
        """What its own last layer says."""
        return self.batched(self.module, x)

    def imagenet_names(self) -> tuple[str, ...]:
        """What the classes of its own last layer are called."""
        return self.module.names()

    def batched(self, compute: Callable[[Tensor], Tensor], x: np.ndarray, batch: int = BATCH) -> np.ndarray:
        """`compute` on the images, as this network wants them, so many at a time, or fewer where they are large."""
        return in_batches(lambda part: compute(self.images(part)), x, min(batch, self.at_once))

    @torch.inference_mode()
    def fill(self, x: np.ndarray, hole: np.ndarray) -> np.ndarray:
        """What its method makes of the grey parts; the rest stays."""
        images, where = self.images(x), torch.from_numpy(hole).to(device())
        filled = self.module.fill(images.masked_fill(where, 0.5))
        return pixels(torch.where(where, filled, images)).cpu().numpy()

    @torch.inference_mode()
    def decode(self, z: np.ndarray) -> np.ndarray:
        """The images `uint8` of these codes."""
        return pixels(self.module.decode(torch.from_numpy(np.asarray(z, np.float32)).to(device()))).cpu().numpy()


def _known(module: nn.Module) -> bool:
    """Whether its code is in the key of features: of this package, or of torch or torchvision, whose versions are."""
    return type(module).__module__.startswith(("explorer.", "torch.", "torchvision."))


def _can(module: nn.Module, name: str) -> bool:
    ability = getattr(module, name, None)
    return bool(ability and ability())
