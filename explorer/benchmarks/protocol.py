"""What a study is made of: a question, arms, and the protocol on which all arms are trained and measured alike."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

from explorer.evaluation.statistics import percent

SHARES = (100, 10, 1)  # percent of the labels from which the probes `by_share` read
POOLED = "pooled pixels"  # the reference that gets the pooling of the protocol, as the untrained networks do
UNTRAINED = ("untrained", "settled")  # references that a seed draws: as drawn, and with batch norms that saw the images
SPELLED = {  # what labels write in small letters
    "byol": "BYOL", "cpc": "CPC", "ica": "ICA", "mlp": "MLP", "moco": "MoCo", "pca": "PCA", "rbm": "RBM",
    "simclr": "SimCLR", "swav": "SwAV", "vae": "VAE",
}  # fmt: skip


@dataclass(frozen=True)
class Protocol:
    """What is the same for every arm. Two rows of different protocols are never compared.

    Every seed draws its own training images, and among them its own labelled ones: so the spread over seeds holds that
    of the training data too. The test images are the same for all.
    """

    seconds: float = 60.0  # core-seconds of training: whole passes over as many of the images as they allow
    subset: int = 30_000  # training images at most; 0 = all
    labels: int = 10_000  # of them, labelled for the probes
    batch: int = 64
    half_resolution: float = 0.9  # share of the steps, for methods whose networks take images of any size
    pooling: int = 2  # for networks with a feature map
    rates: tuple[float, ...] = (1.0, 0.5)  # times the learning rate of the method; the better on validation images
    encoder: str = "conv"
    width: float = 1.0
    size: int = 0  # pixels; 0 = the data set's own
    test: int = 0  # test images; 0 = all
    shared: bool = True  # one head, temperature and schedule for all contrastive methods
    version: int = 2  # another one as soon as code outside of the methods' files changes what a row means

    def as_row(self) -> dict[str, Any]:
        """As it stands in a row."""
        return asdict(self) | {"rates": list(self.rates)}

    @property
    def length(self) -> str:
        """How long a training is."""
        return f"{self.seconds:g} core-seconds"

    def sentences(self, network: str, labels: int, tested: int) -> list[str]:
        """The protocol in words; `network` is empty where all methods have models of their own."""
        images = f"at most {self.subset:,} images" if self.subset else "all images"
        pooled, several = network and self.pooling > 1, len(self.rates) > 1
        parts = [
            f"{self.length} of training on {images}, batch {self.batch}, {network}{labels:,} labelled and {tested:,} "
            "test images, drawn by each seed",
            f"The first {percent(self.half_resolution)} of the steps at half the resolution, where a method can"
            if self.half_resolution else "",
            f"Features are means over a grid of {self.pooling}×{self.pooling}, where there is a map" if pooled else "",
            f"Of {len(self.rates)} learning rates the one that the validation images of the first seed chose"
            if several else "",
        ]  # fmt: skip
        return [part for part in parts if part]

    @property
    def settings(self) -> dict[str, Any]:
        """What it fixes of every training."""
        names = ("subset", "batch", "encoder", "width", "size", "half_resolution", "pooling")
        schedule = {"schedule": "cosine"} if self.shared else {}
        return {name: getattr(self, name) for name in names} | schedule


@dataclass(frozen=True)
class Earlier:
    """The protocol before: as many epochs for every method, whatever they cost, on the same images for every seed.

    Its rows stand, in tables of their own, until their study has been asked again; new ones are not made.
    """

    subset: int
    epochs: int
    encoder: str
    width: float
    size: int
    test: int

    @property
    def length(self) -> str:
        """How long a training is."""
        return f"{self.epochs} epochs"

    def sentences(self, network: str, labels: int, tested: int) -> list[str]:
        """The protocol in words."""
        return [f"An earlier protocol: {labels:,} training images, {self.length}, {network}{tested:,} test images"]


def protocol_of(row: dict[str, Any]) -> Protocol | Earlier | None:
    """The protocol of a row; None where it is of no known version, or there is none."""
    try:
        fields = dict(row["protocol"])
        return Protocol(**fields | {"rates": tuple(fields["rates"])}) if "rates" in fields else Earlier(**fields)
    except (KeyError, TypeError, ValueError):
        return None


@dataclass(frozen=True)
class Arm:
    """One way to get a representation: a method with some hyperparameters, or a reference that is not trained."""

    label: str
    method: str = ""
    hyperparameters: dict[str, Any] = field(default_factory=dict)  # those that differ from the method's own defaults
    train: dict[str, Any] = field(default_factory=dict)  # those that differ from the protocol and the method's defaults
    longer: float = 1.0  # times the core-seconds of the protocol
    labels: int = 0  # learn from so many of the labelled images only
    reference: str = ""  # pixels, pooled pixels, pca:COMPONENTS, untrained, or settled
    against: str = ""  # the label of the arm that it is compared with

    @property
    def words(self) -> str:
        """Its label as people read it: byol predictor off."""
        text = self.label.replace("_", " ").replace("=False", " off").replace("=True", " on").replace("=", " ")
        return " ".join(SPELLED.get(word, word) for word in text.split(" "))

    def definition(self) -> dict[str, Any]:
        """What makes it this arm: a row of an arm that has been changed meanwhile is no row of it."""
        plain = Arm(self.label)
        names = ("method", "hyperparameters", "train", "longer", "labels", "reference")
        return {name: getattr(self, name) for name in names if getattr(self, name) != getattr(plain, name)}


@dataclass(frozen=True)
class Study:
    """A question, and the arms that answer it."""

    name: str
    question: str
    arms: Callable[[], list[Arm]]  # called when they are needed: some studies ask the registry of methods
    colour: bool = False  # whether grey images cannot answer it
    extras: tuple[str, ...] = ()  # what is measured besides: names in `explorer/benchmarks/metrics.py`
    shared: bool = True  # whether its arms have the head, temperature and schedule that all contrastive methods share
    columns: dict[str, str] = field(
        default_factory=dict
    )  # further columns of the table: the field of a row (a.b: b in a), its title
    ranked: bool = False  # the table is sorted by the linear probe, not in the order of the arms
    note: str = ""  # what the reader must know of how it is done
    summary_table: Callable[[dict[str, dict[int, Any]]], str] | None = None  # a last table, of the rows by arm and seed
