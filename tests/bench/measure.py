"""Runs md2 and the yardstick in turn and prints what each took, as tables. tests/bench/run prepares what it needs."""

from __future__ import annotations

import argparse
import os
import shlex
import sys
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import machine
from programs import Programs, Subject
from table import Samples, Table
from training import measure_growth, measure_training

ROOT = Path(__file__).resolve().parents[2]
TOKENIZER = ROOT / "tests/golden/tokenizer/codegen-tokenizer.json"
LICENCES = Path("/usr/share/common-licenses")  # English that every Debian has
QUIET_CORES = 0.1
DEFAULT_IMAGE = {"real": (800, 600), "middle": (800, 600), "nano": (160, 60)}
DEFAULT_PRECISIONS = {"real": ["bf16"], "middle": ["bf16"], "nano": ["fp32", "bf16"]}
EPILOG = """of tests/bench/run alone: --no-yardstick measures md2 alone; --python PATH takes a Python that has what
tests/bench/requirements.txt names, instead of fetching that."""


def parse(words: list[str]) -> argparse.Namespace:
    p = argparse.ArgumentParser(prog="tests/bench/run", description=__doc__.splitlines()[0], epilog=EPILOG)
    p.add_argument("--what", choices=["all", "answers", "training", "growth"], default="all", help="all: answers, training and growth")
    p.add_argument("--sizes", choices=["nano", "middle", "real", "all"], default="all", help="all: real and nano")
    p.add_argument("--precision", help="fp32, bf16, fp16 or several with commas; default: real bf16, nano fp32,bf16")
    p.add_argument("--threads", type=int, default=2)
    p.add_argument("--repeats", type=int, default=5, help="rounds, in each of which every program runs once")
    p.add_argument("--image-size", type=int, nargs=2, metavar=("W", "H"), help="default: 800 600, nano 160 60")
    p.add_argument("--text", type=Path, help="what is tokenized; default: Debian's common licences")
    p.add_argument("--out", type=Path, help="where the report is written too, such as tests/bench/RESULTS.md")
    p.add_argument("--busy", action="store_true", help="measure although other programs are at work, and say so")
    for hidden, kind in (("--yardstick", str), ("--models", Path)):
        p.add_argument(hidden, type=kind, help=argparse.SUPPRESS)
    p.add_argument("--check", action="store_true", help=argparse.SUPPRESS)
    a = p.parse_args(words)
    if a.threads < 1 or a.repeats < 1:
        p.error("expected --threads and --repeats of at least 1")
    for precision in (a.precision or "bf16").split(","):
        if precision not in ("fp32", "bf16", "fp16"):
            p.error(f"expected --precision fp32, bf16 or fp16, found {precision}")
    if a.text and not a.text.is_file():
        p.error(f"expected --text to name a file, found none: {a.text}")
    return a


def refuse_busy(busy_allowed: bool) -> None:
    others = machine.other_work_now()
    if others <= QUIET_CORES:
        return
    found = f"other programs using {others:.2f} of {os.cpu_count()} cores (load average {os.getloadavg()[0]:.2f})"
    if not busy_allowed:
        sys.exit(f"md2: Expected a quiet machine, found {found}: wait for them, or use --busy to see numbers that mean nothing.")
    print(f"md2: WARNING: {found}. These numbers mean nothing.", file=sys.stderr)


def note(text: str) -> None:
    print(f"md2: {text}", file=sys.stderr, flush=True)


class Wanted:
    """What README.md asks for, and nothing where it does not say."""

    def __init__(self, s: Subject):
        self.is_real, self.is_nano, self.is_half = s.sizes == "real", s.sizes == "nano", s.precision != "fp32"

    def of_yardstick(self, real: str) -> str:
        return "<= 0.5" if self.is_nano else real if self.is_real and self.is_half else ""

    def of_floor(self, real: str) -> str:
        return real if self.is_real and self.is_half else ""


def column(rounds: list[dict], key: str, unit: str = "s") -> Samples:
    return Samples([r[key] for r in rounds], unit)


@dataclass(frozen=True)
class Answers:
    table: Table
    ours: list[dict]
    theirs: list[dict]  # empty without a yardstick


def bandwidth(rounds: list[dict], key: str) -> Samples:
    return Samples([r["bytes_a_token"] / r[key] / 1e9 for r in rounds], "GB/s")


