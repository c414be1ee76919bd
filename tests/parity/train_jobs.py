"""Runs training jobs of random sizes with md2_job.py and with md2-worker, and compares what they leave.

Started by tests/parity/fresh --train; says in a line a job what was seen, and exits with 1 when a bound was passed.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import shutil
import subprocess
import sys
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from tokenizers import Tokenizer

TESTS = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS / "reference"), str(TESTS / "golden" / "model")]
import make as golden_model  # noqa: E402
import md2_peer  # noqa: E402
import md2_reference as ref  # noqa: E402

TOKENIZER = TESTS / "golden" / "tokenizer" / "tiny-tokenizer.json"
LIMIT = 16          # ids of an answer
CLOSE = 1e-4        # an id that leads by less of the largest logit may be another
# In 74 jobs were seen at most: 3.4e-6, 1.0e-15, 1.1e-5, 5.8e-5, 6.4e-4.
BOUNDS = {"loss": 1e-5, "learning_rate": 1e-7, "grad_norm": 1e-4, "tensors": 1e-4, "idle_biases": 5e-3}
# Of tensors an export rounds to the dtype of its base.
ROUNDING = {torch.float32: 0.0, torch.float16: 2.0**-11, torch.bfloat16: 2.0**-8}
# Decoders of JPEG differ, and with them features and all that follows: losses alone are held, loosely. Seen: 2.1e-2.
JPEG_BOUNDS = {"loss": 1e-1}
WORDS = "what how many red blue strokes green is this the total 12.50 no yes größe naïve 日本 lines? a 7".split()


@dataclass(frozen=True)
class Job:
    folder: Path
    sizes: ref.Sizes
    dtype: torch.dtype
    attention: str
    has_jpeg: bool
    rows: int
    updates: int  # at least
    batch_size: int
    grad_accum: int
    learning_rate: float

    @property
    def prefix(self) -> int:
        return self.sizes.prefix if self.attention == "prefix" else 0

    def flags(self, epochs: int) -> list[str]:
        """That both programs take."""
        return ["--model", self.folder / "model", "--data", self.folder / "train.jsonl", "--epochs", str(epochs),
                "--batch-size", str(self.batch_size), "--grad-accum", str(self.grad_accum),
                "--learning-rate", str(self.learning_rate), "--attention", self.attention]


def make(folder: Path, seed: int) -> Job:
    """A base model, pictures and rows, all of `seed`."""
    rng = np.random.default_rng(seed)
    pick = lambda low, high: int(rng.integers(low, high + 1))
    drawn = golden_model.random_model(seed)
    vocab = pick(420, 600)  # the tokenizer has 420
    s = replace(drawn.sizes, text=replace(drawn.sizes.text, vocab=vocab, max_positions=256), bos_id=pick(0, vocab - 1),
                eos_id=pick(420, vocab - 1) if vocab > 420 else 0)
    has_jpeg, dtype = pick(0, 3) == 0, drawn.dtype if pick(0, 1) else torch.float32
    model = folder / "model"
    model.mkdir(parents=True)
    (model / "config.json").write_text(json.dumps({"model_type": "moondream1", "md2_sizes": asdict(s)}))
    weights = {n: t.to(dtype) for n, t in ref.random_weights(s, seed).items()}
    ref.save_safetensors(model / "model.safetensors", weights, {"format": "pt"})
    shutil.copy(TOKENIZER, model / "tokenizer.json")
    pictures = []
    for i, picture in enumerate(drawn.pictures):
        _, row = golden_model.write_picture(folder, f"image{i}", replace(picture, kind="JPEG") if has_jpeg else picture, rng)
        pictures.append(row["jpeg" if has_jpeg else "file"])
    num_rows = pick(3, 12)
    with (folder / "train.jsonl").open("w", encoding="utf-8") as f:
        for i in range(num_rows):
            words = lambda most: " ".join(rng.choice(WORDS, pick(1, most)))
            keys = ("image", "question", "answer") if pick(0, 1) else ("image_path", "prompt", "response")
            answer = pick(0, 99) if pick(0, 4) == 0 else words(4)
            f.write(json.dumps(dict(zip(keys, (pictures[i % len(pictures)], words(7), answer)))) + "\n")
    return Job(folder, s, dtype, ("causal", "prefix")[pick(0, 1)], has_jpeg, num_rows, pick(6, 40), pick(1, 4),
               pick(1, 3), float(10 ** rng.uniform(-2.7, -2)))


def lines(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def run(command: list, name: str) -> str:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("MD2_")}
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True, env=environment)
    if done.returncode != 0:
        raise SystemExit(f"md2: expected {name} to succeed, found exit code {done.returncode}:\n{done.stderr[-2000:]}")
    return done.stdout


def run_reference(job: Job) -> tuple[int, list[dict]]:
    """Epochs, of which there are enough for what md2-worker asks of a model, a loss below chance and an answer that is
    not empty; lines of metrics."""
    epochs = math.ceil(job.updates / math.ceil(job.rows / (job.batch_size * job.grad_accum)))
    while True:
        run([sys.executable, TESTS / "reference" / "md2_job.py", *job.flags(epochs), "--tokenizer", TOKENIZER,
             "--val", job.folder / "train.jsonl", "--out", job.folder / "reference", "--max-new-tokens", LIMIT], "md2_job.py")
        metrics = lines(job.folder / "reference" / "metrics.jsonl")
        answers = lines(job.folder / "reference" / "answers.jsonl")[:8]
        if metrics[-1]["loss"] < math.log(job.sizes.text.vocab) - 0.5 and any(a["answer"] for a in answers):
            return epochs, metrics
        epochs *= 2


def relative(found: float, expected: float) -> float:
    return abs(found - expected) / max(abs(expected), 1e-30)


def compare_metrics(found: list[dict], expected: list[dict], problems: list[str]) -> dict[str, float]:
    """The largest differences."""
    if [m["update"] for m in found] != [m["update"] for m in expected]:
        problems.append(f"expected {len(expected)} updates, found {len(found)}")
        return {}
    for f, e in zip(found, expected):
        if f["answer_tokens"] != e["answer_tokens"]:
            problems.append(f"update {e['update']}: expected {e['answer_tokens']} answer tokens, found {f['answer_tokens']}")
    return {key: max(relative(f[key], e[key]) for f, e in zip(found, expected)) for key in ("loss", "learning_rate", "grad_norm")}


def idle_keys(t: ref.TextSizes) -> torch.Tensor:
    """True where Wqkv's bias is of keys and not rotated: it changes no answer, and AdamW's steps follow the rounding
    of a gradient that is 0."""
    idle = torch.zeros(3, t.heads, t.dim // t.heads, dtype=torch.bool)
    idle[1, :, t.rotary_dim:] = True
    return idle.flatten()


def compare_trained(job: Job, found: dict, trained: dict) -> dict[str, float]:
    """The largest differences, as parts of the largest value of each tensor."""
    seen = {"tensors": 0.0, "idle_biases": 0.0}
    for name, expected in trained.items():
        off = (found[name].float() - expected).abs() / expected.abs().max()
        if name.endswith("Wqkv.bias"):
            idle = idle_keys(job.sizes.text)
            seen["idle_biases"] = max(seen["idle_biases"], float((off * idle).max()))
            off = off * ~idle
        seen["tensors"] = max(seen["tensors"], float(off.max()))
    return seen


def compare_export(job: Job, problems: list[str]) -> tuple[dict[str, float], dict]:
    """The largest differences of trained tensors; the reference's weights."""
    base, _ = md2_peer.load_folder(job.folder / "model")
    found, sizes = md2_peer.load_folder(job.folder / "out" / "model")
    # The reference writes trained tensors alone; as a folder they can be read.
    shutil.copy(job.folder / "model" / "config.json", job.folder / "reference")
    (job.folder / "reference" / "trained.safetensors").rename(job.folder / "reference" / "model.safetensors")
    trained, _ = md2_peer.load_folder(job.folder / "reference")
    if sizes != job.sizes:
        problems.append(f"expected the base's sizes in the export, found {sizes}")
    if {n: (t.shape, t.dtype) for n, t in found.items()} != {n: (t.shape, t.dtype) for n, t in base.items()}:
        problems.append("expected names, shapes and dtypes of the base in the export")
        return {}, {}
    for name in base.keys() - trained.keys():
        if not torch.equal(found[name], base[name]):
            problems.append(f"expected {name} as it was in the base")
    return compare_trained(job, found, trained), {n: t.float() for n, t in base.items()} | trained


