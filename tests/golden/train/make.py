"""Makes tests/golden/train: small jobs and what they must come to. See ../MANIFEST.md.

Run from the repository's root. A base model is not kept: its weights are those that core/model/random_values.h makes of
a seed, made here a second time. Losses, trained tensors and answers are what md2_job.py leaves when it is run as a
program; gradients and the first update are md2_reference.py's.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from tokenizers import Tokenizer

TESTS = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(TESTS / "reference"), str(TESTS / "golden" / "model")]
import make as golden_model  # noqa: E402
import md2_peer  # noqa: E402
import md2_reference as ref  # noqa: E402

PICTURES = TESTS / "golden" / "model"
TOKENIZER = TESTS / "golden" / "tokenizer" / "tiny-tokenizer.json"
VOCAB = 424        # more than the tokenizer has
WHOLE = 128        # tensors of so many values are kept whole,
EVERY = 41         # of others one value in so many
LIMIT = 12         # ids of an answer
RANK, SCALE = 3, 5 / 3
ADAPTER_SEED = 7
ADAPTER_DEVIATION = 0.2
ADAPTED = ("mixer.Wqkv", "mixer.out_proj", "mlp.fc1", "mlp.fc2")


@dataclass(frozen=True)
class Job:
    name: str
    seed: int             # of the base's weights
    sizes: ref.Sizes
    rows: int
    epochs: int
    batch_size: int
    grad_accum: int
    learning_rate: float
    pictures: tuple[str, ...]


def sizes(vision: tuple, crop: int, patch: int, projector: int, text: tuple, rotary: int, bos: int, eos: int) -> ref.Sizes:
    """vision: (dim, depth, heads, mlp); text: (dim, layers, heads, mlp)."""
    return ref.Sizes(ref.VisionSizes(*vision, patch=patch, crop=crop), projector,
                     ref.TextSizes(*text, vocab=VOCAB, max_positions=128, rotary_dim=rotary), bos, eos)


# With a crop of 42 the pictures of grid3 make one crop, 1 x 2, 2 x 1 and 2 x 2 tiles.
GRID3 = tuple(f"grid3/image{i}.png" for i in range(6))
JOBS = [
    Job("odd-heads", 31, sizes((27, 1, 3, 20), 28, 14, 22, (30, 2, 3, 40), 6, 0, 0), 8, 5, 1, 1, 6e-3, GRID3[:4]),
    Job("deep", 32, sizes((16, 4, 2, 24), 24, 8, 20, (16, 5, 2, 32), 4, 5, 423), 9, 8, 1, 2, 1e-2,
        ("deep/image0.png", "deep/image1.png", "grid3/image1.png")),
    Job("tilings", 43, sizes((24, 2, 2, 32), 42, 14, 26, (24, 2, 4, 48), 4, 419, 0), 11, 10, 4, 2, 1e-2, GRID3),
    Job("one-head", 34, sizes((20, 1, 1, 16), 14, 14, 18, (40, 2, 1, 24), 32, 423, 423), 7, 8, 3, 1, 6e-3,
        ("grid1/image1.png", "grid1/image3.png", "grid1/image6.png")),
]

QUESTIONS = ("What?", "Which colour is it?", "How many strokes do you see here?", "Wie heißt das?", "Is it 7 or 9?")
ANSWERS = ("red", 7, "blue and green", "no", "3.25", "none at all", "größer")


def rows(job: Job) -> list[dict]:
    """Both spellings of the keys, and a number as an answer."""
    out = []
    for i in range(job.rows):
        keys = ("image", "question", "answer") if i % 3 else ("image_path", "prompt", "response")
        values = (job.pictures[i % len(job.pictures)], QUESTIONS[i % len(QUESTIONS)], ANSWERS[i % len(ANSWERS)])
        out.append(dict(zip(keys, values)))
    return out


# --------------------------------------------------------------------------- core/model/random_values.h


def split_mix(z: np.ndarray) -> np.ndarray:
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xbf58476d1ce4e5b9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94d049bb133111eb)
    return z ^ (z >> np.uint64(31))


def random_tensor(name: str, shape: tuple[int, ...], mean: float, deviation: float, seed: int) -> torch.Tensor:
    """Sums of four 16-bit integers, of a counter that begins with a hash of seed and name."""
    step = 0x9e3779b97f4a7c15
    start = split_mix(np.array([(seed + step) % 2**64], np.uint64)) ^ np.uint64(int(golden_model.digest(name.encode()), 16))
    counters = split_mix(start) + np.arange(math.prod(shape), dtype=np.uint64) * np.uint64(step)
    bits = split_mix(counters)
    total = sum((bits >> np.uint64(shift)) & np.uint64(0xffff) for shift in (0, 16, 32, 48)).astype(np.int64) - 2 * 65535
    width = np.float32(deviation / math.sqrt((65536.0 * 65536.0 - 1) / 3))
    return torch.from_numpy(np.float32(mean) + width * total.astype(np.float32)).reshape(shape)


def random_weights(s: ref.Sizes, seed: int) -> dict[str, torch.Tensor]:
    weights = {}
    for name, shape in ref.tensor_shapes(s).items():
        is_norm_weight = ("norm" in name or ".ln." in name) and name.endswith("weight")
        deviation = 1 / math.sqrt(shape[-1])
        if len(shape) == 1:
            deviation = 0.05
        elif name.endswith(("wte.weight", "pos_embed")):
            deviation = 0.5
        weights[name] = random_tensor(name, shape, float(is_norm_weight), deviation, seed)
    return weights


# --------------------------------------------------------------------------- results


def kept(tensors: dict[str, torch.Tensor]) -> torch.Tensor:
    """What is kept of all tensors in the order of their names, one after the other."""
    flat = (tensors[name].flatten() for name in sorted(tensors))
    return torch.cat([t if len(t) <= WHOLE else t[::EVERY] for t in flat]).detach().clone()


def text_of(w: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    return {n: t for n, t in w.items() if n.startswith("text_model.")}


@dataclass(frozen=True)
class Row:
    picture: Image.Image
    question: list[int]
    answer: list[int]


def tokenized(job: Job) -> list[Row]:
    tokenizer = Tokenizer.from_file(str(TOKENIZER))
    ids = lambda text: tokenizer.encode(text, add_special_tokens=False).ids
    out = []
    for row in rows(job):
        image, question, answer = row.values()
        out.append(Row(Image.open(PICTURES / image).convert("RGB"), ids(f"\n\nQuestion: {question}\n\nAnswer:"),
                       ids(f" {answer}") + [job.sizes.eos_id]))
    return out


def slopes(w: dict, s: ref.Sizes, window: list[Row], prefix: int, leaves: dict[str, torch.Tensor]) -> tuple[float, dict]:
    """Mean loss of a window's answer tokens, and its gradient by every leaf; vision is computed with them."""
    for t in leaves.values():
        t.requires_grad_(True).grad = None
    tokens = sum(len(row.answer) for row in window)
    total = 0.0
    for row in window:
        example = ref.Example(ref.encode_image(w, s, row.picture), row.question, row.answer)
        loss, _, _ = ref.loss_sum(w, s, example, prefix)
        (loss / tokens).backward(retain_graph=True)
        total += float(loss.detach())
    for t in leaves.values():
        t.requires_grad_(False)
    return total / tokens, {n: t.grad for n, t in leaves.items()}


