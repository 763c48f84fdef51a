"""`jostle` at the command line: settings and where they come from, exit statuses, help."""

import json
import socket
import subprocess

import pytest

from running_server import BINARY, ROOT, RunningServer


def run(*arguments: str, environment: dict[str, str] | None = None) -> subprocess.CompletedProcess:
    return subprocess.run(
        [BINARY, *arguments], capture_output=True, text=True, timeout=60, cwd=ROOT, env=environment or {})


def test_help_shows_examples():
    result = run("serve", "--help")
    assert result.returncode == 0
    assert "jostle serve --tenants 8" in result.stdout


def test_the_models_of_the_catalogue_are_listed():
    result = run("models")
    assert result.returncode == 0
    assert "gpt-4" in result.stdout and "davinci" in result.stdout


def test_the_catalogue_is_found_from_any_directory():
    result = subprocess.run([BINARY, "models"], capture_output=True, text=True, cwd="/", timeout=60)
    assert "gpt-4" in result.stdout


WRONG_FLAGS = [
    ("--no-such-flag",), ("--port", "99999"), ("--isolation", "sometimes"), ("--max-running", "0"), ("--threads", "0"),
    ("--pace", "5"), ("--tenant-max-tokens", "9-2"), ("--routing-preset", "guess"), ("--capacity-factor", "0"),
]


@pytest.mark.parametrize("flags", WRONG_FLAGS, ids=" ".join)
def test_a_wrong_flag_is_wrong_usage(flags):
    result = run("serve", *flags)
    assert result.returncode == 64
    assert flags[0] in result.stderr


def test_a_wrong_environment_is_a_wrong_configuration():
    result = run("serve", environment={"JOSTLE_PORT": "many"})
    assert result.returncode == 78
    assert "JOSTLE_PORT" in result.stderr


@pytest.mark.parametrize("text", ["prot: 80\n", "port: many\n", "port: {a: 1}\n", "- port\n", "port: [\n"])
def test_an_invalid_configuration_file_is_named(tmp_path, text):
    file = tmp_path / "jostle.yaml"
    file.write_text(text)
    result = run("serve", "--config", str(file))
    assert result.returncode == 78
    assert str(file) in result.stderr


@pytest.mark.parametrize("flag", ["--config", "--models", "--tenant-prompts"])
def test_a_missing_file_is_missing_input(flag):
    result = run("serve", flag, "/no/such/file")
    assert result.returncode == 66
    assert "/no/such/file" in result.stderr


def test_a_catalogue_without_its_checkpoint_is_missing_input(tmp_path):
    (tmp_path / "catalog.yaml").write_text(
        "models:\n  - name: a\n    checkpoint: nowhere\n    endpoints: [completions]\n"
        "    context_length: 8\n    maximum_token_id: 1\n")
    result = run("serve", "--models", str(tmp_path))
    assert result.returncode == 66
    assert "nowhere" in result.stderr


def test_a_taken_port_is_unavailable():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        result = run("serve", "--port", str(taken.getsockname()[1]))
    assert result.returncode == 69
    assert "in use" in result.stderr


def test_a_flag_wins_over_the_environment_and_that_over_the_file(tmp_path):
    file = tmp_path / "jostle.yaml"
    file.write_text("max-running: 3\nmax-queued: 4\nstep-tokens: 505\nlog-level: debug\n")
    environment = {"JOSTLE_CONFIG": str(file), "JOSTLE_MAX_RUNNING": "5", "JOSTLE_MAX_QUEUED": "6"}
    with RunningServer("--max-running", "7", environment=environment) as server:
        log = server.log_text()
    assert "name=max-running source=--max-running value=7" in log
    assert "name=max-queued source=JOSTLE_MAX_QUEUED value=6" in log
    assert f"name=step-tokens source={file}:3 value=505" in log
    assert "name=cache-blocks source=default" in log


def test_a_mistyped_environment_variable_is_mentioned():
    with RunningServer(environment={"JOSTLE_PROT": "80"}) as server:
        assert "JOSTLE_PROT" in server.log_text()


def test_the_log_can_be_json():
    with RunningServer("--log-format", "json") as server:
        lines = server.log_text().splitlines()
    assert all(line.startswith("{") and line.endswith("}") for line in lines)
    assert any(server.root_url in line for line in lines)


def test_tenants_set_a_pace_that_can_be_overridden():
    with RunningServer("--tenants", "1", "--log-level", "debug") as server:
        assert "name=pace source=default value=2ms" in server.log_text()
    with RunningServer("--tenants", "1", "--pace", "2ms,0.1ms", "--log-level", "debug") as server:
        assert "name=pace source=--pace value=2ms,0.1ms" in server.log_text()


def test_a_checkpoint_is_inspected():
    result = run("inspect", "Models/story-moe")
    assert result.returncode == 0
    assert "MixtralForCausalLM" in result.stdout and "can be served" in result.stdout


def test_an_inspection_can_be_json():
    result = run("inspect", "--json", "--dtype", "int8", "Models/story-moe")
    report = json.loads(result.stdout)
    assert report["is_servable"] and report["problems"] == []
    assert report["routing"]["experts"] == 8
    assert report["needs"]["weight_bytes"] < report["weights"]["bytes"]


def test_a_checkpoint_that_cannot_be_served_is_wrong_data(tmp_path):
    for file in (ROOT / "Models/story-moe").glob("*.json"):
        (tmp_path / file.name).write_text(file.read_text().replace('"hidden_act": "silu"', '"hidden_act": "gelu"'))
    result = run("inspect", "--json", str(tmp_path))
    assert result.returncode == 65
    problems = {problem["path"]: problem["problem"] for problem in json.loads(result.stdout)["problems"]}
    assert "gelu" in problems[f"{tmp_path}/config.json"]
    assert "model.safetensors" in problems[str(tmp_path)]
    assert "for 2 reasons" in result.stderr


@pytest.mark.parametrize("path", ["/no/such/folder", "README.md"])
def test_an_inspection_needs_a_folder(path):
    result = run("inspect", path)
    assert result.returncode == 66
    assert path in result.stderr
