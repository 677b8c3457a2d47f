"""The numbers that the papers report for what the studies ask, each with its source: facts, on scales of their own."""

from explorer.benchmarks.claims import Published

IMAGENET = "ImageNet, linear classifier, top-1 accuracy (%)"
LECTURES = "the lectures' tables"
TOP5 = {  # by the share of the labels, in percent
    "CPC v2, fine-tuned": {1: 77.9, 5: 88.6, 10: 91.2, 50: 95.6, 100: 96.5},
    "SimCLR": {1: 75.5, 10: 87.8},
    "supervised ResNet-200": {1: 44.1, 5: 75.2, 10: 83.9, 50: 93.1, 100: 95.2},
    "supervised ResNet-50": {1: 48.4, 10: 80.4},
}
PARAMETERS = {  # millions of parameters: accuracy
    "AMDIM": {626: 68.1}, "BigBiGAN": {86: 61.3}, "CMC": {188: 68.4}, "CPC v1": {28: 48.7},
    "CPC v2": {24: 63.8, 305: 71.5}, "instance discrimination": {24: 54.0}, "local aggregation": {24: 58.8},
    "MoCo": {24: 60.6, 375: 68.6}, "PIRL": {24: 63.6}, "rotation": {86: 55.4}, "SimCLR": {24: 69.3},
    "supervised": {24: 76.5},
}  # fmt: skip


ZOO = (Published(IMAGENET, LECTURES, lines=PARAMETERS, x="parameters (millions)", joined=False),)

BREAKAGE = (
    Published(
        f"SimSiam, {IMAGENET}",
        "arXiv:2011.10566, tables 1 and 2",
        {"SimSiam": 67.7, "without predictor": 0.1, "without stop-gradient": 0.1},
    ),
    Published(
        f"BYOL after 300 epochs, {IMAGENET}",
        "arXiv:2006.07733, table 5",
        {"BYOL": 72.5, "without predictor": 0.2, "without moving average": 0.3},
    ),
)

MOCO_V2 = (
    Published(
        IMAGENET,
        "arXiv:2003.04297, table 1",
        {
            "v1": 60.6,
            "+ mlp head": 66.2,
            "+ strong augmentation": 63.4,
            "+ both": 67.3,
            "+ both + cosine": 67.5,
            "+ both + cosine, 800 epochs": 71.1,
        },
    ),
)

QUEUE_BATCH = (
    Published(
        IMAGENET,
        "arXiv:2003.04297, tables 1 and 2; after 200 epochs",
        {"MoCo v2, batch 256": 67.5, "SimCLR, batch 256": 61.9, "SimCLR, batch 8,192": 66.6},
    ),
)

MOMENTUM = (
    Published(
        IMAGENET,
        "arXiv:1911.05722, section 4.1; m = 0 does not train",
        {"m = 0.9": 55.2, "m = 0.99": 57.8, "m = 0.999": 59.0, "m = 0.9999": 58.9},
    ),
)

AUGMENTATIONS = (
    Published(
        f"SimCLR, {IMAGENET}",
        "arXiv:2002.05709, figure 5",
        {"crop, then colour": 56.3, "crop alone": 33.1, "colour alone": 18.8},
    ),
)

CPC_V2 = (Published(IMAGENET, LECTURES, {"CPC v1": 48.7, "CPC v2, ResNet-50": 63.8, "CPC v2, ResNet-161": 71.5}),)

PRETEXT = (
    Published(
        f"ResNet-101, {IMAGENET}",
        "arXiv:1807.03748, table 3; motion segmentation was learned from video",
        {"CPC": 48.7, "colorization": 39.6, "relative position": 36.2, "exemplar": 31.5, "motion segmentation": 27.6},
    ),
    Published(
        "ImageNet, linear classifier, top-5 accuracy (%)",
        "arXiv:1708.07860, as the lectures quote it",
        {
            "all four together": 69.3,
            "colorization": 62.5,
            "relative position": 59.2,
            "exemplar": 53.1,
            "motion segmentation": 48.3,
        },
    ),
)

FEW_LABELS = (Published("ImageNet, top-5 accuracy (%)", LECTURES, lines=TOP5, x="labels (%)"),)
