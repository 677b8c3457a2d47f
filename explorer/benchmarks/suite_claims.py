"""The claims of the studies in `suite.py`, with the numbers that the papers report; one entry for each study."""

from typing import Any

from explorer.benchmarks import claims, published
from explorer.benchmarks.claims import (
    NUMBER,
    Claim,
    Differences,
    Dots,
    Inquiry,
    Learned,
    Lines,
    Point,
    Scatter,
    Smaller,
    Surplus,
    Term,
    better,
)
from explorer.benchmarks.protocol import Arm, Study

LABELS = (100, 200, 500, 1000, 2000, 5000)  # of the claims about few labels
CONTROL, SMALL = "momentum 0.99 queue 4096", "momentum 0.99 queue 256"


def of(study: Study) -> Inquiry:
    """The inquiry of a study; of one that declares none, what its arms say."""
    return INQUIRIES.get(study.name) or claims.default(study)


def step(text: str, arm: str, than: str = "v1", published: str = "") -> Claim:
    """A step of a ladder whose first rung is v1: it is asked only where v1 has learned."""
    return better(text, arm, than, learned=("v1",), published=published)


def ablated(arms: list[Arm]) -> tuple[Claim, ...]:
    """Each method is better than without one of its parts, where it learns; the best known comes first."""
    arms = sorted(arms, key=lambda arm: arm.label != "byol predictor=False")
    return tuple(
        better(f"{Arm(arm.against).words} is better than with {_off(arm.hyperparameters)}", arm.against, arm.label,
               learned=(arm.against,))
        for arm in arms if arm.against
    )  # fmt: skip


def _off(hyperparameters: dict[str, Any]) -> str:
    """What an ablation sets, in words."""
    words = {False: "off", True: "on"}
    named = [(name.replace("_", " "), value) for name, value in hyperparameters.items()]
    return " and ".join(f"{name} {words[it] if isinstance(it, bool) else f'{it:g}'}" for name, it in named)


def few(labels: int, published: str = "") -> Claim:
    """From so many labels a linear probe of SimCLR beats supervised learning from scratch."""
    terms = (Term(1.0, "simclr", f"linear_at.{labels}"), Term(-1.0, f"supervised {labels} labels", "accuracy"))
    conditions = (Surplus("simclr", labels), Learned("simclr"))
    return Claim(f"with {labels:,} labels, SimCLR beats supervised learning", terms, conditions, published=published)


def curve(arm: str) -> tuple[Point, ...]:
    """The linear probe of an arm against the labels."""
    return (*(Point(n, arm, f"linear_at.{n}") for n in LABELS), Point("n_bank", arm))


def projected(arm: str, title: str, published: str = "") -> Claim:
    """A linear probe reads more from h than from z."""
    terms = (Term(1.0, arm, NUMBER), Term(-1.0, arm, f"z_{NUMBER}"))
    return Claim(f"of {title}, h is better than z", terms, (Learned(arm),), published=published)


def spans(k: int) -> Claim:
    """The code of a linear autoencoder lies in the subspace of PCA."""
    terms = (Term(1.0, f"linear autoencoder {k}", "measured.mean cosine to PCA"),)
    return Claim(f"with {k} dimensions, a linear autoencoder spans PCA's subspace", terms, above=0.99,
                 published="1 in theory (doi:10.1016/0893-6080(89)90014-2)")  # fmt: skip


def reconstructs(k: int) -> Claim:
    """A non-linear code of the same width loses less."""
    terms = (Term(1.0, f"PCA {k}", "mse"), Term(-1.0, f"autoencoder {k}", "mse"))
    return Claim(f"with {k} dimensions, a non-linear autoencoder has a smaller error", terms)


def alone(arms: list[Arm]) -> tuple[Claim, ...]:
    """The order of the pretext tasks, and several of them against each alone."""
    singles = [arm.label for arm in arms if arm.against == "combined: all"]
    several = [
        better(f"several tasks are better than {_task(label)}", "combined: all", label,
               learned=("combined: all",))
        for label in singles
    ]  # fmt: skip
    return (
        _before("cpc", "colorization", "+9.1"),
        _before("colorization", "relative_patch", "+3.4"),
        _before("relative_patch", "exemplar", "+4.7"),
        *several,
    )


def _task(label: str) -> str:
    return Arm(label.removeprefix("combined: ")).words


