"""What training costs: a pass beside its matrix products, and whole runs beside the yardstick's loops."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path

from programs import HERE, YARDSTICK_DTYPE, Programs, Subject, run_json, run_text
from table import Samples, Table

SCOPES = {"text": [], "all": ["--train-vision", "all"], "lora": ["--method", "lora"]}
PUBLISHED, CACHED = (), ("--cached", "--answer-logits", "--fused")
PHASES = ("data", "vision", "forward_backward", "update")


@dataclass(frozen=True)
class Plan:
    """What is measured of one model."""
    rows: int           # of the data set
    batch: int          # rows in one forward
    epochs: int
    peer_rows: int      # the yardstick takes one at a time, so its rate needs no more
    scopes: tuple       # of SCOPES
    accumulate: int = 1  # forwards of an update
    family: str = "k"   # of captchas
    options: tuple = ()
    is_stored: bool = False  # vision is not counted: features lie there


PLANS = {
    "nano": Plan(rows=4000, batch=32, epochs=3, peer_rows=64, scopes=("text", "all", "lora")),
    "middle": Plan(rows=32, batch=8, epochs=3, peer_rows=8, scopes=("text", "lora"), family="classic200"),
    "real": Plan(rows=6, batch=1, accumulate=2, epochs=1, peer_rows=4, scopes=("lora", "text"), family="classic200", is_stored=True,
                 options=("--moment-bits", "8", "--activation-checkpointing", "selective", "--max-new-tokens", "4")),
}


@dataclass(frozen=True)
class Run:
    """What one run of train left and said."""
    updates: list[dict]
    predicted: dict

    def seconds(self, *phases: str) -> float:
        return sum(u["seconds"][phase] for u in self.updates for phase in phases)

    def rate(self, *phases: str) -> float:
        return sum(u["images"] for u in self.updates) / self.seconds(*phases)

    def without_first_epoch(self, epochs: int) -> Run:
        return Run(self.updates[len(self.updates) // epochs + 1:], self.predicted)

    @property
    def peak(self) -> int:
        return self.updates[-1]["peak_bytes"]


class Training:
    """The programs that train, on captchas that are made once."""

    def __init__(self, programs: Programs, subject: Subject, plan: Plan):
        self.programs, self.s, self.plan = programs, subject, plan
        self.worker = programs.bin / "md2-worker"

    def data(self) -> Path:
        folder = self.programs.models / f"captchas-{self.plan.family}-{self.plan.rows}"
        if not (folder / "train.jsonl").exists():
            shutil.rmtree(folder, ignore_errors=True)
            run_text([self.worker, "datagen", "captcha", "--out", folder, "--family", self.plan.family,
                      "--train", self.plan.rows, "--val", 0, "--test", 0])
        return folder / "train.jsonl"

    def _options(self, scope: str) -> list:
        p, s = self.plan, self.s
        return ["--model", s.folder, "--data", self.data(), "--precision", s.precision, "--threads", s.threads,
                "--batch-size", p.batch, "--grad-accum", p.accumulate, "--epochs", p.epochs, "--lr", "1e-4", *SCOPES[scope], *p.options]

    def check(self, scope: str) -> dict:
        return run_json([self.worker, "check", *self._options(scope), "-o", "json"])

    def train(self, scope: str, *more: str) -> Run:
        out = self.programs.models / "run"
        shutil.rmtree(out, ignore_errors=True)
        predicted = self.check(scope)["predicted"]  # of causal attention
        # Weights of noise may learn too little in three updates for the gate, which comes last: exit code 1.
        run_text([self.worker, "train", *self._options(scope), *more, "--output-dir", out, "-o", "json"], allowed=(0, 1))
        updates = [json.loads(line) for line in (out / "metrics.jsonl").read_text().splitlines()]
        shutil.rmtree(out)
        return Run(updates, predicted)

    def pass_of(self, scope: str, question: int, answer: int) -> dict:
        """Forward and backward of a micro-batch, beside its products."""
        s = self.s
        return run_json([self.programs.bin / "train_bench", "--model", s.folder, "--precision", s.precision, "--threads", s.threads,
                         "--trains", scope, "--rows", self.plan.batch, "--image-size", *s.image, "--question-tokens", question,
                         "--tokens", answer, "--repeats", s.inner])

    def yardstick(self, question: int, answer: int, options: tuple) -> float:
        """Samples a second."""
        s, p = self.s, self.plan
        return run_json([self.programs.yardstick, HERE.parent / "reference/md2_peer.py", "train", "--model", s.folder,
                         "--dtype", YARDSTICK_DTYPE[s.precision], "--threads", s.threads, "--image-size", *s.image,
                         "--question-tokens", question, "--answer-tokens", answer, "--samples", p.peer_rows, "--epochs", p.epochs,
                         "--accumulate", p.batch * p.accumulate, *options])["samples_per_second"]


def _tokens(report: dict, image_tokens: int) -> tuple[int, int]:
    """Of a typical row: its question in the template, and its answer with the end."""
    tokens = report["tokens"]
    return tokens["longest"] - tokens["longest_answer"] - image_tokens - 1, round(tokens["answers"] / report["rows"])


@dataclass(frozen=True)
class Wanted:
    """What the tables ask for."""
    published: str
    cached: str
    rate: str
    linears: str

    @staticmethod
    def of(s: Subject, scope: str) -> Wanted:
        is_half = s.precision != "fp32"
        if s.sizes == "nano":
            rate = {"text": ">= 400", "all": ">= 200"}.get(scope, "") if is_half else ""
            return Wanted(">= 5" if scope == "text" else "", ">= 3" if scope == "text" else "", rate, "")
        if s.sizes == "middle":
            is_text = scope == "text" and is_half
            return Wanted(">= 1.7" if is_text else "", ">= 1" if is_text else "", "", "<= 1.35" if is_text else "")
        return Wanted({"text": ">= 1.3", "lora": ">= 1.8"}.get(scope, ""), "", "", "")


def measure_training(programs: Programs, s: Subject, repeats: int, note) -> Table:
    plan = PLANS[s.sizes]
    training = Training(programs, s, plan)
    image_tokens = run_json([training.worker, "inspect", "--model", s.folder, "-o", "json"])["image_tokens"]
    question, answer = _tokens(training.check("text"), image_tokens)
    table = Table(f"training, {s.sizes} sizes, {s.precision}, {s.threads} threads, {plan.rows} rows of {question} and {answer} tokens "
                  f"beside the image's {image_tokens}, {plan.batch} x {plan.accumulate} an update, {plan.epochs} {'epoch' if plan.epochs == 1 else 'epochs'}")
    for scope in plan.scopes:
        runs, passes, loops = [], [], {PUBLISHED: [], CACHED: []}
        for i in range(repeats):
            note(f"{s.sizes}, {s.precision}, training {scope}: round {i + 1} of {repeats}")
            runs.append(training.train(scope))
            if not plan.is_stored:
                passes.append(training.pass_of(scope, question, answer))
            if programs.yardstick:
                for options, rates in loops.items():
                    rates.append(training.yardstick(question, answer, options))
        _rows(table, s, scope, plan, runs, passes, loops)
    if s.sizes == "nano":
        _attention_rows(table, [(training.train("text"), training.train("text", "--attention", "prefix")) for _ in range(repeats)])
    return table


def _attention_rows(table: Table, pairs: list[tuple[Run, Run]]) -> None:
    seconds = lambda i: Samples([pair[i].seconds("forward_backward") for pair in pairs], "s")
    memory = lambda i: Samples([pair[i].peak for pair in pairs], "B")
    table.add("text, prefix attention, forward and backward", seconds(1), "causal", seconds(0), "<= 1.05")
    table.add("text, prefix attention, most memory", memory(1), "causal", memory(0), "<= 1.05")


def _rows(table: Table, s: Subject, scope: str, plan: Plan, runs: list[Run], passes: list[dict], loops: dict) -> None:
    wanted = Wanted.of(s, scope)
    counted = tuple(p for p in PHASES if not (plan.is_stored and p == "vision"))
    rates = Samples([run.rate(*counted) for run in runs], "samples/s")
    what = f"{scope}, {'vision stored' if plan.is_stored else 'all included'}"
    if loops[PUBLISHED]:
        table.add(what, rates, "yardstick, published loop", Samples(loops[PUBLISHED], "samples/s"), wanted.published)
        table.add(what, rates, "yardstick, cached, logits of answers, fused", Samples(loops[CACHED], "samples/s"), wanted.cached)
    else:
        table.add(what, rates, "", None)
    if plan.epochs > 1:
        later = [run.without_first_epoch(plan.epochs) for run in runs]
        table.add(f"{scope}, after the first epoch", Samples([run.rate(*PHASES) for run in later], "samples/s"), "", None, wanted.rate)
    if passes:
        seconds = lambda key: Samples([p[key] for p in passes], "s")
        there_and_back = seconds("forward_backward")
        table.add(f"{scope}, forward and backward", there_and_back, "its linears alone", seconds("linears"))
        table.add(f"{scope}, forward and backward", there_and_back, "linears that are needed", seconds("linears_needed"))
        table.add(f"{scope}, forward and backward", there_and_back, "linears and attention's products", seconds("products"), wanted.linears)
    for phase in PHASES:
        share = Samples([100 * run.seconds(phase) / run.seconds(*PHASES) for run in runs], "%")
        table.add(f"{scope}, share of {phase}", share, "", None, "<= 2" if phase == "data" else "")
    table.add(f"{scope}, most memory", Samples([run.peak for run in runs], "B"), "predicted by check",
              Samples([run.predicted["peak_bytes"] for run in runs], "B"), "0.9 .. 1.1")


def measure_growth(programs: Programs, s: Subject, note) -> Table:
    """Time and memory a row with ten and a hundred times the rows."""
    table = Table(f"growth, {s.sizes} sizes, {s.precision}, one epoch, 32 an update")
    for rows in (1000, 10_000, 100_000):
        note(f"{s.sizes}: {rows} rows")
        run = Training(programs, s, Plan(rows=rows, batch=32, epochs=1, peer_rows=1, scopes=())).train("text")
        table.add(f"{rows:,} rows", Samples([run.seconds(*PHASES) / rows], "s"), "", None)
        table.add(f"{rows:,} rows, most memory", Samples([run.peak], "B"), "", None)
    return table
