"""Scripts/probe, on the client that the published probe used."""

import json
import subprocess
from pathlib import Path

from probe_calls import MODELS
from running_server import ROOT


def probe(*arguments: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [ROOT / "Scripts/probe", *arguments], capture_output=True, text=True, timeout=300)


def test_the_probe_prints_the_published_table_beside_its_own(busy_server, tmp_path: Path):
    report = tmp_path / "report.json"
    result = probe(
        "--base-url", busy_server.base_url, "--completions", "5", "--max-tokens", "32", "--attempts", "1",
        "--json", str(report))
    assert result.returncode == 0, result.stderr
    assert "Unique Completions (/5)" in result.stdout
    assert "12,11,12" in result.stdout
    attempts = json.loads(report.read_text())["models"]
    assert set(attempts) == set(MODELS)
    for attempt, in attempts.values():
        assert sum(found["count"] for found in attempt["classes"]) == 5
        assert attempt["errors"] == []


def test_isolated_the_probe_counts_one(busy_server, tmp_path: Path):
    report = tmp_path / "report.json"
    models = [f"{model}:per-sequence" for model in MODELS]
    result = probe(
        "--base-url", busy_server.base_url, "--completions", "5", "--max-tokens", "32", "--attempts", "1",
        "--models", *models, "--json", str(report))
    assert result.returncode == 0, result.stderr
    attempts = json.loads(report.read_text())["models"]
    assert [attempt["unique"] for attempt, in attempts.values()] == [1] * len(models)


def test_an_error_is_counted_and_becomes_the_exit_status(server):
    result = probe(
        "--base-url", server.base_url, "--completions", "2", "--attempts", "1", "--max-tokens", "99999",
        "--models", "davinci")
    assert result.returncode == 1
    assert "maximum context length" in result.stderr
    assert "2 of the calls failed" in result.stderr


def test_an_unreachable_server_is_reported_at_once():
    result = probe("--base-url", "http://127.0.0.1:9")
    assert result.returncode == 1
    assert "Cannot reach http://127.0.0.1:9/v1" in result.stderr
