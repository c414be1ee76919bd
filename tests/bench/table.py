"""Samples of one run as a table: medians, their range, ratios round by round, and what is wanted of them."""

from __future__ import annotations

import statistics
from dataclasses import dataclass, field


def _with_unit(value: float, unit: str) -> str:
    if unit == "s":
        for scale, name in ((1, "s"), (1e3, "ms"), (1e6, "µs")):
            if value * scale >= 1 or name == "µs":
                return f"{value * scale:.3g} {name}"
    if unit == "B":
        return f"{value / 1e6:,.1f} MB"
    return f"{value:.3g} {unit}"


@dataclass(frozen=True)
class Samples:
    """One value a round."""
    values: list[float]
    unit: str

    def text(self) -> str:
        low, high = min(self.values), max(self.values)
        middle = _with_unit(statistics.median(self.values), self.unit)
        if len(self.values) == 1 or self.unit == "B":
            return middle
        return f"{middle} ({_with_unit(low, self.unit)} .. {_with_unit(high, self.unit)})"


@dataclass(frozen=True)
class Row:
    what: str
    ours: Samples
    beside: str            # what it is compared with
    theirs: Samples | None
    wanted: str = ""       # "<= 1.35" or "0.9 .. 1.1" of the ratio; of our own value where nothing is beside

    def ratios(self) -> list[float]:
        return [a / b for a, b in zip(self.ours.values, self.theirs.values)]

    def held(self) -> str:
        if not self.wanted:
            return ""
        value = statistics.median(self.ratios() if self.theirs else self.ours.values)
        words = self.wanted.split()
        if words[1] == "..":
            good = float(words[0]) <= value <= float(words[2])
        else:
            good = value <= float(words[1]) if words[0] == "<=" else value >= float(words[1])
        return "yes" if good else "**no**"

    def cells(self) -> list[str]:
        ratio = ""
        if self.theirs:
            values = self.ratios()
            ratio = f"{statistics.median(values):.3f}"
            if len(values) > 1:
                ratio += f" ({min(values):.3f} .. {max(values):.3f})"
        return [self.what, self.ours.text(), self.beside, self.theirs.text() if self.theirs else "", ratio,
                self.wanted.replace("<=", "≤").replace(">=", "≥"), self.held()]


@dataclass
class Table:
    title: str
    rows: list[Row] = field(default_factory=list)

    def add(self, *args, **kwargs) -> None:
        self.rows.append(Row(*args, **kwargs))

    def markdown(self) -> str:
        head = ["", "md2", "beside", "", "ratio", "wanted", "held"]
        lines = [f"## {self.title}", "", "| " + " | ".join(head) + " |", "|" + " --- |" * len(head)]
        before = None
        for row in self.rows:
            cells = row.cells()
            same = before is not None and (row.what, row.ours) == (before.what, before.ours)
            lines.append("| " + " | ".join(["", "", *cells[2:]] if same else cells) + " |")
            before = row
        return "\n".join(lines) + "\n"
