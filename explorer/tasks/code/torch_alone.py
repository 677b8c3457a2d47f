"""Scripts that train an autoencoder or SimCLR with torch alone: the same draws, so the same losses."""

import re

from explorer.core import DataSpec, Method, TrainConfig
from explorer.tasks.code.images import Images

BLOCK = """def block(a, b, stride=1, side=3):
    return [nn.Conv2d(a, b, side, stride, side // 2, bias=False), nn.BatchNorm2d(b), nn.ReLU(inplace=True)]
"""
RESIDUAL = """class Residual(nn.Module):  # He et al. 2015, figure 2
    def __init__(self, a, b, stride):
        super().__init__()
        self.body = nn.Sequential(*block(a, b, stride), nn.Conv2d(b, b, 3, 1, 1, bias=False), nn.BatchNorm2d(b))
        short = nn.Identity() if a == b and stride == 1 else nn.Conv2d(a, b, 1, stride, bias=False)
        self.short = nn.Sequential(short, *[nn.BatchNorm2d(b)] * isinstance(short, nn.Conv2d))

    def forward(self, x):
        return torch.relu(self.body(x) + self.short(x))
"""
UNIFORM = """def uniform(shape, low, high, rng):
    return torch.rand(shape, generator=rng, device=rng.device) * (high - low) + low
"""
CROP = """def crop_flip(x, rng):  # area from [{crop}, 1], aspect from [3/4, 4/3]: the first of ten draws that fits
    n, aspect = len(x), math.log(4 / 3)
    area, ratio = uniform((n, 10), {crop}, 1, rng), uniform((n, 10), -aspect, aspect, rng)
    inside = ratio.abs() <= -area.log()
    area, ratio = (draws.gather(1, inside.int().argmax(1, keepdim=True))[:, 0] for draws in (area, ratio))
    w, h = (torch.where(inside.any(1), area.sqrt() * (r / 2).exp(), 1.0) for r in (ratio, -ratio))
    cx, cy = (1 - w) * uniform(n, -1, 1, rng), (1 - h) * uniform(n, -1, 1, rng)
    w = w * (1 - 2 * (uniform(n, 0, 1, rng) < {flip}).float())
    at = (torch.arange(x.shape[-1], device=x.device) * 2 + 1) / x.shape[-1] - 1
    across, down = (torch.addcmul(c[:, None], side[:, None], at) for c, side in ((cx, w), (cy, h)))
    grid = torch.stack(torch.broadcast_tensors(across[:, None, :], down[:, :, None]), -1)
    return F.grid_sample(x, grid, "bilinear", "border", align_corners=False)
"""
JITTER = """def jitter(x, rng):  # brightness, contrast, saturation and hue of each image, then grey for some
    on = uniform(len(x), 0, 1, rng) < 0.8
    b, c, s = (1 + on * uniform(len(x), -{spread}, {spread}, rng) for _ in range(3))
    hue, grey = on * uniform(len(x), -1, 1, rng) * {turn}, uniform(len(x), 0, 1, rng) < {grey}
"""
OF_GREY = """    b, c, mean = (it[:, None, None, None] for it in (b, c, x.mean((1, 2, 3))))
    return torch.addcmul((1 - c) * b * mean, x, b * c).clamp(0, 1)  # grey images have no saturation and no hue
"""
OF_COLOUR = """    b, c, s, hue = (it[:, None, None] for it in (b, c, s * ~grey, hue))
    luma = torch.tensor([[0.299, 0.587, 0.114]], device=x.device)
    axis = torch.tensor([[0.0, -1, 1], [1, 0, -1], [-1, 1, 0]], device=x.device) * 2 * math.pi / math.sqrt(3)
    matrix = torch.matrix_exp(hue * axis) @ (s * torch.eye(3, device=x.device) + (1 - s) * luma) * (b * c)
    offset = (1 - c) * b * (luma @ x.flatten(2).mean(2, keepdim=True))
    return (matrix @ x.flatten(2) + offset).view_as(x).clamp(0, 1)
"""
NT_XENT = """def nt_xent(z1, z2):  # each of 2N views must find its partner among 2N-1 others
    z = F.normalize(torch.cat([z1, z2]).float(), dim=1)
    others = z @ z.T / {temperature} - torch.diag(torch.full((len(z),), math.inf, device=z.device))
    return F.cross_entropy(others, torch.arange(len(z), device=z.device).roll(len(z1)))
"""
LOOP = """{parts}
params = list(model.parameters())
{groups}
optimizer = torch.optim.{optimizer}
for epoch in range({epochs}):
    order, mean = torch.randperm(len(x), generator=generator("order", epoch)).to(device), 0.0
    for i in range({per_epoch}):
        t = epoch * {per_epoch} + i
{schedule}        batch = x[order[i * {batch} : (i + 1) * {batch}]].float() / 255
{step}        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
{after}        mean += loss.item() * len(batch) / min(len(x), {per_epoch} * {batch})
    print(f"epoch {{epoch + 1}} of {epochs}: loss {{mean:.6f}}", flush=True)
"""
AUTOCAST = "with torch.autocast(device, torch.bfloat16, enabled={on}):"