def answer_rows(table: Table, s: Subject, ours: list[dict], theirs: list[dict]) -> None:
    """Encode, prefill, decode and the second question; `theirs` is empty without a yardstick."""
    wanted = Wanted(s)
    encode, prefill, decode = (column(ours, k) for k in ("encode", "prefill", "decode"))
    yardstick = f"yardstick, {'fp32' if s.precision == 'fp32' else 'bf16'}"
    beside = lambda what, own, key, real: table.add(what, own, yardstick, column(theirs, key), wanted.of_yardstick(real)) if theirs else None

    table.add("encode", encode, "its linears alone", column(ours, "encode_linears"), wanted.of_floor("<= 1.35"))
    table.add("encode", encode, "linears and attention's products", column(ours, "encode_products"))
    beside("encode", encode, "vision", "<= 0.9")
    table.add("prefill", prefill, "its linears alone", column(ours, "prefill_linears"), wanted.of_floor("<= 1.2"))
    table.add("prefill", prefill, "linears that are needed", column(ours, "prefill_linears_needed"))
    table.add("prefill", prefill, "linears and attention's products", column(ours, "prefill_products"))
    beside("prefill", prefill, "prefill", "<= 0.9")
    table.add("decode, bandwidth", bandwidth(ours, "decode"), f"the same {ours[0]['bytes_a_token'] / 1e6:,.1f} MB merely read",
              bandwidth(ours, "read"), wanted.of_floor(">= 0.7"))
    beside("decode, a token", decode, "per_token", "<= 0.4")
    second = column(ours, "second_question")
    first = Samples([r["encode"] + r["prefill"] for r in ours], "s")
    table.add("second question's first token", second, "the first question's: encode and prefill", first, "<= 0.1")
    table.add("second question's first token", second, "the first question's prefill", prefill)
    if theirs:
        again = Samples([r["vision"] + r["prefill"] for r in theirs], "s")
        table.add("second question's first token", second, f"{yardstick}, which begins again", again)


def measure_load(programs: Programs, group: list[Subject], repeats: int) -> Table:
    """Load beside cat, and memory, in the precision of the file and in those that were asked for."""
    s = group[0]
    table = Table(f"{s.sizes} sizes, load from a warm cache, {s.threads} threads")
    note(f"{s.sizes}: load and memory")
    programs.cat(s.weights)  # into the cache
    for precision in dict.fromkeys([s.stored_precision, *(other.precision for other in group)]):
        loads, firsts, cats = [], [], []
        for _ in range(max(repeats, 5)):
            cats.append(programs.cat(s.weights))
            report = programs.load(s, precision)
            loads.append(report["load"])
            firsts.append(report["first_load"])
        is_stored = precision == s.stored_precision
        what = f"load, precision unchanged ({precision})" if is_stored else f"load, converted to {precision}"
        table.add(what, Samples(loads, "s"), "cat FILE > /dev/null", Samples(cats, "s"), "<= 1.3" if is_stored else "")
        table.add(f"first load of a process ({precision})", Samples(firsts, "s"), "cat FILE > /dev/null", Samples(cats, "s"))
        memory = programs.memory(s, precision)
        weights = column([memory], "weight_bytes", "B")
        table.add(f"most memory, load ({precision})", column([memory], "load_peak_bytes", "B"), "the weights", weights, "<= 1.05")
        table.add(f"most memory, answer ({precision})", column([memory], "answer_peak_bytes", "B"), "the weights", weights)
    return table


def measure_answer(programs: Programs, s: Subject, repeats: int) -> Answers:
    ours, theirs = [], []
    for i in range(repeats):
        note(f"{s.sizes}, {s.precision}: round {i + 1} of {repeats}")
        ours.append(programs.answer(s))
        if programs.yardstick:
            theirs.append(programs.yardstick_answer(s))
    crops = ours[0]["crops"]
    table = Table(f"{s.sizes} sizes, {s.precision}, {s.threads} threads, picture of {s.image[0]} x {s.image[1]} "
                  f"({crops} {'crop' if crops == 1 else 'crops'})")
    answer_rows(table, s, ours, theirs)
    return Answers(table, ours, theirs)


def english(given: Path | None, folder: Path) -> Path:
    if given:
        return given
    files = sorted(f for f in LICENCES.iterdir() if f.is_file() and not f.is_symlink())
    folder.mkdir(parents=True, exist_ok=True)
    text = folder / "english.txt"
    text.write_text("".join(f.read_text(errors="ignore") for f in files))
    return text