def compare_answers(job: Job, worker: Path, weights: dict, problems: list[str]) -> str:
    out = run([worker, "answer", "--model", job.folder / "out" / "model", "--questions", job.folder / "train.jsonl",
               "--precision", "fp32", "--device", "cpu", "--max-new-tokens", LIMIT, "-o", "json"], "md2-worker answer")
    found = [json.loads(line)["tokens"] for line in out.splitlines()]
    expected = [a["tokens"] for a in lines(job.folder / "reference" / "answers.jsonl")]
    same = sum(f == e for f, e in zip(found, expected))
    tokenizer = Tokenizer.from_file(str(TOKENIZER))
    for row, f, e in zip(lines(job.folder / "train.jsonl"), found, expected, strict=True):
        if f == e:
            continue
        image, question, _ = row.values()
        with torch.no_grad():
            features = ref.encode_image(weights, job.sizes, Image.open(job.folder / image).convert("RGB"))
            prompt = tokenizer.encode(f"\n\nQuestion: {question}\n\nAnswer:", add_special_tokens=False).ids
            lead = golden_model.margin(weights, job.sizes, features, prompt, e, job.prefix)
        if lead > CLOSE:
            problems.append(f"expected the answer {e} to {question!r}, found {f}; every id leads by {lead:.1e}")
    return f"{same}/{len(expected)}"


