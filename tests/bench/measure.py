"""Measuring: each contender in a process of its own, rounds interleaved, the median of the CPU seconds."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from statistics import median
from typing import Any

TICKS = os.sysconf("SC_CLK_TCK")
Answer = dict[str, Any]


def in_child(module: str, *arguments: str, environ: Mapping[str, str] | None = None) -> Answer:
    """Run `python -m module arguments`; its last line is a JSON object: what it measured."""
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        env={**os.environ, "PYTHONHASHSEED": "0", **(environ or {})},
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"{module} {' '.join(arguments)} ended with {done.returncode}")
    answer: Answer = json.loads(done.stdout.splitlines()[-1])
    return answer


def rounds(contenders: Mapping[str, Callable[[], Answer]], times: Mapping[str, int]) -> dict[str, Answer]:
    """Each contender as often as `times` says, interleaved; the medians of each figure."""
    found: dict[str, list[Answer]] = {name: [] for name in contenders}
    for number in range(max(times.values(), default=0)):
        for name, run in contenders.items():
            if number < times[name]:
                found[name].append(run())
                told(f"  {name}: {found[name][-1]}")
    return {name: _middle(answers) for name, answers in found.items() if answers}


def _middle(answers: Iterable[Answer]) -> Answer:
    listed = list(answers)
    return {
        key: median(one[key] for one in listed) if isinstance(value, int | float) else value
        for key, value in listed[0].items()
    }


def told(words: str) -> None:
    """Progress, to the error stream: the table alone goes to the output."""
    print(words, file=sys.stderr, flush=True)


def peak_mb() -> float:
    """The most memory this process ever held, in MB; unlike ru_maxrss it does not count the parent's."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    return 0.0


def forget_peak() -> None:
    """From here on `peak_mb` counts anew, from what is held now."""
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def cpu_of_tree(root: int) -> float:
    """CPU seconds of a process, its living children and those it has buried: a whole server."""
    fields = _stat(root)
    total = sum(int(one) for one in fields[11:15])
    for name in os.listdir("/proc"):
        if name.isdigit():
            other = _stat(int(name))
            if other and int(other[1]) == root:
                total += sum(int(one) for one in other[11:15])
    return total / TICKS


def _stat(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []


class Clock:
    """CPU seconds of this process and, where there is one, of the server; entered again, it goes on."""

    def __init__(self, server: int = 0):
        self._server = server
        self.client = self.wall = self.other = 0.0

    def __enter__(self) -> "Clock":
        self._wall, self._client = time.perf_counter(), time.process_time()
        self._other = cpu_of_tree(self._server) if self._server else 0.0
        return self

    def __exit__(self, *_: object) -> None:
        self.client += time.process_time() - self._client
        self.wall += time.perf_counter() - self._wall
        if self._server:
            self.other += cpu_of_tree(self._server) - self._other

    @property
    def cpu(self) -> float:
        """Client and server together."""
        return self.client + self.other
