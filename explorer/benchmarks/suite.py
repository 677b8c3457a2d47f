"""The studies: each a question and its arms, as data.

Arms are compared on equal terms: what an arm does not name is the protocol's, or what all contrastive methods share, or
else its method's own default.
"""

from typing import Any

from explorer import descriptions
from explorer.benchmarks import label_efficiency
from explorer.benchmarks.protocol import POOLED, UNTRAINED, Arm, Study

EACH = (100, 200, 500, 1000, 2000, 5000)  # labels of the curve; its last point is the whole training subset
PRETEXT = ("rotation", "relative_patch", "jigsaw", "exemplar", "colorization", "context_encoder", "counting", "cpc")


def zoo() -> list[Arm]:
    """What every method must beat, and every method there is with its own hyperparameters."""
    references = [Arm(name, reference=name) for name in ("pixels", POOLED, "pca:32", *UNTRAINED)]
    return references + [Arm(name, name) for name in descriptions.read().methods]


def breakage() -> list[Arm]:
    """For each method that has ablations: with its defaults, and with each ablation alone."""
    arms = []
    for name, described in descriptions.read().methods.items():
        switches = [*ablations(described.config.hyperparameters), *TOGETHER.get(name, ())]
        if switches:
            arms += [
                Arm(name, name),
                *(
                    Arm(label(name, hyperparameters), name, hyperparameters, against=name)
                    for hyperparameters in switches
                ),
            ]
    return arms


TOGETHER: dict[str, tuple[dict[str, Any], ...]] = {"simclr": ({"jitter": 0.0, "grey": 0.0},)}  # colour is in both


