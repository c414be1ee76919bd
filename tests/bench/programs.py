"""The programs that are measured, each run once a call; what they print as a dict."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
YARDSTICK_DTYPE = {"fp32": "float32", "bf16": "bfloat16", "fp16": "bfloat16"}  # it knows no other


@dataclass(frozen=True)
class Subject:
    """One model in one precision with one picture."""
    sizes: str
    precision: str
    image: tuple[int, int]
    threads: int
    folder: Path

    @property
    def weights(self) -> Path:
        return self.folder / "model.safetensors"

    @property
    def inner(self) -> int:
        """Repeats within one process, of which it reports the median."""
        return 1 if self.sizes == "real" else 20 if self.sizes == "nano" else 3

    @property
    def stored_precision(self) -> str:
        return stored_precision(self.sizes)


def stored_precision(sizes: str) -> str:
    """That of the files which make_model writes."""
    return "fp32" if sizes == "nano" else "fp16"


def run_text(words: list, cores: set[int] | None = None, allowed: tuple[int, ...] = (0,)) -> str:
    pin = (lambda: os.sched_setaffinity(0, cores)) if cores else None
    done = subprocess.run([str(w) for w in words], stdout=subprocess.PIPE, text=True, preexec_fn=pin)
    if done.returncode not in allowed:
        sys.exit(f"md2: {Path(words[0]).name} failed with exit code {done.returncode} (it says why above): {' '.join(map(str, words))}")
    return done.stdout


def run_json(words: list, cores: set[int] | None = None) -> dict:
    return json.loads(run_text(words, cores))


@dataclass(frozen=True)
class Programs:
    bin: Path
    yardstick: str | None  # a Python that has torch
    models: Path           # where model folders are kept

    def make_model(self, sizes: str) -> Path:
        """Once; a folder with config.json is complete."""
        dtype = "f32" if stored_precision(sizes) == "fp32" else "f16"
        folder = self.models / f"{sizes}-{dtype}"
        if not (folder / "config.json").exists():
            print(f"md2: writing a model of {sizes} sizes in {dtype} to {folder}", file=sys.stderr)
            self.models.mkdir(parents=True, exist_ok=True)
            run_text([self.bin / "md2-worker", "datagen", "model", "--sizes", sizes, "--dtype", dtype, "--out", folder])
        return folder

    def _options(self, s: Subject, precision: str | None = None) -> list:
        return ["--model", s.folder, "--precision", precision or s.precision, "--threads", s.threads, "--image-size", *s.image]

    def answer(self, s: Subject) -> dict:
        return run_json([self.bin / "model_bench", *self._options(s), "--repeats", s.inner])

    def yardstick_answer(self, s: Subject) -> dict:
        return run_json([self.yardstick, HERE.parent / "reference/md2_peer.py", "answer", "--model", s.folder,
                      "--dtype", YARDSTICK_DTYPE[s.precision], "--threads", s.threads,
                      "--image-size", *s.image, "--repeats", s.inner])

    def load(self, s: Subject, precision: str) -> dict:
        return run_json([self.bin / "load_bench", *self._options(s, precision)])

    def memory(self, s: Subject, precision: str) -> dict:
        return run_json([self.bin / "load_bench", *self._options(s, precision), "--watch-memory"])

    def cat(self, file: Path) -> float:
        """Seconds of `cat FILE > /dev/null`."""
        start = time.perf_counter()
        subprocess.run(["cat", str(file)], stdout=subprocess.DEVNULL, check=True)
        return time.perf_counter() - start

    def tokenizer(self, tokenizer: Path, text: Path, core: int) -> dict:
        """MB/s of the whole text and of its lines, on one core."""
        report = run_json([self.bin / "tokenizer_bench", "--benchmark_filter=Encode", "--benchmark_min_time=1",
                        "--benchmark_format=json", tokenizer, text], {core})
        found = {b["name"]: b for b in report["benchmarks"]}
        return {key: found[name]["bytes_per_second"] / 1e6 for key, name in (("whole", "EncodeWhole"), ("lines", "EncodeLines"))} | {
            "ids": int(found["EncodeWhole"]["ids"])}

    def hf_tokenizer(self, tokenizer: Path, text: Path, core: int) -> dict:
        return run_json([self.yardstick, HERE / "hf_tokenizer.py", tokenizer, text], {core})
