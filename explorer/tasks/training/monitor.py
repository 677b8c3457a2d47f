"""A training watched from outside: frames of the probe set, galleries, live probes and health."""

import numpy as np
import torch
from torch import Tensor

from explorer.augment import crop_flip
from explorer.core import Method, TrainConfig, generator, pixels, unit
from explorer.data import DataSet
from explorer.data.dataset import balanced, numpy_generator
from explorer.evaluation import health, probes
from explorer.evaluation.probes import Features
from explorer.models.batches import in_batches
from explorer.models.devices import half
from explorer.runs import Run

GALLERY = 16  # images whose pictures a frame keeps
PAIRS = 256  # images of which two crops must stay alike
MEASURED = 500  # images that a projection is watched on, and that a method's own numbers are taken of


class Monitor:
    """Looks at a training from outside: frames of the probe set, galleries, and probes, whose labels only watch."""

    def __init__(self, run: Run, method: Method, dataset: DataSet, cfg: TrainConfig, where: torch.device) -> None:
        self.run, self.method, self.where = run, method, where
        validation, training = dataset.splits["validation"], dataset.splits["train"]
        kept = [dataset.classes.index(name) for name in dataset.kept(cfg.classes)]
        rows, bank = dataset.probe()
        rows, bank = rows[np.isin(validation.y[rows], kept)], bank[np.isin(training.y[bank], kept)]
        first = balanced(
            validation.y[rows], GALLERY, numpy_generator(dataset.source, "gallery")
        )  # a gallery of all classes
        self.rows = np.concatenate([rows[first], np.delete(rows, first)])
        self.probe, self.bank = validation.x[self.rows], training.x[bank]
        self.y, self.bank_y = validation.y[self.rows], training.y[bank]
        self.pairs = pairs(self.probe[:PAIRS], dataset.source) if dataset.modality == "image" else ()

    def embed(self, x: np.ndarray) -> np.ndarray:
        """Features of images in eval mode."""
        self.method.eval()
        return in_batches(lambda part: self.method.embed(self.images(part)), x)

    def images(self, x: np.ndarray) -> Tensor:
        """Rows as the network is given them (images in [0, 1]), on the device."""
        return self.method.spec.numbers(torch.from_numpy(np.array(x)).to(self.where))

    @torch.inference_mode()
    def record(self, step: int, epoch: float, images: int) -> None:
        """Write the frame of this step, its live probes, its health, and what the method measures of itself."""
        features = self.embed(self.probe)
        pictures = self.method.gallery(self.images(self.probe[:GALLERY]))
        gallery = {f"gallery_{name}": pixels(x).cpu().numpy() for name, x in pictures.items()}
        measured = self.method.measure(self.images(self.probe[:MEASURED]))
        vectors = {f"measure_{name}": x.float().cpu().numpy() for name, x in measured.items() if x.ndim}
        self.run.write_frame(step, features=half(features), rows=self.rows, y=self.y, **gallery, **vectors)
        scalars = {name: x.item() for name, x in measured.items() if not x.ndim}
        scores = probes.live(Features(self.embed(self.bank), self.bank_y), Features(features, self.y))
        where = {"step": step, "epoch": epoch, "images": images}
        self.run.append({**where, **scalars, **scores, "watched": len(self.y), **self.health(features)})

    def health(self, features: np.ndarray) -> dict[str, float]:
        """The meters of the representation, and of the projection where there is one; none while they are no numbers.

        The projection is what a loss without negatives lets collapse first, while the representation may still differ.
        """
        crops = [self.embed(x) for x in self.pairs]  # only images have crops that must stay alike
        kinds = {"": features}
        if (projected := self.method.project(self.images(self.probe[:MEASURED]))) is not None:
            kinds["project_"] = projected.float().cpu().numpy()
        if not all(np.isfinite(z).all() for z in (*crops, *kinds.values())):
            return {}
        meters = {f"{kind}rank": health.effective_rank(z) for kind, z in kinds.items()}
        meters |= {f"{kind}spread": health.feature_std(z) for kind, z in kinds.items()}
        meters |= {"alignment": health.alignment(*crops)} if crops else {}
        return {**meters, "uniformity": health.uniformity(features)}


def pairs(x: np.ndarray, source: str) -> tuple[np.ndarray, np.ndarray]:
    """Two light crops of each image, the same in every run of this data; none mirrored: some images mean their side."""
    rng, images = generator(0, "pairs", source), unit(torch.from_numpy(np.array(x)))
    first, second = (pixels(crop_flip(images, rng, scale=0.5, flip=0)[0]).numpy() for _ in range(2))
    return first, second