def measure_tokenizer(programs: Programs, text: Path, repeats: int) -> Table:
    core = max(os.sched_getaffinity(0))
    ours, theirs = [], []
    for i in range(repeats):
        note(f"tokenizer: round {i + 1} of {repeats}")
        ours.append(programs.tokenizer(TOKENIZER, text, core))
        if programs.yardstick:
            theirs.append(programs.hf_tokenizer(TOKENIZER, text, core))
    if theirs and ours[0]["ids"] != theirs[0]["ids"]:
        sys.exit(f"md2: Expected {theirs[0]['ids']} ids as from HF tokenizers, found {ours[0]['ids']}: a comparison would mean nothing.")
    table = Table(f"tokenizer, one core, {text.stat().st_size / 1e3:.0f} kB of English")
    for key, what in (("whole", "encode, one call"), ("lines", "encode, line by line")):
        table.add(what, column(ours, key, "MB/s"), "", None, ">= 5 MB/s")
        if theirs:
            table.add(what, column(ours, key, "MB/s"), "HF tokenizers", column(theirs, key, "MB/s"))
    return table


def subjects(a: argparse.Namespace, programs: Programs) -> list[Subject]:
    return [Subject(sizes, precision, tuple(a.image_size or DEFAULT_IMAGE[sizes]), a.threads, programs.make_model(sizes))
            for sizes in (["real", "nano"] if a.sizes == "all" else [a.sizes])
            for precision in (a.precision.split(",") if a.precision else DEFAULT_PRECISIONS[sizes])]


def said(a: argparse.Namespace) -> str:
    """The command, its defaults written out."""
    words = ["tests/bench/run", "--what", a.what, "--sizes", a.sizes, "--threads", a.threads, "--repeats", a.repeats]
    words += ["--precision", a.precision] if a.precision else []
    words += ["--image-size", *a.image_size] if a.image_size else []
    words += ["--text", a.text] if a.text else []
    words += [] if a.yardstick else ["--no-yardstick"]
    return shlex.join(map(str, words))


def heading(a: argparse.Namespace, answers: list[Answers], others: float) -> str:
    is_quiet = others <= QUIET_CORES
    if not is_quiet:
        note(f"WARNING: other programs used {others:.2f} cores meanwhile. These numbers mean nothing.")
    lines = ["# Speed and memory", "", f"- command: `{said(a)}`", f"- commit: {machine.commit()}", f"- date: {machine.today()}",
             f"- machine: {machine.describe()}"]
    if answers:
        most_read = max((m.ours for m in answers), key=lambda rounds: rounds[0]["bytes_a_token"])
        lines.append(f"- memory: {most_read[0]['bytes_a_token'] / 1e6:,.1f} MB are read at {bandwidth(most_read, 'read').text()} by {a.threads} threads")
    lines.append(f"- other programs meanwhile: {others:.2f} cores" + ("" if is_quiet else ", so these numbers mean nothing"))
    if a.yardstick:
        lines.append("- yardstick: tests/reference/md2_peer.py with the PyTorch of tests/bench/requirements.txt")
    lines += ["", "README.md says what each row is. Medians, with least and most; ratios are of the same round.", "", ""]
    return "\n".join(lines)


def measure_answers(programs: Programs, chosen: list[Subject], a: argparse.Namespace) -> tuple[list[Answers], list[Table]]:
    answers, tables = [], []
    for _, group in groupby(chosen, lambda s: s.sizes):
        group = list(group)
        measured = [measure_answer(programs, s, a.repeats) for s in group]
        answers += measured
        tables += [m.table for m in measured] + [measure_load(programs, group, a.repeats)]
    tables.append(measure_tokenizer(programs, english(a.text, a.models), a.repeats))
    return answers, tables


def training_subjects(a: argparse.Namespace, programs: Programs) -> list[Subject]:
    """Captchas are small, so one crop each."""
    sizes = ["nano", "middle", "real"] if a.sizes == "all" else [a.sizes]
    return [Subject(name, precision, (160, 60) if name == "nano" else (200, 50), a.threads, programs.make_model(name))
            for name in sizes for precision in (a.precision.split(",") if a.precision else DEFAULT_PRECISIONS[name])]


def main() -> None:
    a = parse(sys.argv[1:])
    if a.check:
        return
    os.chdir(ROOT)
    programs = Programs(ROOT / "build/release/bin", a.yardstick, a.models)
    chosen, trained = subjects(a, programs), training_subjects(a, programs)
    refuse_busy(a.busy)
    work = machine.OtherWork()
    answers, tables = [], []
    if a.what in ("all", "answers"):
        answers, tables = measure_answers(programs, chosen, a)
    if a.what in ("all", "training"):
        for s in trained:
            tables.append(measure_training(programs, s, 1 if s.sizes == "real" else a.repeats, note))
    if a.what in ("all", "growth"):
        tables.append(measure_growth(programs, Subject("nano", "bf16", (160, 60), a.threads, programs.make_model("nano")), note))
    report = heading(a, answers, work.cores()) + "\n".join(table.markdown() for table in tables)
    print(report)
    if a.out:
        a.out.write_text(report)


if __name__ == "__main__":
    main()
