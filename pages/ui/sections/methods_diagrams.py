"""How each method works, as a diagram: what `kit/diagrams` reads. A method without one has that of its family.

A cell `<view_1>` is filled with the view of that name that the method draws of a real image; `<image>` with the image.
"""

from explorer.methods import METHODS
from pages.ui.kit import diagrams

DIAGRAMS = {
    "supervised": "<image> | <view> | [encoder f] | (h) | [classifier] | which class? : compared with the label",
    "pca": """
        <image> | [projection W] | (z : directions of largest variance) | [Wᵀ] | <?reconstruction>
        image <-> reconstruction squared error
    """,
    "ica": "<image> | [unmixing W] | (sources : independent, not Gaussian)",
    "dictionary": """
        <image> | [sparse coding] | (code : few atoms are used) | [dictionary] | <?reconstruction>
        image <-> reconstruction squared error
    """,
    "kmeans": "<image> | {centres : means of the nearest images} | (features : closeness to each centre)",
    "rbm": """
        <image> | [W] | (h : on or off at random) | [Wᵀ] | <fantasy>
        image <-> fantasy energy: low for the image, high for the fantasy
    """,
    "autoencoder": """
        <image> | [encoder f] | (z=code : the bottleneck) | [decoder] | <?reconstruction>
        image <-> reconstruction reconstruction error
    """,
    "denoising": """
        <noisy> | [encoder f] | (code) | [decoder] | <?reconstruction>
                |             |        |           | !<image : without noise>
        reconstruction <-> image error
    """,
    "sparse": """
        <image> | [encoder f] | (z=code : few units are active) | [decoder] | <?reconstruction>
        image <-> reconstruction reconstruction error
    """,
    "vae": """
        <image> | [encoder f] | (q=μ, σ) | (z : a random draw) | [decoder] | <?reconstruction>
                |             | !(prior=N(0, 1))
        q <-> prior KL divergence
        image <-> reconstruction reconstruction error
    """,
    "rotation": "<image> | <turned> | [encoder f] | (h) | [classifier] | by which angle? : 0, 90, 180 or 270°",
    "relative_patch": """
        <image> | <pair> | [encoder f : for each tile] | {codes} | [classifier] | where is the second? : 8 directions
    """,
    "jigsaw": """
        <image> | <shuffled> | [encoder f : for each tile] | {h=codes} | [classifier] | which permutation?
    """,
    "counting": """
                 | <quarters> | [encoder f : for each tile] | (a=sum of counts)
        ~<image> | <whole>    | [encoder f]                 | (b=counts)
                 | !<another> | [encoder f]                 | (c=other counts)
        a <+> b equal
        b <x> c different
    """,
    "exemplar": "<image> | <view> | [encoder f] | (h) | [classifier] | which image is it?",
    "context_encoder": """
        <hidden> | [encoder f] | (code) | [decoder] | <?prediction>
                 |             |        |           | !<image>
        prediction <-> image error where hidden
    """,
    "colorization": """
        <grey> | [encoder f] | (h) | [decoder] | q=which colour? : at each place
               |             |     |           | !<colour>
        q <-> colour cross-entropy
    """,
    "split_brain": """
        <grey>   | [encoder 1] | (h1=half of h) | [decoder 1] | which colour? : that of the other half
        <colour> | [encoder 2] | (h2=half of h) | [decoder 2] | how light? : as the other half
    """,
    "combined": """
        <turned>   |              |      | [head 1] | by which angle?
        <pair>     | ~[encoder f] | ~(h) | [head 2] | where is the second?
        <shuffled> |              |      | [head 3] | which permutation?
    """,
    "simclr": """
                 | <view_1> | [encoder f]               | (h)    | [head g]  | (z1=z)
        ~<image> | <view_2> | [encoder f : same weights] | (h2=h′) | [head g] | (z2=z′)
                 |          |                           |        |           | !(others=z of other images)
        z1 <+> z2
        z2 <x> others
    """,
    "end_to_end": """
                 | <query> | [encoder f]                | (q)
        ~<image> | <key>   | [encoder f : same weights] | (k)
                 |         |                            | !{others=k of other images}
        q <+> k
        k <x> others
    """,
    "moco": """
                 | <key>   | [t=encoder f′ : momentum average of f] | /(k)
        ~<image> | <query> | [f=encoder f]                          | (q)
                 |         |                                        | !{queue : k of earlier batches}
        f ..> t
        q <+> k
        q <x> queue
    """,
    "instance_discrimination": """
                 |        |               | !(k=its own key)
        <image>  | <view> | [f=encoder f] | (q)
                 |        |               | !{bank=memory bank : k of other images}
        k <+> q
        q <x> bank
    """,
    "byol": """
        ~<image> | <view_1> | [f=encoder f]                  | [head g] | (z) | [predictor q] | (p=q(z))
                 | <view_2> | [t=encoder f′ : average of f]  | [head g′ : average of g] | |   | /(z2=z′)
        f ..> t
        p <+> z2
    """,
    "swav": """
                 | <crop_1> | [encoder f]                |  (z)   |               | (p=prediction)
        ~<image> | <crop_2> | [encoder f : same weights] |  (z2=z′) | ~{prototypes} | /(q=assignment : balanced)
                 | <small>  | [encoder f : same weights] |  (z3=z″) |               | (p3=prediction)
        p <+> q swapped
        q <+> p3 swapped
    """,
    "cpc": """
                | |                                      |         |             |             | | !(k=true code)
        <image> | <patches> | [encoder f : of each patch] | {codes} | [recurrent net] | (context) | [W] | (p=later code)
                | |                                      |         |             |             | | !{others=other codes}
        k <+> p
        p <x> others
    """,
}
FAMILIES = {
    "reference": "<image> | <view_1> | [encoder f] | (h) | [classifier] | which class?",
    "classical": "<image> | [model] | (features)",
    "autoencoder": """
        <image> | [encoder f] | (code) | [decoder] | <?reconstruction>
        image <-> reconstruction reconstruction error
    """,
    "pretext": "<image> | <view_1> | [encoder f] | (h) | [head] | a question about the image?",
    "contrastive": """
        ~<image> | <view_1> | [encoder f]                | (h)     | [head g] | (z1=z)
                 | <view_2> | [encoder f : same weights] | (h2=h′) | [head g] | (z2=z′)
        z1 <+> z2
    """,
}
OTHER = "<image> | <view_1> | [encoder f] | (h) | [head] | what is its loss?"  # of a family that is new


def of(name: str) -> diagrams.Diagram:
    """The diagram of a method: its own, or that of its family."""
    return diagrams.parse(DIAGRAMS.get(name) or FAMILIES.get(METHODS[name].info.family, OTHER))
