"""`jostle upcycle`: exit statuses, memory, signals, and that its folder is served."""

import hashlib
import os
import signal
import subprocess

import pytest

from running_server import BINARY, ROOT, eventually

DENSE = "Models/story-dense"
SHORT = "Once upon a time, a fox lived in a forest. " * 20


def upcycle(*arguments: object) -> subprocess.CompletedProcess:
    return subprocess.run(
        [BINARY, "upcycle", *map(str, arguments)], capture_output=True, text=True, timeout=120, cwd=ROOT, env={})


def digests(folder) -> dict[str, str]:
    return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in folder.iterdir()}


def test_the_shares_of_the_experts_are_told(tmp_path):
    result = upcycle(DENSE, tmp_path / "out", "--experts", 4)
    assert result.returncode == 0 and result.stderr == ""
    assert "LAYER" in result.stdout and "An even share is 25.0 %" in result.stdout
    assert sorted(digests(tmp_path / "out")) == [
        "README.md", "config.json", "generation_config.json", "model.safetensors", "tokenizer.json",
        "tokenizer_config.json"]
    assert "# story-dense, upcycled to 4 experts" in (tmp_path / "out/README.md").read_text()
    inspection = subprocess.run(
        [BINARY, "inspect", tmp_path / "out"], capture_output=True, text=True, timeout=60, env={})
    assert inspection.returncode == 0 and "MixtralForCausalLM" in inspection.stdout


def test_the_files_do_not_depend_on_kernels_or_threads(tmp_path):
    text = tmp_path / "short.txt"
    text.write_text(SHORT)
    assert upcycle(DENSE, tmp_path / "a", "--text", text).returncode == 0
    portable = ("--kernels", "portable", "--threads", 1)
    assert upcycle(DENSE, tmp_path / "b", "--text", text, *portable).returncode == 0
    assert digests(tmp_path / "a") == digests(tmp_path / "b")


def test_a_short_text_is_mentioned(tmp_path):
    text = tmp_path / "short.txt"
    text.write_text(SHORT)
    result = upcycle(DENSE, tmp_path / "out", "--text", text)
    assert result.returncode == 0
    assert "The text is short" in result.stdout


WRONG = [
    ((DENSE, "OUT", "--experts", "1"), 64, "--experts"),
    ((DENSE, "OUT", "--experts", "4", "--choices", "5"), 64, "--choices"),
    ((DENSE, "OUT", "--noise", "2"), 64, "--noise"),
    ((DENSE, "OUT", "--threads", "0"), 64, "--threads"),
    (("Models/story-moe", "OUT"), 65, "experts already"),
    ((DENSE, "OUT", "--text", "/no/such/file"), 66, "/no/such/file"),
    (("/no/such/model", "OUT"), 66, "/no/such/model"),
    ((DENSE, "Models/story-moe"), 73, "exists already"),
    ((DENSE, "/no/such/folder/out"), 73, "/no/such/folder"),
]


@pytest.mark.parametrize("arguments, status, says", WRONG, ids=lambda value: str(value)[:40])
def test_what_is_wrong_has_one_line_and_a_status(tmp_path, arguments, status, says):
    result = upcycle(*(tmp_path / "out" if argument == "OUT" else argument for argument in arguments))
    assert result.returncode == status
    assert says in result.stderr
    assert status == 64 or result.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def start_and_wait_for_files(folder) -> subprocess.Popen:
    process = subprocess.Popen(
        [BINARY, "upcycle", DENSE, folder / "out", "--experts", "128", "--threads", "1"], cwd=ROOT,
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, env={})
    assert eventually(lambda: any(folder.iterdir()))
    return process


@pytest.mark.parametrize("number, status", [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_stopped_run_leaves_nothing(tmp_path, number, status):
    process = start_and_wait_for_files(tmp_path)
    process.send_signal(number)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == status
    assert errors == "jostle: ended by a signal\n"
    assert list(tmp_path.iterdir()) == []


def test_the_next_run_removes_what_a_killed_one_left(tmp_path):
    process = start_and_wait_for_files(tmp_path)
    process.kill()
    process.communicate()
    left = list(tmp_path.iterdir())
    assert len(left) == 1 and left[0].name.startswith(".out.partial-")
    assert upcycle(DENSE, tmp_path / "out").returncode == 0
    assert [file.name for file in tmp_path.iterdir()] == ["out"]


def test_the_memory_does_not_grow_with_the_experts(tmp_path):
    """At most the dense model in float32 and 512 MiB, and as much for 2 experts as for 64."""
    peaks = []
    for experts in ("2", "64"):
        command = [BINARY, "upcycle", DENSE, tmp_path / experts, "--experts", experts]
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, env={})
        _, status, usage = os.wait4(process.pid, 0)
        assert status == 0
        peaks.append(usage.ru_maxrss * 1024)
    weights = 2 * (ROOT / DENSE / "model.safetensors").stat().st_size
    assert max(peaks) <= weights + (512 << 20)
    assert peaks[1] < peaks[0] + (16 << 20)