def first_step(w: dict, job: Job, window: list[Row], prefix: int) -> dict[str, torch.Tensor]:
    """By how much the first of any number of updates changes the text tensors: its rate is that of the first of one."""
    with torch.no_grad():
        examples = [ref.Example(ref.encode_image(w, job.sizes, r.picture), r.question, r.answer) for r in window]
    trained = {n: t.clone() for n, t in w.items()}
    ref.train(trained, job.sizes, [examples], job.learning_rate, prefix)
    return {n: t - w[n] for n, t in text_of(trained).items()}


def adapter_slopes(w: dict, s: ref.Sizes, window: list[Row], prefix: int) -> tuple[float, dict]:
    """Of A and B beside each layer, which computes with W + SCALE * B A."""
    leaves, adapted = {}, dict(w)
    for layer in (f"text_model.transformer.h.{i}.{part}" for i in range(s.text.layers) for part in ADAPTED):
        out, inp = w[layer + ".weight"].shape
        for name, shape in ((".lora_A.weight", (RANK, inp)), (".lora_B.weight", (out, RANK))):
            leaf = random_tensor(layer + name, shape, 0, ADAPTER_DEVIATION, ADAPTER_SEED)
            leaves[layer + name] = leaf.requires_grad_(True)
        adapted[layer + ".weight"] = w[layer + ".weight"] + SCALE * (leaves[layer + ".lora_B.weight"] @ leaves[layer + ".lora_A.weight"])
    return slopes(adapted, s, window, prefix, leaves)


