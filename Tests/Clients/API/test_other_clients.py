"""Clients from PyPI, as they are: litellm, langchain-openai, llm and lm-eval."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from client_process import DRIVERS
from running_server import ROOT

ENVIRONMENTS = ROOT / ".venv-clients"
OFFLINE = {
    "LITELLM_LOCAL_MODEL_COST_MAP": "True", "HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1",
    "OPENAI_API_KEY": "none", "TOKENIZERS_PARALLELISM": "false",
}


def run(name: str, *command: str, environment: dict | None = None) -> str:
    """Runs a program of an environment; its standard output."""
    program, *arguments = command
    result = subprocess.run(
        [ENVIRONMENTS / name / "bin" / program, *arguments], capture_output=True, text=True, timeout=300,
        env={**os.environ, **OFFLINE, **(environment or {})})
    assert result.returncode == 0, result.stderr[-4000:]
    return result.stdout


def calls(name: str, driver: str, server) -> dict:
    return json.loads(run(name, "python", str(DRIVERS / driver), server.base_url).splitlines()[-1])


@pytest.fixture(scope="module")
def story(server) -> str:
    """The twelve tokens that each client is to get."""
    return server.chat("Tell me a story.", max_tokens=12)["choices"][0]["message"]["content"]


def test_litellm(server, story):
    found = calls("litellm", "litellm_calls.py", server)
    assert found["whole"] == found["streamed"] == story
    assert found["usage"] == 12
    assert found["text"]
    assert len(found["embeddings"]) == 2
    assert 1 <= found["object"]["years"] <= 99
    assert found["unknown"] == "NotFoundError"
    assert found["long"] == "ContextWindowExceededError"


def test_langchain(server):
    found = calls("langchain", "langchain_calls.py", server)
    assert found["whole"] == found["streamed"] != ""
    assert found["usage"] == found["streamed usage"] == found["logprobs"] == 12
    assert len(found["batch"]) == 2 and all(found["batch"])
    for shape in found["object"], found["call"], found["any call"]:
        assert shape["direction"] in ("north", "south") and 1 <= shape["steps"] <= 9
    assert len(found["embeddings"]) == 2


def test_llm(server, tmp_path: Path, story):
    (tmp_path / "extra-openai-models.yaml").write_text(
        f"- model_id: local\n  model_name: gpt-4\n  api_base: {server.base_url}\n")
    environment = {"LLM_USER_PATH": str(tmp_path)}
    options = ["-m", "local", "-o", "temperature", "0", "-o", "max_tokens", "12", "Tell me a story."]
    assert run("llm", "llm", *options, environment=environment).strip() == story.strip()
    assert run("llm", "llm", "--no-stream", *options, environment=environment).strip() == story.strip()
    logged = json.loads(run("llm", "llm", "logs", "list", "--json", environment=environment))
    assert [entry["output_tokens"] for entry in logged] == [12, 12]


TASK = """task: {name}
dataset_path: json
dataset_kwargs: {{data_files: {{test: {data}}}}}
test_split: test
doc_to_text: "{{{{text}}}}"
output_type: {kind}
{rest}
metadata: {{version: 1}}
"""


@pytest.fixture(scope="module")
def tasks(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("tasks")
    choices = [
        {"text": "Once upon a time, there was a little", "choices": [" girl", " thermodynamics"], "label": 0},
        {"text": "She was very happy and said", "choices": [" xylem", " thank you"], "label": 1},
    ]
    (folder / "choices.jsonl").write_text("".join(json.dumps(line) + "\n" for line in choices))
    (folder / "texts.jsonl").write_text("".join(
        json.dumps({"text": line["text"], "answer": ""}) + "\n" for line in choices))
    (folder / "mini_choice.yaml").write_text(TASK.format(
        name="mini_choice", data=folder / "choices.jsonl", kind="multiple_choice",
        rest='doc_to_choice: "{{choices}}"\ndoc_to_target: label\nmetric_list: [{metric: acc}]'))
    (folder / "mini_generate.yaml").write_text(TASK.format(
        name="mini_generate", data=folder / "texts.jsonl", kind="generate_until",
        rest='doc_to_target: answer\ngeneration_kwargs: {until: ["."], max_gen_toks: 16}\n'
             "metric_list: [{metric: exact_match}]"))
    return folder


def test_lm_eval(server, tasks: Path, tmp_path: Path):
    """Multiple choice is scored with echo and log-probabilities, on the model's own tokenizer."""
    arguments = ",".join([
        "model=davinci", f"base_url={server.base_url}/completions", "num_concurrent=2", "max_retries=1",
        "tokenizer_backend=huggingface", f"tokenizer={ROOT / 'Models/story-dense'}"])
    run(
        "lm-eval", "lm_eval", "--model", "local-completions", "--model_args", arguments, "--tasks",
        "mini_choice,mini_generate", "--include_path", str(tasks), "--batch_size", "1", "--output_path",
        str(tmp_path), environment={"HF_HOME": str(tmp_path / "cache")})
    report, = tmp_path.rglob("results_*.json")
    results = json.loads(report.read_text())["results"]
    # A storyteller knows what little girls say, and nothing of thermodynamics.
    assert results["mini_choice"]["acc,none"] == 1.0
    assert "exact_match,none" in results["mini_generate"]
