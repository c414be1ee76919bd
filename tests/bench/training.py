"""What training costs: a pass beside its matrix products, and whole runs beside the yardstick's loops."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass, replace
from pathlib import Path

from programs import HERE, YARDSTICK_DTYPE, Programs, Subject, run_json, run_text
from table import Samples, Table

QUESTION = "Which digits does the picture show?"
SCOPES = {"text": [], "all": ["--train-vision", "all"], "lora": ["--method", "lora"]}


@dataclass(frozen=True)
class Job:
    """One run of `md2-worker train`, and the loop of the yardstick that it stands beside."""
    subject: Subject
    trains: str          # of SCOPES
    rows: int
    batch: int           # rows of an update
    epochs: int
    peer_rows: int       # as many rows a second with fewer rows: it takes one at a time
    extra: tuple = ()    # further options of train
    stored: bool = False  # vision is not counted

    def samples_a_second(self, updates: list[dict]) -> float:
        seconds = [u["seconds"] for u in updates]
        counted = ("data", "forward_backward", "update") if self.stored else ("data", "vision", "forward_backward", "update")
        return sum(u["images"] for u in updates) / sum(s[k] for s in seconds for k in counted)


def captchas(programs: Programs, rows: int) -> Path:
    folder = programs.models / f"captchas-{rows}"
    if not (folder / "train.jsonl").exists():
        shutil.rmtree(folder, ignore_errors=True)
        run_text([programs.bin / "md2-worker", "datagen", "captcha", "--out", folder, "--family", "k", "--train", rows, "--val", 0, "--test", 0])
    return folder / "train.jsonl"


def train(programs: Programs, job: Job, out: Path) -> list[dict]:
    """The lines of metrics.jsonl. The first update of a run warms memory up and is not counted."""
    shutil.rmtree(out, ignore_errors=True)
    s = job.subject
    run_text([programs.bin / "md2-worker", "train", "--model", s.folder, "--data", captchas(programs, job.rows), "--output-dir", out,
              "--precision", s.precision, "--threads", s.threads, "--batch-size", job.batch, "--grad-accum", 1, "--epochs", job.epochs,
              "--lr", "1e-4", "--save-every", 0, *SCOPES[job.trains], *job.extra])
    lines = [json.loads(line) for line in (out / "metrics.jsonl").read_text().splitlines()]
    return lines[1:] if len(lines) > 2 else lines


def shape_of(programs: Programs, job: Job) -> tuple[int, int]:
    """Tokens of the question and of a typical answer, end included, as the yardstick is to train them."""
    report = run_json([programs.bin / "md2-worker", "check", "--model", job.subject.folder, "--data", captchas(programs, job.rows), "-o", "json"])
    raise NotImplementedError(report)


def peer(programs: Programs, job: Job, question: int, answer: int, *options: str) -> dict:
    s = job.subject
    return run_json([programs.yardstick, HERE.parent / "reference/md2_peer.py", "train", "--model", s.folder,
                     "--dtype", YARDSTICK_DTYPE[s.precision], "--threads", s.threads, "--image-size", *s.image,
                     "--question-tokens", question, "--answer-tokens", answer, "--samples", job.peer_rows, "--epochs", job.epochs,
                     "--accumulate", job.batch, *options])