def _before(arm: str, other: str, published: str) -> Claim:
    words = f"{Arm(arm).words} is better than {Arm(other).words}"
    return better(words, arm, other, learned=(arm, other), published=published)


NEGATIVES = Lines(
    "negatives",
    {
        "within the batch": (
            Point(31, "end_to_end batch 32"), Point(63, "end_to_end 63 negatives"),
            Point(255, "end_to_end 255 negatives"), Point(511, "end_to_end batch 512"),
            Point(1023, "end_to_end 1023 negatives"),
        ),
        "memory bank": tuple(Point(n, f"memory bank {n} negatives") for n in (256, 1024, 4096)),
        "MoCo": tuple(Point(n, f"moco {n} negatives") for n in (256, 1024, 4096)),
        "MoCo, batch 32": (Point(4096, "moco batch 32 queue 4096"),),
        "MoCo, batch 512": (Point(4096, "moco batch 512 queue 4096"),),
    },
)  # fmt: skip
MOMENTA = Lines(
    "queue size K",
    {
        f"m = {m}": tuple(Point(k, f"momentum {m} queue {k}") for k in (256, 4096))
        for m in ("0", "0.9", "0.99", "0.999")
    },
)
CURVES = Lines(
    "labels",
    {
        "supervised": (
            *(Point(n, f"supervised {n} labels", "accuracy") for n in LABELS),
            Point("n_train", "supervised all labels", "accuracy"),
        ),
        "SimCLR": curve("simclr"),
        "BYOL": curve("byol"),
    },
    "accuracy",
)


def ranks(text: str, arm: str, than: str, published: str, learned: tuple[str, ...] = ()) -> Claim:
    """A method is better than another one, where it learns."""
    return better(text, arm, than, learned=learned or (arm,), published=published)


def queue(text: str, arm: str, than: str, published: str = "") -> Claim:
    """About negatives, where both learn."""
    return better(text, arm, than, learned=(arm, than), published=published)


