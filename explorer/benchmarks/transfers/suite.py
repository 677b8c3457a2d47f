"""The studies of transfers, as data."""

from explorer.benchmarks.transfers.study import OWN_HEAD, TransferStudy, Wave
from explorer.evaluation.arms import titles
from explorer.evaluation.arms.config import TUTORIAL

OURS = ("cifar10-simclr", "garments-simclr")  # encoders of this project
IMAGENET = ("squeezenet1_0", "efficientnet_lite0")  # the cheaper one first
FEW = ("1", "5", "10", "50")
ALONG = (*FEW, "100", "500")
OTHERS = tuple(name for name in titles() if name not in ("frozen", "finetune", "scratch"))
AS_TUTORIAL = {name: value for name, value in TUTORIAL.items() if name not in ("labels", "epochs", "keep")}

SOURCES = TransferStudy(
    "transfer-sources",
    "Ants and bees, 244 training images: what is a source worth, is scratch far below frozen, does fine-tuning beat "
    "frozen, and from how many labels on?",
    "hymenoptera_data",
    (
        Wave(IMAGENET, (OWN_HEAD,), ("none",)),
        Wave((*OURS, *IMAGENET), ("frozen",), ("all", *FEW)),
        Wave((*OURS, *IMAGENET), ("finetune", "scratch"), ("all",)),
        Wave((*OURS, *IMAGENET), OTHERS, ("all",)),
        Wave((*OURS, *IMAGENET), ("finetune",), FEW),
    ),
    steps=244,
    options=AS_TUTORIAL,
    titles={
        "cifar10-simclr": "SimCLR, CIFAR-10", "garments-simclr": "SimCLR, Fashion-MNIST",
        "squeezenet1_0": "SqueezeNet 1.0, ImageNet", "efficientnet_lite0": "EfficientNet-Lite0, ImageNet",
    },
    note="The tutorial's protocol with two differences: 4 epochs of all images in place of 15, and the weights of the "
    "last epoch in place of those that the test images choose. ImageNet contains ants and bees: *own head* compares "
    "these two scores of the untouched network",
)  # fmt: skip

FROZEN = TransferStudy(
    "transfer-frozen",
    "Ants and bees with the tutorial's 15 epochs: what is a frozen source worth, with 1 to all labels?",
    "hymenoptera_data",
    (Wave((*OURS, *IMAGENET), ("frozen",), ("all", *FEW)),),
    steps=915,
    options=AS_TUTORIAL,
    titles=SOURCES.titles,
    note="15 epochs of all images; the weights of the last epoch in place of those that the test images choose",
)

LABELS = TransferStudy(
    "transfer-labels",
    "CIFAR-10, 1 to 500 labels per class: what are 45,000 images without labels worth, counted in labels?",
    "cifar10",
    (
        Wave(("cifar10-simclr",), ("frozen",), ALONG),
        Wave(("cifar10-simclr",), ("scratch",), ALONG),
        Wave(("cifar10-simclr",), ("finetune",), ALONG),
    ),
    steps=1000,
    titles={"cifar10-simclr": "SimCLR on 45,000 unlabelled images of CIFAR-10"},
    gap=("scratch", "frozen"),
    note="No learning rate was tuned for any arm",
)

TRANSFERS = {study.name: study for study in (SOURCES, FROZEN, LABELS)}
