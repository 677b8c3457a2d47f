"""The glossary: every entry a short sentence, every entry used, and every term of the field on a page has one."""

import re
from collections import Counter

import pytest

from explorer.glossary import GLOSSARY
from pages.ui.kit import glossary
from tests import screen_text

FIELD = re.compile(
    r"(?<![\w-])(?:representation|features?|encoders?|decoders?|autoencoder|latent|bottleneck|reconstruct\w+|"
    r"interpolation|traversal|projection head|predictor|momentum|stop.gradient|batch norm|layer norm|dropout|"
    r"hyperparameters?|epochs?|batch(?:es)?|learning rate|weight decay|schedule|optimi[sz]er|checkpoints?|"
    r"gradients?|loss(?:es)?|cross entropy|squared error|KL|prior|posterior|likelihood|ELBO|entropy|"
    r"overfit\w*|underfit\w*|regulari[sz]\w+|sweep|ablat\w+|control run|pretext|augment\w*|views?|crops?|"
    r"colour jitter|contrastive|NT-Xent|InfoNCE|temperature|softmax|logits?|sigmoid|negatives|positives|quer(?:y|ies)|"
    r"keys|memory bank|prototypes?|shortcuts?|invarian\w+|equivarian\w+|equipartition|Sinkhorn|Gibbs|energy|spars\w+|"
    r"multi-task|inpainting|masked|kNN|nearest neighbours?|cosine|linear probe|logistic regression|frozen|"
    r"fine-?tun\w+|from scratch|transfers?|downstream|probes?|validation|test images?|test split|training images?|"
    r"accurac(?:y|ies)|recall|F1|confusion matrix|chance|baselines?|raw pixels|untrained|confidence interval|"
    r"standard error|sampling error|significan\w+|percentage points?|standard deviations?|variance|quantile|"
    r"label noise|imbalanced|generative factors|collapse\w*|effective rank|feature spread|alignment|"
    r"uniformity|principal components?|PCA|kernel|LLE|Isomap|t-SNE|UMAP|trustworthiness|perplexity|n_neighbors|"
    r"min_dist|silhouette|eigen\w+|singular|whiten\w*|clusters?|centroids?|NMI|mutual information|CKA|Procrustes|"
    r"saliency|manifold|attention|transformer|convolution\w*|pooling|stride|activations?|ReLU|neurons?|"
    r"distillation|teacher network|student network|"
    r"EMA|moving average|warm-?up|bfloat16|seeds?|self-supervised|unsupervised|semi-supervised|"
    r"supervised|few-shot|zero-shot|pseudo-label|class mean|curriculum|anchor|triplet|hinge|adversari\w+|discriminator|"
    r"GAN|diffusion|normali[sz]ation|standardi[sz]ation|surrogate|Lipschitz|Bayes\w*|Gaussian|Bernoulli|vocabulary|"
    r"tokeni[sz]\w+|feature map|fidelity|agreement|Rand index|purity|rank correlation|quantus)(?![\w-])",
)
NOT_SHOWN = {"transfer dropout"}  # the name of a random generator


def unexplained(text: str) -> list[str]:
    """The field's words in a text that no entry of the glossary covers."""
    left = glossary.pattern().sub(" ", text)
    small = re.sub(r"\b[A-Z](?=[a-z])", lambda at: at[0].lower(), left)  # a word that begins a sentence
    return list(dict.fromkeys([*FIELD.findall(left), *FIELD.findall(small)]))


def prose() -> list[screen_text.Said]:
    """What the pages say; the hyperparameters of a method are explained where the form asks for them."""
    said = [*screen_text.pages(), *screen_text.backend()]
    return [it for it in said if " " in it.text and it.text not in NOT_SHOWN]


@pytest.mark.parametrize("term", GLOSSARY, ids=lambda term: term.name)
def test_an_entry_is_one_sentence_of_at_most_30_words(term):
    assert len(term.sentence.split()) <= 30
    assert term.sentence[0].isupper() and term.sentence.endswith(".")
    assert not re.search(r'[.!?] |["\\\]]', term.sentence), "one sentence, without what would end a link's title"


def test_no_word_has_two_entries():
    words = Counter(word.lower() for term in GLOSSARY for word in term.words())
    assert [word for word, n in words.items() if n > 1] == []


def test_every_term_of_the_field_on_a_page_has_an_entry():
    found = [f"{it.where}: {words} in '{it.text}'" for it in prose() if (words := unexplained(it.text))]
    assert found == []


@pytest.mark.parametrize("text", ["the eigenvalues of a map", "a teacher network", "Adversarial training"])
def test_a_term_without_an_entry_is_found(text):
    assert unexplained(text)


@pytest.mark.parametrize("term", GLOSSARY, ids=lambda term: term.name)
def test_every_entry_is_used(term):
    said = "\n".join(it.text for it in [*screen_text.pages(), *screen_text.backend(), *screen_text.hyperparameters()])
    assert re.search("|".join(rf"(?<![\w-])(?:{glossary.spelled(word)})(?![\w-])" for word in term.words()), said)