INQUIRIES: dict[str, Inquiry] = {
    "zoo": Inquiry(
        (
            ranks("SimCLR is better than instance discrimination", "simclr", "instance_discrimination", "+15.3"),
            ranks("MoCo is better than instance discrimination", "moco", "instance_discrimination", "+6.6"),
            ranks("SimCLR is better than MoCo v1", "simclr", "moco", "+8.7", ("simclr", "moco")),
            ranks("SimCLR is better than rotation prediction", "simclr", "rotation", "+13.9", ("simclr", "rotation")),
            ranks("supervised learning is better than SimCLR", "supervised", "simclr", "+7.2", ("simclr",)),
        ),
        (Scatter(), Dots(ranked=True)),
        Smaller(("simclr", "instance_discrimination", "supervised")),
        published.ZOO,
    ),
    "breakage": Inquiry(
        ablated,
        (Differences(),),
        Smaller(("byol", "byol predictor=False", "byol stop_gradient=False")),
        published.BREAKAGE,
    ),
    "moco-v2": Inquiry(
        (
            step("both together are better than v1", "+ both", published="+6.7"),
            step("an MLP head helps", "+ mlp head", published="+5.6"),
            step("stronger augmentation helps", "+ strong augmentation", published="+2.8"),
            step("the cosine schedule helps further", "+ both + cosine", "+ both", "+0.2"),
            step("training twice as long helps further", "+ both + cosine + twice as long", "+ both + cosine",
                 "+3.6 (four times as long)"),
        ),
        (Dots(),),
        Smaller(("v1", "+ both"), epochs=100),
        published.MOCO_V2,
    ),
    "queue-batch": Inquiry(
        (
            queue("batch 32 with a queue beats batch 512 without", "moco batch 32 queue 4096", "end_to_end batch 512",
                  "+0.9 (MoCo v2 at 256, SimCLR at 8,192)"),
            queue("with batch 32, a queue helps", "moco batch 32 queue 4096", "end_to_end batch 32",
                  "+5.6 (both at 256)"),
            queue("more negatives within the batch help", "end_to_end 1023 negatives", "end_to_end 63 negatives"),
            queue("more negatives in MoCo's queue help", "moco 4096 negatives", "moco 256 negatives"),
            queue("more negatives from a memory bank help", "memory bank 4096 negatives", "memory bank 256 negatives"),
            queue("a queue is better than a memory bank", "moco 4096 negatives", "memory bank 4096 negatives", "+2.6"),
        ),
        (NEGATIVES,),
        Smaller(("end_to_end batch 32", "end_to_end batch 512", "moco batch 32 queue 4096"), epochs=60),
        published.QUEUE_BATCH,
    ),
    "momentum-queue": Inquiry(
        (
            better("momentum 0.99 is better than 0", CONTROL, "momentum 0 queue 4096", learned=(CONTROL,),
                   published="m = 0 does not train"),
            better("momentum 0.99 is better than 0, with a short queue", SMALL, "momentum 0 queue 256",
                   learned=(SMALL,)),
            better("momentum 0.99 is better than 0.9", CONTROL, "momentum 0.9 queue 4096", learned=(CONTROL,),
                   published="+2.6"),
            better("momentum 0.999 is better than 0.99", "momentum 0.999 queue 4096", CONTROL, learned=(CONTROL,),
                   published="+1.2"),
            Claim("momentum 0 costs more with a longer queue",
                  (Term(1.0, CONTROL, NUMBER), Term(-1.0, "momentum 0 queue 4096", NUMBER), Term(-1.0, SMALL, NUMBER),
                   Term(1.0, "momentum 0 queue 256", NUMBER)),
                  (Learned(CONTROL), Learned(SMALL))),
        ),
        (MOMENTA,),
        Smaller((SMALL, "momentum 0 queue 256"), epochs=100),
        published.MOMENTUM,
    ),
    "augmentations": Inquiry(
        (
            better("all are better than without colour jitter and grey", "all", "no colour at all", learned=("all",)),
            better("all are better than without crops", "all", "no crop", learned=("all",)),
            better("colour matters more than the flip", "no flip", "no colour at all", learned=("all",)),
            better("crops matter more than the flip", "no flip", "no crop", learned=("all",)),
            better("all are better than crops alone", "all", "crop alone", learned=("all",),
                   published="+23.2 (crop and colour against crop)"),
            better("all are better than colour alone", "all", "colour alone", learned=("all",),
                   published="+37.5 (crop and colour against colour)"),
        ),
        (Dots(ablations=True),),
        Smaller(("all", "no colour at all"), "shapes", 24, 1000, number=NUMBER),
        published.AUGMENTATIONS,
    ),
    "cpc-v2": Inquiry(
        (
            step("all steps together help", "v2: all", published="+15.1 (and ResNet-50 for ResNet-101)"),
            better("v2 is better with patch augmentation than without", "v2: all", "v2 without patch augmentation",
                   learned=("v2: all",)),
            *(step(f"{name} helps" if name[-1] != "s" else f"{name} help", f"+ {name}")
              for name in ("layer norm", "patch augmentation", "colour drop", "four directions", "larger patches")),
        ),
        (Dots(),),
        Smaller(("v1", "v2: all"), "shapes", 12, 1000, number=NUMBER),
        published.CPC_V2,
    ),
    "h-z": Inquiry(
        (
            projected("simclr", "SimCLR", "more than +10 (arXiv:2002.05709, section 4.2)"),
            projected("moco", "MoCo"),
            projected("byol", "BYOL"),
        ),
        (Dots({NUMBER: "h", f"z_{NUMBER}": "z"}),),
        Smaller(("simclr", "byol")),
    ),
    "pretext": Inquiry(
        alone,
        (Dots(ranked=True),),
        Smaller(("colorization", "relative_patch", "exemplar"), "shapes", 12, 1000, number=NUMBER),
        published.PRETEXT,
    ),
    "few-labels": Inquiry(
        (few(100, "+27.1 (1% of the labels, top-5)"), few(200), few(500), few(1000, "+7.4 (10% of the labels, top-5)"),
         few(2000), few(5000)),
        (CURVES,),
        Smaller(("supervised 100 labels", "supervised 500 labels", "simclr")),
        published.FEW_LABELS,
    ),
    "linear-pca": Inquiry(
        (
            spans(8), spans(32), reconstructs(8), reconstructs(32),
            better("a non-linear autoencoder has a smaller error than a linear", "linear autoencoder 8",
                   "autoencoder 8", number="mse"),
            better("a smaller error gives a better linear probe", "autoencoder 8", "PCA 8"),
        ),
        (Dots({"mse": ""}),),
        Smaller(("linear autoencoder 8", "autoencoder 8")),
    ),
}  # fmt: skip