def ablations(schema: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    """The ablations of a method, one hyperparameter each; of a range the mildest value."""
    settings = []
    for name, hyperparameter in schema.items():
        if rule := hyperparameter.get("ablation"):
            values = [*rule["at"], *(rule[bound] for bound in ("least", "most") if rule[bound] is not None)]
            settings += [{name: float(value) if hyperparameter.get("type") == "number" else value} for value in values]
    return settings


def label(name: str, hyperparameters: dict[str, Any]) -> str:
    """The label of a method with some hyperparameters."""
    values = [
        f"{hyperparameter}={value:g}" if isinstance(value, float) else f"{hyperparameter}={value}"
        for hyperparameter, value in hyperparameters.items()
    ]
    return " ".join([name, *values])


def moco_v2() -> list[Arm]:
    """The steps from v1 to v2, table 1 of arXiv:2003.04297."""
    both = {"mlp_head": True, "strong": True}
    cosine = {"schedule": "cosine"}
    return [
        Arm("v1", "moco"),
        Arm("+ mlp head", "moco", {"mlp_head": True}, against="v1"),
        Arm("+ strong augmentation", "moco", {"strong": True}, against="v1"),
        Arm("+ both", "moco", both, against="v1"),
        Arm("+ both + cosine", "moco", both, cosine, against="v1"),
        Arm("+ both + cosine + twice as long", "moco", both, cosine, longer=2, against="v1"),
    ]


def at_batch(batch: int) -> dict[str, Any]:
    """A batch and its rate: the square root rule of adaptive optimizers, Malladi et al. 2022, arXiv:2205.10287."""
    return {"batch": batch, "lr": float(f"{2e-3 * (batch / 256) ** 0.5:.2g}")}


def queue_batch() -> list[Arm]:
    """Negatives from a queue or from the batch; and as many negatives as each mechanism can hold."""
    arms = []
    for batch in (32, 512):
        own = f"end_to_end batch {batch}"
        arms += [
            Arm(own, "end_to_end", train=at_batch(batch)),
            Arm(f"moco batch {batch} queue 4096", "moco", {"queue": 4096}, at_batch(batch), against=own),
        ]
    arms += [Arm(f"end_to_end {n - 1} negatives", "end_to_end", train=at_batch(n)) for n in (64, 256, 1024)]
    for n in (256, 1024, 4096):
        arms += [
            Arm(f"memory bank {n} negatives", "instance_discrimination", {"negatives": n}),
            Arm(f"moco {n} negatives", "moco", {"queue": n}),
        ]
    return arms


def momentum_queue() -> list[Arm]:
    """The grid of m and K."""
    first = "momentum 0.99 queue 4096"
    return [
        Arm(label, "moco", {"momentum": m, "queue": k}, against="" if label == first else first)
        for k in (256, 4096)
        for m in (0.0, 0.9, 0.99, 0.999)
        for label in [f"momentum {m:g} queue {k}"]
    ]


def augmentations() -> list[Arm]:
    """SimCLR with each augmentation left out, and with one alone."""
    colour = {"jitter": 0.0, "grey": 0.0, "blur": 0.0}
    variants = {
        "no crop": {"crop": 1.0},
        "no flip": {"flip": 0.0},
        "no jitter": {"jitter": 0.0},
        "no grey": {"grey": 0.0},
        "no colour at all": {"jitter": 0.0, "grey": 0.0},
        "with blur": {"blur": 0.5},
        "crop alone": {"flip": 0.0, **colour},
        "colour alone": {"crop": 1.0, "flip": 0.0},
    }
    return [
        Arm("all", "simclr"),
        *(Arm(label, "simclr", hyperparameters, against="all") for label, hyperparameters in variants.items()),
    ]


def cpc_v2() -> list[Arm]:
    """The steps from CPC to its second version, each alone, all together, and all but the patch augmentation."""
    steps = {
        "layer norm": {"layer_norm": True},
        "patch augmentation": {"patch_augmentation": True},
        "colour drop": {"colour_drop": 0.5},
        "four directions": {"directions": 4},
        "larger patches": {"patch": 16},
    }
    first = {"layer_norm": False}
    every = {name: value for hyperparameters in steps.values() for name, value in hyperparameters.items()}
    return [
        Arm("v1", "cpc", first),
        *(Arm(f"+ {label}", "cpc", first | hyperparameters, against="v1") for label, hyperparameters in steps.items()),
        Arm("v2: all", "cpc", every, against="v1"),
        Arm("v2 without patch augmentation", "cpc", every | {"patch_augmentation": False}, against="v2: all"),
    ]


def head() -> list[Arm]:
    """Methods that compare z = g(h) and keep h."""
    return [Arm(name, name) for name in ("simclr", "moco", "byol")]


def pretext() -> list[Arm]:
    """Each pretext task alone, and several on one trunk."""
    untrained = [Arm(name, reference=name) for name in UNTRAINED]
    return [*untrained, *(Arm(name, name) for name in PRETEXT), *combination()]


def combination() -> list[Arm]:
    """The switches of `combined`: each task alone against all of them."""
    combined = descriptions.read().methods.get("combined")
    if combined is None:
        return [Arm("combined", "combined")]
    hyperparameters = combined.config.hyperparameters
    tasks = [name for name, hyperparameter in hyperparameters.items() if hyperparameter.get("type") == "boolean"]
    alone = [Arm(f"combined: {task} alone", "combined", {t: t == task for t in tasks}, against="combined: all")
             for task in tasks]  # fmt: skip
    return [Arm("combined: all", "combined", dict.fromkeys(tasks, True)), *alone]


def few_labels() -> list[Arm]:
    """Supervised from scratch on n labels, and what was learned without any."""
    counted = [Arm(f"supervised {n} labels", "supervised", labels=n) for n in EACH]
    return [*counted, Arm("supervised all labels", "supervised"), Arm("simclr", "simclr"), Arm("byol", "byol")]


def linear_pca() -> list[Arm]:
    """A linear code, the best linear code, and a code that need not be linear."""
    arms = []
    for k in (8, 32):
        best, mlp = f"PCA {k}", {"encoder": "mlp"}
        linear, free = {"latent": k, "error": "mse", "linear": True}, {"latent": k, "error": "mse"}
        arms += [
            Arm(best, reference=f"pca:{k}"),
            Arm(f"linear autoencoder {k}", "autoencoder", linear, mlp, against=best),
            Arm(f"autoencoder {k}", "autoencoder", free, mlp, against=best),
        ]
    return arms


STUDIES = {
    study.name: study
    for study in (
        Study("zoo", "What is each method worth on one protocol?", zoo, ranked=True),
        Study("breakage", "What does each part that makes a method work do when it is switched off?", breakage,
              columns={"measured.active dimensions": "active dimensions"}),
        Study("moco-v2", "Does each step from MoCo v1 to v2 help: MLP head, stronger augmentation, cosine schedule, "
              "longer training?", moco_v2, shared=False),
        Study("queue-batch", "Does a queue replace a big batch, and what are more negatives worth in each of the three "
              "mechanisms?", queue_batch, note="The learning rate goes with the square root of the batch; all arms "
              "take the same core-seconds, so small batches make more steps."),
        Study("momentum-queue", "Does momentum give consistency: does m = 0 fail, and the more so with a long queue?",
              momentum_queue),
        Study("augmentations", "Are crop and colour the crucial augmentations?", augmentations, colour=True),
        Study("cpc-v2", "Does each step from CPC to its second version help, and is patch augmentation crucial?",
              cpc_v2, colour=True, note="Larger patches are 16 pixels: half of a 32-pixel image, three in a row."),
        Study("h-z", "Does h beat z = g(h)?", head, extras=("project",),
              columns={"z_knn": "kNN on z", "z_minus_h_knn": "z - h, kNN", "z_linear_100": "linear on z",
                       "z_minus_h_linear_100": "z - h, linear"}),
        Study("pretext", "Is CPC > colorization > relative position > exemplar the order of the pretext tasks, and are "
              "several together better than each alone?", pretext, colour=True, ranked=True),
        Study("few-labels", "Does learning without labels beat supervised learning from scratch when labels are few, "
              "and how many labels is it worth?", few_labels, extras=("labels", "classifier"),
              columns={"accuracy": "its own classifier"}, summary_table=label_efficiency.summary_table,
              note="Supervised arms make as many steps as on the whole subset (at most 1,000 epochs)."),
        Study("linear-pca", "Does a linear autoencoder span the subspace of PCA, and does a non-linear one reconstruct "
              "better?", linear_pca, extras=("subspace", "reconstruction"), columns={
                  "mse": "squared error per pixel", "measured.mean cosine to PCA": "mean cosine to PCA",
                  "measured.cosines of principal angles to PCA": "smallest cosine"},
              note="The encoder is an mlp, or for a linear code none."),
    )
}  # fmt: skip