def fits(method: str, config: object, cfg: TrainConfig) -> bool:
    """Whether the run is one of those that these scripts train."""
    plain = cfg.encoder in ("mlp", "conv", "resnet18") and not cfg.half_resolution and cfg.devices == 1
    return plain and (method == "autoencoder" or (method == "simclr" and not getattr(config, "blur", 0)))


def script(method: Method, cfg: TrainConfig, images: Images, words: str, threads: int, per_epoch: int) -> str:
    """The whole text."""
    own = autoencoder(method, cfg) if method.info.name == "autoencoder" else simclr(method, cfg)
    parts = [GENERATOR, images.defined, own["defined"], _setup(threads) + images.lines, own["loop"]]
    body = "\n".join(filter(None, parts)).replace("SEED", str(cfg.seed)).replace("PER_EPOCH", str(per_epoch))
    known = {"hashlib.": "import hashlib", "math.": "import math", "F.": "import torch.nn.functional as F"}
    used = [line for word, line in known.items() if re.search(rf"\b{re.escape(word)}", body)]
    used = sorted({*used, *images.imports, "import torch", "from torch import nn"}, key=lambda it: (it[0] == "f", it))
    own_first = [it for it in used if it in STANDARD]
    head = "\n".join([f'"""{words}"""', "", *own_first, "", *(it for it in used if it not in STANDARD)])
    return shorter(f"{head}\n\n{body}")


def shorter(text: str) -> str:
    """A text that is too long by little without the lines between its parts."""
    return text if len(text.splitlines()) <= LONGEST else re.sub(r"\n\n(?!device)", "\n", text)


LONGEST = 79  # lines
STANDARD = ("import hashlib", "import math", "import sys")
GENERATOR = """device = "cuda" if torch.cuda.is_available() else "cpu"

def generator(*what, device="cpu"):  # randomness by its purpose: the order of epoch 3, the views of step 17
    digest = hashlib.blake2b(f"SEED:{what}".encode(), digest_size=8).digest()
    return torch.Generator(device).manual_seed(int.from_bytes(digest, "little") >> 1)
"""


def _setup(threads: int) -> str:
    some = f"torch.set_num_threads({threads})\n" if threads else ""
    return f"{some}torch.manual_seed(SEED)\n"


def encoder(cfg: TrainConfig, spec: DataSpec, hidden: int) -> tuple[str, str, int]:
    """What must be defined, the network as an expression, and how wide its features are."""
    pixels = spec.channels * spec.size**2
    if cfg.encoder == "mlp":
        wide = max(1, round(hidden * cfg.width))
        layers = f"nn.Flatten(), nn.Linear({pixels}, {wide}), nn.ReLU(), nn.Linear({wide}, {wide}), nn.ReLU()"
        return "", f"nn.Sequential({layers})", wide
    if cfg.encoder == "conv":
        a, b, c = (max(8, round(n * cfg.width)) for n in (32, 64, 192))
        first, second = 2 if spec.size > 4 else 1, 2 if spec.size > 8 else 1
        layers = f"*block({spec.channels}, {a}, {first}), *block({a}, {b}, {second}), *block({b}, {b})"
        layers += f", *block({b}, {c}, side=1)"
        return BLOCK, f"nn.Sequential({layers})", c
    w = [max(8, round(n * cfg.width)) for n in (64, 64, 128, 256, 512)]
    pairs = [(w[i], w[i + 1], stride) for i, stride in enumerate((1, 2, 2, 2))]
    widths = ", ".join(map(str, pairs))
    residuals = f"*(it for a, b, s in [{widths}] for it in (Residual(a, b, s), Residual(b, b, 1)))"
    return f"{BLOCK}\n{RESIDUAL}", f"nn.Sequential(*block({spec.channels}, {w[0]}), {residuals})", w[-1]


DECAYED = "p for p in params if (p.ndim > 1) == (wd > 0)"


