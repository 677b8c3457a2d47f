"""The terms of the field that the interface uses, each explained once, in one sentence of at most 30 words."""

from typing import NamedTuple


class Term(NamedTuple):
    """A term, what it means, its other spellings, and a paper that defines it."""

    name: str
    sentence: str
    spellings: tuple[str, ...] = ()  # the plural with -s needs no entry
    paper: str = ""

    def words(self) -> tuple[str, ...]:
        """Every way in which a text may spell it."""
        return (self.name, *self.spellings)


GLOSSARY = (
    # ----------------------------------------------------------------------------- networks and what they compute
    Term("representation", "The vector that an encoder computes for an image; a good one puts similar images close."),
    Term("features", "The numbers of a representation: one vector for each image.", ("feature",)),
    Term("encoder", "The network whose output is the representation of an image."),
    Term(
        "pooling",
        "Averaging a feature map over all places, or over each part of a grid: a grid keeps more of where things are.",
        ("pooled",),
    ),
    Term(
        "progressive resizing",
        "Training on small images first and on full-size ones at the end, which saves computation.",
        ("half resolution", "half the resolution"),
    ),
    Term("decoder", "The network that turns a latent code back into an image."),
    Term("autoencoder", "An encoder and a decoder that are trained together to reconstruct their input."),
    Term("latent code", "The vector in which an autoencoder stores an image; the decoder receives nothing else."),
    Term("latent dimension", "One number of the latent code; their count is the width of the bottleneck."),
    Term("latent space", "The space of all latent codes; each of its points is one code."),
    Term("bottleneck", "The narrowest layer of an autoencoder; all information about an image has to pass through it."),
    Term("reconstruction", "The image that a decoder computes from a latent code.", ("reconstructed", "reconstructs")),
    Term("latent interpolation", "Decoding points on the line between two latent codes.", ("interpolation",)),
    Term("latent traversal", "Varying one latent dimension while all others stay fixed."),
    Term(
        "projection head",
        "A small network between the representation and a contrastive loss; it is discarded after training.",
        paper="arXiv:2002.05709",
    ),
    Term(
        "predictor",
        "In BYOL, a small network that predicts the target network's projection of the other view.",
        paper="arXiv:2006.07733",
    ),
    Term(
        "momentum encoder",
        "A copy of the encoder whose weights are a moving average of the encoder's past weights.",
        ("target network", "key encoder"),
        "arXiv:1911.05722",
    ),
    Term(
        "stop-gradient",
        "Treats the output of a network as a constant, so that no gradient flows back through it.",
        ("stop gradient",),
        "arXiv:2011.10566",
    ),
    Term("batch norm", "Batch normalisation: standardises each feature over the images of a batch."),
    Term("layer norm", "Layer normalisation: standardises the features of each image by themselves."),
    # ------------------------------------------------------------------------------------------ training
    Term("hyperparameter", "A setting that is chosen before training rather than learned, such as the learning rate."),
    Term("epoch", "One pass over all training images."),
    Term(
        "training step",
        "One update of the network's weights, computed from one batch of images.",
        ("at step", "first step", "steps of training"),
    ),
    Term("batch", "The images from which one training step is computed; their number is the batch size.", ("batches",)),
    Term("seed", "A number that fixes all random choices; the same seed gives the same result."),
    Term("learning rate", "How far the weights move along the gradient in one training step."),
    Term("weight decay", "Shrinks all weights slightly in every training step, which limits their size."),
    Term(
        "learning rate schedule",
        "How the learning rate changes during training: constant, or falling to zero along a cosine.",
        ("cosine schedule",),
    ),
    Term("optimizer", "The rule by which gradients change the weights, such as SGD or AdamW."),
    Term("gradient", "The direction in weight space in which the loss rises fastest; training moves against it."),
    Term("momentum", "Keeps a moving average: in SGD of past gradients, in a momentum encoder of past weights."),
    Term("checkpoint", "The stored weights and optimizer state of a training, from which it can continue."),
    Term(
        "loss",
        "The quantity that training minimises; it measures how badly the network solves its task.",
        ("losses",),
    ),
    Term("cross entropy", "A loss for predicted probabilities: minus the logarithm of the probability of the truth."),
    Term("squared error", "The square of the difference between prediction and target, averaged over pixels."),
    Term(
        "KL term",
        "Kullback-Leibler divergence: how far one probability distribution is from another.",
        ("KL divergence", "KL"),
    ),
    Term(
        "kernel estimate",
        "A density made of a small Gaussian around each known point, all of one width.",
    ),
    Term("prior", "The distribution of latent codes that is assumed before an image is seen."),
    Term(
        "overfitting",
        "The network memorises its training images: their loss still falls while the validation loss rises.",
        ("overfits", "overfit", "memorising"),
    ),
    Term("sweep", "Several trainings that differ in the value of one hyperparameter only."),
    Term(
        "ablation",
        "A training in which one part of a method is switched off, to measure what that part contributes.",
        ("ablated",),
    ),
    Term("control run", "The same training as an ablation, with the same seed, but with nothing switched off."),
    Term("bfloat16", "A number format of 16 bits: faster than float32, and less precise."),
    # ------------------------------------------------------------------------------- learning without labels
    Term(
        "pretext task",
        "A task whose labels come from the images themselves; solving it should require a useful representation.",
    ),
    Term(
        "augmentation", "A random change of an image, such as a crop, that keeps its content.", ("augmented", "augment")
    ),
    Term("view", "One augmented version of an image, as the network receives it."),
    Term("crop", "A random part of an image, enlarged to the size of the whole.", ("random crop",)),
    Term("colour jitter", "A random change of brightness, contrast, saturation and hue."),
    Term("contrastive", "Contrastive learning: views of one image attract, views of different images repel."),
    Term(
        "NT-Xent",
        "SimCLR's loss: the cross entropy of finding an image's second view among all other views of the batch.",
        paper="arXiv:2002.05709",
    ),
    Term(
        "InfoNCE",
        "The cross entropy of finding the positive among many negatives by their similarity.",
        paper="arXiv:1807.03748",
    ),
    Term("temperature", "Divides the similarities before the softmax; a smaller one weights hard negatives more."),
    Term("softmax", "Turns scores into probabilities that add up to 1."),
    Term("negatives", "Views of other images, from which a contrastive loss pushes a view away."),
    Term("query", "In contrastive learning, the view whose partner is to be found among the keys.", ("queries",)),
    Term("key", "In contrastive learning, a view with which a query is compared: one positive, many negatives."),
    Term(
        "queue of keys",
        "In MoCo, the keys of earlier batches, kept as negatives for the present one.",
        ("queue size",),
        "arXiv:1911.05722",
    ),
    Term("prototype", "In SwAV, the learned centre of a cluster of views.", paper="arXiv:2006.09882"),
    Term("shortcut", "An easy cue, such as a colour histogram, that solves the task without the content of the image."),
    Term("invariant", "A representation is invariant to a change of the image if that change does not alter it."),
    Term(
        "memory bank", "In instance discrimination, the stored keys of all training images.", paper="arXiv:1805.01978"
    ),
    Term("surrogate class", "A class invented for training: one image together with its augmented copies."),
    Term("masked", "Hidden from the network: the pixels are replaced by a constant."),
    Term("cluster", "A group of images whose representations lie close together, apart from the others."),
    Term("supervised", "Trained with labels."),
    Term("equipartition", "The constraint that all prototypes are assigned equally often in a batch."),
    Term("contrastive divergence", "Estimates the gradient of the log-likelihood by a few Gibbs steps."),
    Term("Gibbs step", "One round of sampling the hidden units given the visible ones, and the reverse."),
    Term("energy", "What an energy-based model assigns to an image: the lower, the more probable."),
    Term("energy-based model", "A model that gives low energy, hence high probability, to data like its own."),
    Term("sparse code", "A code in which only few units are active for each image.", ("sparse coding",)),
    Term("multi-task learning", "Training one network on several tasks at once."),
    Term("inpainting", "Reconstructing a masked region of an image from its surroundings."),
    # ---------------------------------------------------------------------------------------- evaluation
    Term(
        "kNN accuracy",
        "Share of images whose class is predicted correctly by a vote of their 20 nearest neighbours.",
        ("kNN",),
        "arXiv:1805.01978",
    ),
    Term(
        "nearest neighbour",
        "An image whose representation is most similar to that of a given image.",
    ),
    Term("cosine", "Cosine similarity: 1 for two vectors of the same direction, 0 for vectors at right angles."),
    Term(
        "linear probe",
        "A linear classifier on the frozen representation: how well hyperplanes separate the classes.",
        paper="arXiv:1610.01644",
    ),
    Term("probe", "A simple classifier that measures how useful a representation is: kNN or a linear one."),
    Term("nearest class mean", "Assigns an image to the class whose mean image is closest.", ("nearest-class-mean",)),
    Term("logistic regression", "A linear classifier that predicts class probabilities."),
    Term("frozen", "The encoder's weights stay fixed; only a classifier on top is trained."),
    Term(
        "fine-tuned",
        "The encoder's weights are trained further, together with the new classifier.",
        ("fine-tuning", "fine-tune"),
    ),
    Term(
        "LoRA",
        "Low-rank adaptation: weights stay fixed, and a product of two thin matrices is learned and added to each.",
        paper="arXiv:2106.09685",
    ),
    Term("from scratch", "Training that starts from random weights instead of learned ones."),
    Term("transfer", "Using a representation learned on one data set for a task on another.", ("transfers",)),
    Term(
        "probe images",
        "Fixed validation images on which every training is evaluated while it runs.",
        ("probe image", "probe set"),
    ),
    Term(
        "validation",
        "Images held out from training, on which a network is evaluated while it trains.",
    ),
    Term("test images", "Images that are used only once, for the final scores.", ("test image", "test split")),
    Term("training images", "The images from which the network learns.", ("training image",)),
    Term("accuracy", "Share of images whose class is predicted correctly.", ("accuracies",)),
    Term("recall", "Of one class, the share of its images that is recognised."),
    Term("balanced accuracy", "The mean recall over all classes: each class counts alike, however many images it has."),
    Term(
        "confusion matrix",
        "How many images of each class are predicted as which: a row is a true class, a column a predicted one.",
        ("confusion matrices",),
    ),
    Term("chance", "What guessing would reach, in accuracy or loss; a network has to do better."),
    Term("raw pixels", "A baseline: the pixel values themselves serve as the representation."),
    Term(
        "untrained network",
        "A baseline: the same network with its random initial weights.",
        ("untrained encoder", "untrained"),
    ),
    Term("baseline", "A simple alternative with which a result is compared."),
    Term("95% confidence interval", "A range computed so that it contains the true value in 95 of 100 experiments."),
    Term(
        "sampling error",
        "How far the share of a few images may lie from that of all: ± two standard errors.",
    ),
    Term(
        "significant",
        "A difference that chance alone would produce in fewer than 5% of experiments.",
        ("significantly",),
    ),
    Term(
        "percentage point",
        "The unit of a difference between percentages: from 80% to 84% are 4 percentage points.",
    ),
    Term(
        "paired difference",
        "The difference of two trainings with the same seed, hence the same images: less varies than between seeds.",
    ),
    Term("core-second", "One second of work of one processor core, whatever else the machine does meanwhile."),
    Term("standard deviation", "The typical distance of a value from the mean.", ("sd",)),
    Term("variance", "The mean squared distance of values from their mean."),
    Term("Gaussian", "The normal distribution, given by its mean and standard deviation."),
    Term("vocabulary", "The set of words that texts may contain."),
    Term("label noise", "Wrong labels in a data set."),
    Term("imbalanced", "The classes of a data set have different numbers of images."),
    Term("generative factors", "The quantities, such as shape and hue, from which images were generated.", ("factor",)),
    # -------------------------------------------------------------------------------------------- health
    Term(
        "collapse",
        "A failure in which the network maps all images to almost the same output.",
        ("collapsed", "collapses"),
    ),
    Term(
        "effective rank",
        "How many directions the features fill: the exponential of the entropy of their singular values.",
        paper="arXiv:2210.02885",
    ),
    Term(
        "LiDAR",
        "Effective rank of how features differ between images, relative to how they differ between views of one image.",
        paper="arXiv:2312.04000",
    ),
    Term(
        "feature spread",
        "Standard deviation of the features at unit length: 1 on the whole sphere, 0 at one point.",
        ("Spread",),
        "arXiv:2011.10566",
    ),
    Term(
        "alignment",
        "Mean squared distance between the representations of two views of an image; lower is more invariant.",
        paper="arXiv:2005.10242",
    ),
    Term(
        "uniformity",
        "How evenly the representations are spread over the unit sphere; lower is more even.",
        paper="arXiv:2005.10242",
    ),
    # ------------------------------------------------------------------------------------------ comparisons
    Term(
        "CKA",
        "Centred kernel alignment: how alike two representations of the same images are; 1 = the same but for "
        "rotation and scale.",
        paper="arXiv:1905.00414",
    ),
    Term(
        "Jaccard index",
        "Of two sets what both have over what either has: 1 = the same set, 0 = nothing in common.",
    ),
    Term(
        "McNemar's exact test",
        "Of the images that one of two models alone is right about, each falls to either with even chances if they are "
        "equally good.",
        paper="doi:10.1007/BF02295996",
    ),
    Term(
        "Procrustes",
        "Laying one set of points on another by the rotation, reflection, scale and shift that bring them nearest.",
        paper="doi:10.1007/BF02289451",
    ),
    Term(
        "downstream",
        "Of a task for which a representation is used after it was learned, such as naming classes from few labels.",
    ),
    Term(
        "silhouette",
        "How much nearer an image is to its own group than to the next one, from -1 to 1, in the mean over images.",
        paper="doi:10.1016/0377-0427(87)90125-7",
    ),
    Term(
        "adjusted Rand index",
        "How far two groupings of the same images agree: 0 = as by chance, 1 = the same.",
        paper="doi:10.1007/BF01908075",
    ),
    Term(
        "mutual information gap",
        "How much more one latent dimension tells about a factor than the next one does, in the mean over factors.",
        ("MIG",),
        "arXiv:1802.04942",
    ),
    Term("entropy", "How much there is to be told about a quantity: 0 where it is always the same."),
    Term("sparsity", "How few numbers of a code differ clearly from zero.", ("sparse",)),
    # ---------------------------------------------------------------------------------------------- maps
    Term(
        "PCA",
        "Principal component analysis: projects data onto the orthogonal directions of largest variance.",
        paper="doi:10.1080/14786440109462720",
    ),
    Term("principal component", "A direction of largest variance in the data, orthogonal to those before it."),
    Term("Kernel PCA", "PCA after a nonlinear map to another space, given by a kernel; here a Gaussian one."),
    Term(
        "LLE",
        "Locally linear embedding: preserves how each point is a weighted mean of its neighbours.",
        paper="doi:10.1126/science.290.5500.2323",
    ),
    Term(
        "Isomap",
        "Preserves distances that are measured along the graph of nearest neighbours.",
        paper="doi:10.1126/science.290.5500.2319",
    ),
    Term(
        "t-SNE",
        "Keeps the neighbours of each point close; cluster sizes and distances between clusters carry no meaning.",
        paper="jmlr.org/papers/v9/vandermaaten08a.html",
    ),
    Term(
        "UMAP",
        "Keeps the graph of nearest neighbours; distances between clusters carry little meaning.",
        paper="arXiv:1802.03426",
    ),
    Term(
        "trustworthiness",
        "How far the 10 nearest neighbours on a map are near in the representation too: 1 = all of them.",
        paper="doi:10.1007/3-540-44668-0_68",
    ),
    Term("perplexity", "Roughly, how many neighbours of each point t-SNE tries to keep close."),
    Term("n_neighbors", "How many nearest neighbours of each point a map takes into account.", ("neighbourhood size",)),
)
