"""What a result depends on besides the code: the machine, the commit, and who else was at work."""

from __future__ import annotations

import os
import subprocess
import time
from datetime import datetime, timezone
from pathlib import Path


def _field(path: str, name: str) -> str:
    for line in Path(path).read_text().splitlines():
        if line.startswith(name):
            return line.split(":", 1)[1].strip()
    return "unknown"


def describe() -> str:
    """Processor, cores and memory in one line."""
    memory = int(_field("/proc/meminfo", "MemTotal").split()[0]) / 2**20
    flags = _field("/proc/cpuinfo", "flags").split()
    wide = [f for f in ("avx2", "avx512f", "avx512_bf16", "avx512_fp16", "amx_bf16") if f in flags]
    return f"{_field('/proc/cpuinfo', 'model name')} ({', '.join(wide)}), {os.cpu_count()} cores, {memory:.0f} GiB of memory"


def commit() -> str:
    """The commit, and whether the tree differs from it."""
    def git(*words: str) -> str:
        return subprocess.run(["git", *words], capture_output=True, text=True, check=True).stdout.strip()
    changed = git("status", "--porcelain", "--untracked-files=no", "--", ":!tests/bench/RESULTS.md")
    return git("rev-parse", "--short=12", "HEAD") + (" with changes that are not committed" if changed else "")


def today() -> str:
    return datetime.now(timezone.utc).strftime("%Y-%m-%d %H:%M UTC")


def _busy_seconds() -> float:
    """Of all processors since the start, time stolen by the host included."""
    user, nice, system, _idle, _iowait, irq, softirq, steal = map(int, Path("/proc/stat").read_text().split("\n")[0].split()[1:9])
    return (user + nice + system + irq + softirq + steal) / os.sysconf("SC_CLK_TCK")


def _own_seconds() -> float:
    """Of this process and of its children that have ended."""
    return sum(os.times()[:4])


class OtherWork:
    """How many cores were busy with anything but this process and its children since it was made."""

    def __init__(self) -> None:
        self._start = (time.monotonic(), _busy_seconds(), _own_seconds())

    def cores(self) -> float:
        wall, busy, own = (now - then for now, then in zip((time.monotonic(), _busy_seconds(), _own_seconds()), self._start))
        return max(0.0, (busy - own) / max(wall, 1e-9))


def other_work_now(seconds: float = 3.0) -> float:
    """The same while nothing of ours runs."""
    work = OtherWork()
    time.sleep(seconds)
    return work.cores()