def check(job: Job, worker: Path) -> list[str]:
    """Says what was seen; gives what is wrong."""
    problems: list[str] = []
    epochs, expected = run_reference(job)
    run([worker, "train", *job.flags(epochs), "--output-dir", job.folder / "out", "--method", "full", "--precision", "fp32",
         "--shuffle", "false", "--device", "cpu"], "md2-worker train")
    seen = compare_metrics(lines(job.folder / "out" / "metrics.jsonl"), expected, problems)
    of_tensors, weights = compare_export(job, problems)
    seen |= of_tensors
    comparable = not job.has_jpeg and job.dtype == torch.float32
    answers = compare_answers(job, worker, weights, problems) if comparable and weights else "not compared"
    bounds = JPEG_BOUNDS if job.has_jpeg else BOUNDS | {"tensors": BOUNDS["tensors"] + ROUNDING[job.dtype]}
    problems += [f"expected {key} within {bound:.1e}, found {seen[key]:.1e}" for key, bound in bounds.items()
                 if key in seen and not seen[key] <= bound]
    v, t = job.sizes.vision, job.sizes.text
    print(f"{job.folder.name}: {len(expected)} updates of {job.batch_size} x {job.grad_accum} from {job.rows} rows, "
          f"{job.attention}, {'JPEG' if job.has_jpeg else 'PNG'}, {str(job.dtype)[6:]}, vision {v.dim} x {v.depth}, "
          f"text {t.dim} x {t.layers} of {t.heads} heads, rate {job.learning_rate:.1e}")
    print("  seen: " + ", ".join(f"{key} {value:.1e}" for key, value in seen.items()) + f", answers {answers}")
    for problem in problems:
        print(f"  FAILED: {problem}")
    sys.stdout.flush()
    return problems


def main() -> None:
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("--jobs", type=int, required=True)
    p.add_argument("--seed", type=int, required=True, help="of the first; the others follow")
    p.add_argument("--worker", type=Path, required=True)
    p.add_argument("--out", type=Path, required=True, help="an empty folder")
    a = p.parse_args()
    failed = 0
    for seed in range(a.seed, a.seed + a.jobs):
        failed += bool(check(make(a.out / f"seed{seed}", seed), a.worker))
    print(f"md2: {a.jobs - failed} of {a.jobs} jobs are within all bounds")
    sys.exit(failed > 0)


if __name__ == "__main__":
    main()
