"""Shared code of the benches: interleaved repeats, CPU time of processes, and tables that name the machine.

A bench first proves that both sides give the same result, and then times them: ours, rival, ours, rival …
"""

from __future__ import annotations

import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
OUR_PYTHON = ROOT / ".venv" / "bin" / "python"
STOCK_PYTHON = ROOT / ".stock" / "2.47.0" / "bin" / "python"


@dataclass(frozen=True)
class Spread:
    """The median of repeated measurements, with the smallest and the largest."""

    median: float
    low: float
    high: float
    samples: tuple[float, ...]
    """The measurements, in order of the repeats."""

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        """Summarises at least one value."""
        return cls(statistics.median(values), min(values), max(values), tuple(values))

    def times(self, other: Spread) -> float:
        """The ratio to another one: the median over the repeats, each of which is compared with its counterpart."""
        return statistics.median(own / others for own, others in zip(self.samples, other.samples, strict=True))


@dataclass(frozen=True)
class Finished:
    """A process that has ended: its CPU time (user and system, including children) and its output."""

    cpu_s: float
    stdout: str
    stderr: str
    exit_code: int


def interleaved(candidates: Mapping[str, Callable[[], float]], repeats: int = 5) -> dict[str, Spread]:
    """Measures the candidates alternately, `repeats` times, so that a noisy period affects all of them."""
    values: dict[str, list[float]] = {name: [] for name in candidates}
    for _ in range(repeats):
        for name, measure in candidates.items():
            values[name].append(measure())
    return {name: Spread.of(samples) for name, samples in values.items()}


def run(command: Sequence[str | Path], *, core: int | None = None, env: Mapping[str, str] | None = None) -> Finished:
    """Runs a command to its end and measures its CPU time; on one core if `core` is given (Linux)."""
    pinned = ["taskset", "-c", str(core), *command] if core is not None and shutil.which("taskset") else [*command]
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        process = subprocess.Popen(pinned, stdout=out, stderr=err, env={**os.environ, **(env or {})})
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        err.seek(0)
        return Finished(usage.ru_utime + usage.ru_stime, out.read(), err.read(), process.returncode)


def run_json(
    python: Path,
    script: str | Path,
    *arguments: str,
    core: int | None = None,
    env: Mapping[str, str] | None = None,
) -> object:
    """Runs a Python script in the given environment and returns the JSON of its last line of output.

    Raises:
        RuntimeError: The script failed; the message contains its error output.
    """
    finished = run([python, script, *arguments], core=core, env=env)
    if finished.exit_code:
        raise RuntimeError(f"{script} failed under {python}:\n{finished.stderr}")
    return json.loads(finished.stdout.strip().splitlines()[-1])


def build_exact_delay() -> Path:
    """Compiles the target of `rust/locust-http/examples/exact_delay.rs`; the path of its program."""
    subprocess.run(
        ["cargo", "build", "--release", "-p", "locust-http", "--example", "exact_delay"], cwd=ROOT, check=True
    )
    return ROOT / "target" / "release" / "examples" / "exact_delay"


@contextmanager
def exact_delay_target(program: Path, delay_us: int) -> Iterator[dict[str, Any]]:
    """Runs the target; yields a dictionary with its `url`, which contains its measurements afterwards."""
    target = subprocess.Popen([program, str(delay_us)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert target.stdout is not None
    port = target.stdout.readline().split()[-1]
    facts: dict[str, Any] = {"url": f"http://127.0.0.1:{port}"}
    try:
        yield facts
    finally:
        out, _ = target.communicate()
        facts.update(json.loads(out))


def machine() -> list[str]:
    """Lines that describe the machine on which the figures were taken."""
    cpu = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        models = [line.partition(":")[2].strip() for line in cpuinfo.read_text().splitlines() if "model name" in line]
        cpu = models[0] if models else cpu
    return [
        f"machine: {cpu}, {os.cpu_count()} cores, {platform.system()} {platform.release()}",
        f"python:  {platform.python_version()}; ours {version_of(OUR_PYTHON)}; stock {version_of(STOCK_PYTHON)}",
    ]


def version_of(python: Path) -> str:
    """The first line of `locust -V` in an environment, or the reason why there is none."""
    if not python.exists():
        return "not installed (make references)"
    finished = run([python, "-m", "locust", "-V"])
    return finished.stdout.strip().partition(" from ")[0] or f"locust -V failed: {finished.stderr.strip()[-200:]}"


def table(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Aligned columns, the first to the left, the others to the right."""
    widths = [max(len(row[column]) for row in [headers, *rows]) for column in range(len(headers))]

    def line(cells: Sequence[str]) -> str:
        first = cells[0].ljust(widths[0])
        return "  ".join([first, *(cell.rjust(width) for cell, width in zip(cells[1:], widths[1:], strict=True))])

    return "\n".join([line(headers), "  ".join("-" * width for width in widths), *(line(row) for row in rows)])


def progress(text: str) -> None:
    """Prints on standard error what is being measured."""
    print(f"… {text}", file=sys.stderr, flush=True)