def run_job(job: Job, w: dict, attention: str, folder: Path) -> tuple[list[dict], dict, list[list[int]]]:
    """md2_job.py as a program: lines of metrics, trained tensors, ids of answers."""
    (folder / "config.json").write_text(json.dumps({"model_type": "moondream1", "md2_sizes": asdict(job.sizes)}))
    ref.save_safetensors(folder / "model.safetensors", w, {"format": "pt"})
    for picture in job.pictures:
        (folder / picture).parent.mkdir(exist_ok=True)
        shutil.copy(PICTURES / picture, folder / picture)
    (folder / "rows.jsonl").write_text("".join(json.dumps(r) + "\n" for r in rows(job)), encoding="utf-8")
    out = folder / attention
    subprocess.run([sys.executable, TESTS / "reference" / "md2_job.py", "--model", folder, "--tokenizer", TOKENIZER,
                    "--data", folder / "rows.jsonl", "--val", folder / "rows.jsonl", "--out", out,
                    "--epochs", str(job.epochs), "--batch-size", str(job.batch_size), "--grad-accum", str(job.grad_accum),
                    "--learning-rate", str(job.learning_rate), "--attention", attention, "--max-new-tokens", str(LIMIT)],
                   check=True, env=os.environ | {"OMP_NUM_THREADS": "1"})
    lines = lambda name: [json.loads(line) for line in (out / name).read_text().splitlines()]
    # As a folder of these tensors alone.
    (out / "trained.safetensors").rename(out / "model.safetensors")
    shutil.copy(folder / "config.json", out)
    trained, _ = md2_peer.load_folder(out)
    return lines("metrics.jsonl"), trained, [a["tokens"] for a in lines("answers.jsonl")]


def check_margins(job: Job, w: dict, answers: list[list[int]], prefix: int) -> None:
    """Every id of every answer is clearly the best, so that another processor answers the same."""
    for row, answer in zip(tokenized(job), answers):
        features = ref.encode_image(w, job.sizes, row.picture)
        found = golden_model.margin(w, job.sizes, features, row.question, answer, prefix)
        if found < golden_model.MIN_MARGIN:
            raise SystemExit(f"{job.name}: expected answers that are clear, found one that leads by {found:.1e}; change its seed")


def write(out: Path, job: Job) -> None:
    out.mkdir(parents=True, exist_ok=True)
    w, examples = random_weights(job.sizes, job.seed), tokenized(job)
    window = examples[:job.batch_size * job.grad_accum]
    vision = {n: t for n, t in w.items() if n.startswith("vision_encoder.")}
    golden: dict[str, torch.Tensor] = {}
    weights = hashlib.sha256(b"".join(w[n].numpy().tobytes() for n in sorted(w))).hexdigest()
    manifest: dict = {"torch": torch.__version__, "seed": job.seed, "weights": weights, "whole": WHOLE, "every": EVERY,
                      "limit": LIMIT, "sizes": asdict(job.sizes), "epochs": job.epochs, "batch_size": job.batch_size,
                      "grad_accum": job.grad_accum, "learning_rate": job.learning_rate, "rows": rows(job),
                      "adapter": {"rank": RANK, "scale": SCALE, "seed": ADAPTER_SEED, "deviation": ADAPTER_DEVIATION}}
    manifest["examples"] = [{"prompt": r.question, "answer": r.answer} for r in examples]
    for attention, prefix in (("causal", 0), ("prefix", job.sizes.prefix)):
        loss, text_slopes = slopes(w, job.sizes, window, prefix, text_of(w))
        _, vision_slopes = slopes(w, job.sizes, window, prefix, vision)
        adapter_loss, of_adapters = adapter_slopes(w, job.sizes, window, prefix)
        golden |= {f"{attention}.text_gradients": kept(text_slopes), f"{attention}.vision_gradients": kept(vision_slopes),
                   f"{attention}.adapter_gradients": kept(of_adapters),
                   f"{attention}.first_step": kept(first_step(w, job, window, prefix))}
        with tempfile.TemporaryDirectory() as folder:
            metrics, trained, answers = run_job(job, w, attention, Path(folder))
        golden[f"{attention}.trained"] = kept(trained)
        with torch.no_grad():
            check_margins(job, w | trained, answers, prefix)
        columns = {key: [float(f"{line[key]:.9g}") for line in metrics]
                   for key in ("loss", "token_accuracy", "learning_rate", "grad_norm", "answer_tokens")}
        manifest[attention] = columns | {"first_loss": loss, "adapter_loss": adapter_loss, "answers": answers}
    ref.save_safetensors(out / "golden.safetensors", golden)
    (out / "golden.json").write_text(json.dumps(manifest, ensure_ascii=False), encoding="utf-8")
    size = sum(f.stat().st_size for f in out.iterdir())
    print(f"{out}: {len(manifest['causal']['loss'])} updates, loss {manifest['causal']['loss'][0]:.3f} to "
          f"{manifest['causal']['loss'][-1]:.3f}, {size} bytes")


def main() -> None:
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("--out", type=Path, default=Path(__file__).resolve().parent)
    a = p.parse_args()
    torch.set_num_threads(1)  # the last bits of a product depend on it
    for job in JOBS:
        write(a.out / job.name, job)


if __name__ == "__main__":
    main()
