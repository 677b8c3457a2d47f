"""A training watched from outside: frames of the probe set, galleries, live probes and health."""

import numpy as np
import torch
from torch import Tensor

from explorer.augment import crop_flip
from explorer.core import Method, MethodConfig, TrainConfig, generator, pixels, unit
from explorer.data import DataSet
from explorer.data.dataset import balanced, numpy_generator
from explorer.evaluation import health, probes, sphere
from explorer.evaluation.probes import Features
from explorer.models.batches import in_batches
from explorer.models.devices import half
from explorer.runs import Run

GALLERY = 16  # images whose pictures a frame keeps
PAIRS = 256  # images of which two crops must stay alike
MEASURED = 500  # images that the meters of a projection and a method's own numbers are taken of
IMAGES, VIEWS = 100, 10  # of which LiDAR is measured
EVERY = 8000  # images between two measurements of LiDAR, whose views then cost about 2% of what training costs


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
        draws = dataset.modality == "image" and hasattr(method.cfg, "draw")
        self.views = views(self.probe[:IMAGES], method.cfg, dataset.source) if draws else None

    def embed(self, x: np.ndarray) -> np.ndarray:
        """Features of images in eval mode."""
        self.method.eval()
        return in_batches(lambda part: self.method.embed(self.images(part)), x)

    @torch.inference_mode()
    def project(self, x: np.ndarray) -> np.ndarray | None:
        """What the loss compares of images, in eval mode; None where that is the representation itself."""
        self.method.eval()
        if self.method.project(self.images(x[:1])) is None:
            return None
        return in_batches(lambda part: self.method.project(self.images(part)), x)

    def images(self, x: np.ndarray) -> Tensor:
        """Rows as the network is given them (images in [0, 1]), on the device."""
        return self.method.spec.numbers(torch.from_numpy(np.array(x)).to(self.where))

    @torch.inference_mode()
    def record(self, step: int, epoch: float, images: int) -> None:
        """Write the frame of this step, its live probes, its health, and what the method measures of itself."""
        features, projected = self.embed(self.probe), self.project(self.probe)
        pictures = self.method.gallery(self.images(self.probe[:GALLERY]))
        gallery = {f"gallery_{name}": pixels(x).cpu().numpy() for name, x in pictures.items()}
        measured = self.method.measure(self.images(self.probe[:MEASURED]))
        vectors = {f"measure_{name}": x.float().cpu().numpy() for name, x in measured.items() if x.ndim}
        compared = {} if projected is None else {sphere.STORED: sphere.packed(projected)}
        self.run.write_frame(step, features=half(features), rows=self.rows, y=self.y, **compared, **gallery, **vectors)
        scalars = {name: x.item() for name, x in measured.items() if not x.ndim}
        scores = probes.live(Features(self.embed(self.bank), self.bank_y), Features(features, self.y))
        where = {"step": step, "epoch": epoch, "images": images}
        meters = self.health(features, projected) | self.lidar(step, images)
        self.run.append({**where, **scalars, **scores, "watched": len(self.y), **meters})

    def health(self, features: np.ndarray, projected: np.ndarray | None) -> dict[str, float]:
        """The meters of the representation, and of the projection where there is one; none while they are no numbers.

        The projection is what a loss without negatives lets collapse first, while the representation may still differ.
        """
        crops = [self.embed(x) for x in self.pairs]  # only images have crops that must stay alike
        kinds = {"": features} | ({} if projected is None else {"project_": projected[:MEASURED]})
        if not all(np.isfinite(z).all() for z in (*crops, *kinds.values())):
            return {}
        meters = {f"{kind}rank": health.effective_rank(z) for kind, z in kinds.items()}
        meters |= {f"{kind}spread": health.feature_std(z) for kind, z in kinds.items()}
        meters |= {"alignment": health.alignment(*crops)} if crops else {}
        return {**meters, "uniformity": health.uniformity(features)}

    def lidar(self, step: int, images: int) -> dict[str, float]:
        """LiDAR of what the loss compares, at unit length; at the first step, the last, and now and then between them.

        The views are the same at every step, so that its curve has no noise of sampling.
        """
        if self.views is None or not self._due(step, images):
            return {}
        projected = self.project(self.views)
        z = self.embed(self.views) if projected is None else projected
        if not np.isfinite(z).all():
            return {}
        return {"lidar": health.lidar(health.unit(z).reshape(-1, VIEWS, z.shape[1]))}

    def _due(self, step: int, images: int) -> bool:
        """Whether so many images were seen since the last measurement that another one costs little beside them."""
        last = next((row["images"] for row in reversed(self.run.metrics()) if "lidar" in row), None)
        return last is None or images - last >= EVERY or step == self.run.status.steps


def pairs(x: np.ndarray, source: str) -> tuple[np.ndarray, np.ndarray]:
    """Two light crops of each image, the same in every run of this data; none mirrored: some images mean their side."""
    rng, images = generator(0, "pairs", source), unit(torch.from_numpy(np.array(x)))
    first, second = (pixels(crop_flip(images, rng, scale=0.5, flip=0)[0]).numpy() for _ in range(2))
    return first, second


def views(x: np.ndarray, cfg: MethodConfig, source: str) -> np.ndarray:
    """VIEWS augmented views of each image `[N, ...]`, one image after another `[N * VIEWS, ...]`.

    They are drawn as the method draws them, the same in every run of this data with this augmentation.
    """
    rng, images = generator(0, "lidar", source), unit(torch.from_numpy(np.array(x)))
    drawn = [pixels(cfg.draw(images, rng)).numpy() for _ in range(VIEWS)]
    return np.stack(drawn, 1).reshape(-1, *drawn[0].shape[1:])
