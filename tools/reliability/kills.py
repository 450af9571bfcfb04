"""Kills a run at random moments, lets it go on, and expects the content that it has when nobody kills it.

usage: kills.py PROGRAM --kills 200 [--tokens 5000] [--folder FOLDER] [--seed 0]
  A run of its own for each kill: SIGKILL at a moment drawn from the run's whole time, the report's included; then the same
  command again, to its end. The content hash must be that of the run that was left alone, and `verify` find nothing.

usage: kills.py PROGRAM --soak --tokens 500000 [--kills 20]
  One run, killed so many times on its way; and it says how much memory grows with tokens, the report included.

Needs h5py. Ends with 1 where a kill changed anything, or where memory grows by more than MOST_GROWTH.
"""
import argparse
import collections
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import h5py

import standin

# Bytes a token, from the measuring to the report, of a run with three conditions: docs/reliability.md. What grows is
# the columns of one condition at a time, and those that others are compared with.
MOST_GROWTH = 400


class Runs:
    def __init__(self, program: str, study: Path):
        self.command = [os.path.abspath(program), "run", str(study), "--out"]
        self.program = self.command[0]
        self.log = open(study.parent / "log", "w")

    def start(self, out: Path) -> subprocess.Popen:
        return subprocess.Popen(self.command + [str(out)], stdout=self.log, stderr=self.log)

    def finish(self, out: Path) -> tuple[float, int]:
        """Runs to the end; the seconds it took, and the most memory that it held, in kB."""
        begun, process = time.monotonic(), self.start(out)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise SystemExit(f"{out}: ended with {process.returncode}; see {self.log.name}")
        return time.monotonic() - begun, usage.ru_maxrss

    def kill(self, out: Path, after: float) -> bool:
        """False where the run was over before."""
        process = self.start(out)
        try:
            process.wait(after)
            return False
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait()
            return True

    def verifies(self, out: Path) -> bool:
        return subprocess.run([self.program, "verify", str(out)], stdout=self.log, stderr=self.log).returncode == 0


def content(out: Path) -> str:
    with h5py.File(out / "tiny.h5") as run:
        return run.attrs["content_sha256"]


def state(out: Path) -> str:
    """What a kill left: how far the run had come."""
    names = {entry.name for entry in out.iterdir()} if out.exists() else set()
    parts = list((out / "tiny.h5.parts").glob("block-*.h5")) if "tiny.h5.parts" in names else []
    if "tiny.h5" in names:
        done = "the report is done" if "ro-crate-metadata.json" in names else "the run file is there"
        return done + (", parts left" if "tiny.h5.parts" in names else "")
    return "the run file is being put together" if "tiny.h5.partial" in names else \
        "some blocks" if parts else "no block"


def kill_each(runs: Runs, folder: Path, kills: int, draws: random.Random) -> int:
    seconds, _ = runs.finish(folder / "whole")
    expected, bad, states = content(folder / "whole"), 0, collections.Counter()
    for number in range(kills):
        out = folder / f"killed-{number}"
        while not runs.kill(out, draws.uniform(0, seconds)):
            shutil.rmtree(out)
        before = state(out)
        states[before] += 1
        runs.finish(out)
        left = [entry.name for entry in out.iterdir() if entry.name.startswith(".") or ".part" in entry.name]
        problems = [f"left {', '.join(left)}"] if left else []
        if content(out) != expected:
            problems.append(f"content {content(out)[:16]}, not {expected[:16]}")
        if not runs.verifies(out):
            problems.append("verify finds something")
        if problems:
            bad += 1
            print(f"kill {number} ({before}): {'; '.join(problems)}")
        else:
            shutil.rmtree(out)
    print(f"{kills - bad} of {kills} kills ended in the content of the run that was left alone. They met:")
    for name, count in states.most_common():
        print(f"  {count:4} {name}")
    return bad


def soak(runs: Runs, folder: Path, tokens: int, kills: int, draws: random.Random) -> int:
    small = folder / "small"
    small.mkdir()
    few = tokens // 5
    _, less = Runs(runs.program, standin.write(small, few)).finish(small / "out")
    seconds, most = runs.finish(folder / "whole")
    done = 0
    while done < kills and runs.kill(folder / "killed", draws.uniform(0, 2 * seconds / kills)):
        done += 1
    _, again = runs.finish(folder / "killed")
    same = content(folder / "killed") == content(folder / "whole") and runs.verifies(folder / "killed")
    growth = (max(most, again) - less) * 1024 / (tokens - few)
    print(f"{tokens} tokens in {seconds:.0f} s; killed {done} times on the way: content {'the same' if same else 'DIFFERS'}")
    flat = growth <= MOST_GROWTH
    print(f"memory: {less >> 10} MiB with {few} tokens, {max(most, again) >> 10} MiB with {tokens}: {growth:.0f} bytes a token"
          f"{'' if flat else f', MORE THAN {MOST_GROWTH}'}")
    return 0 if same and flat else 1


def main() -> int:
    options = argparse.ArgumentParser(usage=__doc__)
    options.add_argument("program")
    options.add_argument("--kills", type=int, default=200)
    options.add_argument("--tokens", type=int, default=5000)
    options.add_argument("--soak", action="store_true")
    options.add_argument("--folder", type=Path)
    options.add_argument("--seed", type=int, default=0)
    given = options.parse_args()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    folder = Path(tempfile.mkdtemp(prefix="clearbox-kills-", dir=given.folder))
    runs, draws = Runs(given.program, standin.write(folder, given.tokens)), random.Random(given.seed)
    bad = (soak(runs, folder, given.tokens, given.kills, draws) if given.soak
           else kill_each(runs, folder, given.kills, draws))
    if bad:
        print(f"kept: {folder}")
    else:
        shutil.rmtree(folder)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