def loop(cfg: TrainConfig, parts: str, step: str, after: str = "") -> str:
    """The training itself; `step` are the lines that compute the loss of `batch`. PER_EPOCH is left to be filled in."""
    groups = 'groups = [{"params": params}]'
    if cfg.weight_decay:  # biases and norms are not decayed
        of = f'[{{"params": [{DECAYED}], "weight_decay": wd}}'
        groups = f"groups = {of} for wd in ({cfg.weight_decay}, 0.0)]"
    rules = {"sgd": "SGD(groups, {lr}, momentum=0.9)", "adam": "Adam(groups, {lr}, fused=True)",
             "adamw": "AdamW(groups, {lr}, fused=True)"}  # fmt: skip
    each = "groups[0]['lr'] = groups[1]['lr']" if cfg.weight_decay else "groups[0]['lr']"
    share = f"math.cos(math.pi * t / {cfg.epochs} / PER_EPOCH)"
    cosine = f"        {each} = {cfg.lr} * (1 + {share}) / 2\n".replace("'", '"')
    return LOOP.format(
        parts=parts, groups=groups, per_epoch="PER_EPOCH", batch=cfg.batch,
        optimizer=rules[cfg.optimizer].format(lr=cfg.lr), epochs=cfg.epochs, step=step, after=after,
        schedule="" if cfg.schedule == "constant" else cosine,
    )  # fmt: skip


def _precision(cfg: TrainConfig) -> str:
    """The autocast, as lines are indented that stand in it."""
    on = {"auto": 'device == "cuda"', "float32": "False", "bfloat16": "True"}[cfg.precision]
    return f"        {AUTOCAST.format(on=on)}\n"


def autoencoder(method: Method, cfg: TrainConfig) -> dict[str, str]:
    """The lines of an autoencoder: an encoder, a linear code, a decoder of two hidden layers."""
    spec, own = method.spec, method.cfg
    pixels, latent, hidden = spec.channels * spec.size**2, own.latent, own.hidden
    to = ".to(device, memory_format=torch.channels_last)"
    if own.linear:
        parts = f"code, decoder, mean_image = nn.Linear({pixels}, {latent}), nn.Linear({latent}, {pixels}), 0.0\n"
        parts += f"model = nn.Sequential(code, decoder){to}"
        step = "        flat = batch.flatten(1)\n" + _precision(cfg)
        step += "            drawn = model(flat - mean_image) + mean_image\n"
        step += "        loss = F.mse_loss(drawn.float(), flat)\n"
        after = "        mean_image = mean_image + (flat.mean(0) - mean_image) / (t + 1)  # of all batches so far\n"
        return {"defined": "", "loop": loop(cfg, parts, step, after)}
    defined, network, wide = encoder(cfg, spec, hidden)
    pool = "nn.Flatten()" if cfg.encoder == "mlp" else f"nn.AdaptiveAvgPool2d({cfg.pooling}), nn.Flatten()"
    wide *= cfg.pooling**2
    parts = [
        f"encoder = {network}",
        f"code = nn.Sequential({pool}, nn.Linear({wide}, {latent}))  # no ReLU: a code may be negative",
        f"hidden = nn.Linear({latent}, {hidden}), nn.ReLU(), nn.Linear({hidden}, {hidden}), nn.ReLU()",
        f"model = nn.Sequential(encoder, code, *hidden, nn.Linear({hidden}, {pixels})){to}",
    ]
    error = "F.binary_cross_entropy_with_logits(logits, batch.flatten(1))"
    error = error if own.error == "bce" else "F.mse_loss(logits.sigmoid(), batch.flatten(1))"
    step = (
        _precision(cfg)
        + f"            logits = model(batch)\n        logits = logits.float()\n        loss = {error}\n"
    )
    return {"defined": defined, "loop": loop(cfg, "\n".join(parts), step)}


def simclr(method: Method, cfg: TrainConfig) -> dict[str, str]:
    """The lines of SimCLR: two views of each image, an encoder and a head, NT-Xent."""
    spec, own = method.spec, method.cfg
    defined, network, wide = encoder(cfg, spec, 256)
    spread, turn = min(0.8 * own.jitter, 1.0), min(0.2 * own.jitter, 0.5)
    jitter = JITTER.format(spread=spread, turn=turn, grey=own.grey) + (OF_GREY if spec.channels == 1 else OF_COLOUR)
    head = f"nn.Linear({wide}, {wide}), nn.ReLU(), nn.Linear({wide}, {own.projection})" if own.head else "nn.Identity()"
    pool = "nn.Flatten()" if cfg.encoder == "mlp" else "nn.AdaptiveAvgPool2d(1), nn.Flatten()"
    parts = [
        f"encoder = {network}",
        f"head = nn.Sequential({pool}, {head})",
        "model = nn.Sequential(encoder, head).to(device, memory_format=torch.channels_last)",
    ]
    step = '        rng = generator("views", t, device=device)\n'
    step += "        views = [jitter(crop_flip(batch, rng), rng) for _ in range(2)]  # t, t' ~ T\n" + _precision(cfg)
    step += "            z1, z2 = (model(view) for view in views)\n        loss = nt_xent(z1, z2)\n"
    crop = CROP.format(crop=own.crop, flip=own.flip)
    shown = [UNIFORM, crop, jitter, NT_XENT.format(temperature=own.temperature), defined]
    return {"defined": "\n".join(filter(None, shown)), "loop": loop(cfg, "\n".join(parts), step)}
