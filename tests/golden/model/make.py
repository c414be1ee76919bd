"""Makes tests/golden/model: small base models and what they must compute. See ../MANIFEST.md.

Run from the repository's root. Without arguments it makes what is committed; with --random N it makes N models of
random sizes, for tests/parity/fresh.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "reference"))
import md2_reference as ref  # noqa: E402

EVERY = 7             # of what the vision blocks give, one value in so many is kept
LIMIT = 10            # ids of an answer
MIN_MARGIN = 2e-3     # by which the best logit of every id leads, as a part of the largest logit


@dataclass(frozen=True)
class Picture:
    size: str           # WIDTHxHEIGHT
    kind: str = "RGB"   # the mode of the PNG; JPEG: by way of Pillow's encoder and decoder


@dataclass(frozen=True)
class Model:
    name: str
    seed: int
    sizes: ref.Sizes
    pictures: list[Picture]
    dtype: torch.dtype = torch.float32  # of the file; what is computed is float32 all the same
    stops: bool = False                 # the end id is one that the first answer comes to


def sizes(vision: tuple, crop: int, projector: int, text: tuple, vocab: int, rotary: int, patch: int = 14,
          bos: int | None = None, **constants: float) -> ref.Sizes:
    """vision: (dim, depth, heads, mlp); text: (dim, layers, heads, mlp)."""
    v = ref.VisionSizes(*vision, patch=patch, crop=crop, eps=constants.get("vision_eps", 1e-5))
    t = ref.TextSizes(*text, vocab=vocab, max_positions=128, rotary_dim=rotary,
                      rotary_theta=constants.get("theta", 10000.0), eps=constants.get("text_eps", 1e-5))
    return ref.Sizes(v, projector, t, bos_id=vocab - 1 if bos is None else bos, eos_id=vocab - 1)


FOUR = [Picture("40x30"), Picture("90x41"), Picture("30x60"), Picture("70x66")]
# With a crop of 14: the longest side of one crop and one pixel more; 4w = 3h and below; 2w = 3h and above; as near to
# one crop as to four and one pixel more; one pixel wide.
BORDERS = [Picture(s) for s in ("18x18", "19x18", "18x24", "17x24", "27x18", "28x18", "21x21", "22x21", "1x19", "19x1",
                                "1x1")]

MODELS = [
    Model("grid3", 11, sizes((32, 2, 2, 48), 42, 40, (48, 2, 3, 64), 61, 8),
          FOUR + [Picture("50x44", "L"), Picture("60x20", "RGBA"), Picture("56x50", "JPEG")], torch.float16, stops=True),
    Model("grid5", 12, sizes((24, 1, 1, 32), 70, 24, (32, 1, 1, 40), 53, 16),
          [Picture("94x94"), Picture("1x100"), Picture("130x1"), Picture("106x105")]),
    Model("grid1", 13, sizes((16, 1, 1, 24), 14, 16, (16, 1, 1, 24), 41, 8), BORDERS),
    Model("width72", 14, sizes((72, 1, 1, 40), 21, 48, (64, 1, 1, 64), 67, 32, patch=7),
          [Picture("60x40"), Picture("20x28")], torch.float16),
    Model("width40", 15, sizes((80, 1, 2, 48), 18, 32, (80, 1, 2, 48), 59, 20, patch=6),
          [Picture("20x90"), Picture("48x40")], torch.bfloat16),
    Model("odd-width", 16, sizes((27, 2, 3, 31), 35, 29, (30, 2, 2, 37), 43, 6, patch=7),
          [Picture("46x40"), Picture("90x70")]),
    Model("deep", 17, sizes((28, 5, 2, 30), 24, 26, (32, 5, 2, 48), 47, 16, patch=6),
          [Picture("33x30"), Picture("30x60")], torch.float16),
    Model("constants", 18, sizes((32, 2, 4, 20), 20, 22, (32, 2, 4, 28), 37, 8, patch=5, bos=3, theta=150.0,
                                 vision_eps=3e-2, text_eps=1e-1), [Picture("25x22"), Picture("50x33")]),
]


def random_model(seed: int) -> Model:
    """Any sizes that are allowed; odd widths of heads too."""
    rng = np.random.default_rng(seed)
    pick = lambda low, high: int(rng.integers(low, high + 1))
    patch, v_heads, t_heads = pick(2, 14), pick(1, 4), pick(1, 4)
    v_width, t_width = pick(1, 80 // v_heads), pick(2, 80 // t_heads)
    crop = patch * pick(1, 6)
    vocab = pick(20, 200)
    s = sizes((v_width * v_heads, pick(1, 4), v_heads, pick(4, 100)), crop, pick(4, 100),
              (t_width * t_heads, pick(1, 4), t_heads, pick(4, 160)), vocab, 2 * pick(1, t_width // 2), patch=patch,
              bos=pick(0, vocab - 1), theta=float(pick(100, 20000)))
    kinds = ("RGB", "RGB", "L", "RGBA", "JPEG")
    pictures = [Picture(f"{pick(1, 4 * crop)}x{pick(1, 4 * crop)}", kinds[pick(0, 4)]) for _ in range(4)]
    return Model(f"seed{seed}", seed, s, pictures, (torch.float32, torch.float16, torch.bfloat16)[pick(0, 2)],
                 bool(pick(0, 1)))


def digest(data: bytes) -> str:
    """FNV-1a, 64 bits."""
    h = 0xcbf29ce484222325
    for byte in data:
        h = (h ^ byte) * 0x100000001b3 & 0xffffffffffffffff
    return f"{h:016x}"


def write_picture(out: Path, name: str, picture: Picture, rng: np.random.Generator) -> tuple[Image.Image, dict]:
    width, height = map(int, picture.size.split("x"))
    image = ref.noise_image(rng, width, height)
    row = {"file": name + ".png"}
    if picture.kind == "JPEG":
        row["jpeg"] = name + ".jpg"
        image.save(out / row["jpeg"], quality=90)
        image = Image.open(out / row["jpeg"]).convert("RGB")
    elif picture.kind == "L":
        image = image.convert("L")
    elif picture.kind == "RGBA":
        image.putalpha(Image.fromarray(rng.integers(0, 256, (height, width)).astype(np.uint8)))
    image.save(out / row["file"], optimize=True)
    return image, row


def vision_rungs(w: dict, s: ref.Sizes, image: Image.Image, name: str, golden: dict, row: dict) -> torch.Tensor:
    """From the picture to its features, step by step as ref.encode_image goes."""
    squashed = image.convert("RGB").resize(ref.target_size(*image.size, s.vision.crop), Image.BICUBIC)
    crops, (rows, cols) = ref.preprocess(image, s.vision.crop)
    row |= {"tiles": [rows, cols], "squashed": [*squashed.size, digest(squashed.tobytes())],
            "crops": digest(crops.numpy().tobytes()),
            "patches": digest(ref.patches(crops, s.vision).contiguous().numpy().tobytes())}
    for depth in range(1, s.vision.depth + 1):
        golden[f"{name}.block{depth - 1}"] = without_last_norm(w, s, crops, depth).flatten()[::EVERY].clone()
    golden[f"{name}.vit"] = ref.vit(w, s, crops).flatten()[::EVERY].clone()
    golden[f"{name}.features"] = ref.encode_image(w, s, image)
    return golden[f"{name}.features"]


def without_last_norm(w: dict, s: ref.Sizes, crops: torch.Tensor, depth: int) -> torch.Tensor:
    """What the first `depth` blocks give: ref.vit with fewer blocks and a last norm that is left out."""
    kept = ref.layer_norm
    ref.layer_norm = lambda w, name, x, eps: x if name.endswith("visual.norm") else kept(w, name, x, eps)
    try:
        fewer = ref.Sizes(ref.VisionSizes(**{**asdict(s.vision), "depth": depth}), s.projector_dim, s.text)
        return ref.vit(w, fewer, crops)
    finally:
        ref.layer_norm = kept


def first_layers(s: ref.Sizes, layers: int) -> ref.Sizes:
    return ref.Sizes(s.vision, s.projector_dim, ref.TextSizes(**{**asdict(s.text), "layers": layers}), s.bos_id, s.eos_id)


def margin(w: dict, s: ref.Sizes, features: torch.Tensor, prompt: list[int], answer: list[int], prefix: int) -> float:
    """How far the best logit leads at every step, the one after the answer included, as a part of the largest."""
    hidden = ref.text_hidden(w, s, ref.sequence(w, s, features, prompt + answer), prefix)[0, -len(answer) - 1:]
    logits = ref.head(w, s, hidden)
    top = logits.topk(2, dim=-1).values
    return float(((top[:, 0] - top[:, 1]) / logits.abs().amax(-1)).min())


def reading(w: dict, s: ref.Sizes, features: torch.Tensor, num_ids: int, rng: np.random.Generator, name: str,
            golden: dict) -> dict:
    """One question: rows of every text block, last logits and answer, with both attentions."""
    kinds = {"causal": 0, "prefix": s.prefix}
    for _ in range(100):
        prompt = [int(i) for i in rng.integers(0, s.text.vocab, num_ids)]
        answers = {kind: ref.generate(w, s, features, prompt, LIMIT, prefix) for kind, prefix in kinds.items()}
        if all(margin(w, s, features, prompt, answers[k], p) > MIN_MARGIN for k, p in kinds.items()):
            break
    else:
        raise SystemExit(f"{name}: expected a prompt whose answers are clear, found none")
    x = ref.sequence(w, s, features, prompt)
    for kind, prefix in kinds.items():
        for layers in range(1, s.text.layers + 1):
            golden[f"{name}.{kind}.block{layers - 1}"] = ref.text_hidden(w, first_layers(s, layers), x, prefix)[0]
        golden[f"{name}.{kind}.last_logits"] = ref.head(w, s, golden[f"{name}.{kind}.block{s.text.layers - 1}"][-1])
    return {"prompt": prompt, **answers}


def end_id(w: dict, s: ref.Sizes, features: torch.Tensor, rng: np.random.Generator) -> int:
    """The third id of an answer without an end."""
    endless = ref.Sizes(s.vision, s.projector_dim, s.text, s.bos_id, -1)
    return ref.generate(w, endless, features, [int(i) for i in rng.integers(0, s.text.vocab, 7)], 3)[-1]


@torch.no_grad()
def write(out: Path, model: Model) -> None:
    out.mkdir(parents=True, exist_ok=True)
    s, rng = model.sizes, np.random.default_rng(model.seed + 1)
    stored = {n: t.to(model.dtype) for n, t in ref.random_weights(s, model.seed).items()}
    w = {n: t.float() for n, t in stored.items()}
    ref.save_safetensors(out / "model.safetensors", stored, {"format": "pt"})
    golden: dict[str, torch.Tensor] = {}
    manifest: dict = {"seed": model.seed, "torch": torch.__version__, "every": EVERY, "limit": LIMIT, "images": [],
                      "readings": []}
    features = []
    for i, picture in enumerate(model.pictures):
        image, row = write_picture(out, f"image{i}", picture, rng)
        features.append(vision_rungs(w, s, image, f"image{i}", golden, row))
        manifest["images"].append(row)
    if model.stops:
        s = ref.Sizes(s.vision, s.projector_dim, s.text, s.bos_id, end_id(w, s, features[0], rng))
    for i, (image, num_ids) in enumerate(((0, 7), (len(features) - 1, 1))):
        row = reading(w, s, features[image], num_ids, rng, f"reading{i}", golden)
        manifest["readings"].append({"image": image, **row})
    (out / "config.json").write_text(json.dumps({"model_type": "moondream1", "md2_sizes": asdict(s)}, indent=1) + "\n")
    ref.save_safetensors(out / "golden.safetensors", golden)
    (out / "golden.json").write_text(json.dumps(manifest) + "\n")


def main() -> None:
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("--out", type=Path, default=Path(__file__).parent, help="folder to write, a folder a model in it")
    p.add_argument("--random", type=int, default=0, help="how many models of random sizes to make instead")
    p.add_argument("--seed", type=int, default=1, help="of the first of those")
    a = p.parse_args()
    torch.set_num_threads(1)  # the last bits of a product depend on it
    models = [random_model(a.seed + i) for i in range(a.random)] if a.random else MODELS
    for model in models:
        write(a.out / model.name, model)


if __name__ == "__main__":
    main()
