"""`jostle bench`: what it prints, and what a step asks of the system."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from running_server import BINARY, ROOT

QUICK = ("--rounds", "1", "--steps", "4", "--prompt-tokens", "8")
PHASES = {"scheduling", "embedding", "projections", "attention", "routing", "feedForward", "combination", "head", "sampling"}


def bench(*arguments: str, environment: dict[str, str] | None = None) -> subprocess.CompletedProcess:
    return subprocess.run(
        [BINARY, "bench", *arguments], capture_output=True, text=True, timeout=120, cwd=ROOT, env=environment)


def test_each_batch_size_has_a_row_of_speeds_and_one_of_phases():
    result = bench("--batches", "1,3", *QUICK)
    assert result.returncode == 0, result.stderr
    rows = [line.split() for line in result.stdout.splitlines() if re.match(r" +\d+ ", line)]
    assert [row[0] for row in rows] == ["1", "3", "1", "3"]
    assert all(int(row[1]) > 0 and int(row[2]) > 0 for row in rows[:2])
    assert all(len(row) == 1 + len(PHASES) for row in rows[2:])


def test_the_figures_come_as_json():
    result = bench(
        "--batches", "2", "--json", "--threads", "2", "--isolation", "per-sequence", "--dtype", "int8", *QUICK)
    report = json.loads(result.stdout)
    assert (report["threads"], report["isolation"], report["numerics"]) == (2, "per-sequence", "invariant")
    assert report["dtype"] == "int8"
    assert report["limitOperationsPerSecond"] > 1e8 and report["limitBytesPerSecond"] > 1e8
    (row,) = report["batches"]
    assert row["batch"] == 2 and row["decodeTokensPerSecond"] > 0
    assert set(row["phases"]) == PHASES
    # Means of phases, beside a median of steps: on a busy machine they need not add up.
    assert all(seconds >= 0 for seconds in row["phases"].values()) and sum(row["phases"].values()) > 0


@pytest.mark.parametrize("flags", [
    ("--batches", "1,,2"), ("--batches", "0"), ("--rounds", "0"), ("--steps", "9000"), ("--threads", "0")])
def test_an_impossible_benchmark_is_wrong_usage(flags):
    assert bench(*flags).returncode == 64


@pytest.fixture(scope="module")
def allocation_counter(tmp_path_factory) -> Path:
    clang = shutil.which("clang") or Path(os.path.realpath(shutil.which("swift"))).parent / "clang"
    library = tmp_path_factory.mktemp("preload") / "count_allocations.so"
    source = Path(__file__).with_name("count_allocations.c")
    subprocess.run([clang, "-O2", "-Wall", "-Werror", "-shared", "-fPIC", source, "-o", library], check=True)
    return library


def allocations_per_step(counter: Path, checkpoint: str, threads: int) -> float:
    def count(steps: int) -> int:
        result = bench(
            "--checkpoint", f"Models/{checkpoint}", "--batches", "16", "--rounds", "1", "--steps", str(steps),
            "--threads", str(threads), "--isolation", "dropless", environment={"LD_PRELOAD": str(counter)})
        return int(re.search(r"allocations: (\d+)", result.stderr).group(1))

    return (count(120) - count(20)) / 100


def test_the_sparse_layers_of_a_step_allocate_nothing(allocation_counter):
    """A dense model of as many layers asks for memory as often: what is asked for is the engine's, once a step."""
    sparse = allocations_per_step(allocation_counter, "story-moe", 1)
    assert abs(sparse - allocations_per_step(allocation_counter, "story-dense", 1)) < 1
    # On several threads a loop is handed over in a closure, and a step has a fixed number of loops.
    assert allocations_per_step(allocation_counter, "story-moe", 2) - sparse <= 6 * 5 + 1 + 1
