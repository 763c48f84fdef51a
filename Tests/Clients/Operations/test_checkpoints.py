"""`jostle serve --checkpoint`: what a word can name, and what is said of one that names nothing."""

import hashlib
import json
import shutil
import subprocess
from pathlib import Path

import pytest

from client_process import ClientProcess
from running_server import BINARY, ROOT, RunningServer

FOLDER = ROOT / "Models/story-base"
GGUF = ROOT / "Tests/TransformerTests/Fixtures/gguf/mixtral.gguf"
COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture
def home(tmp_path) -> Path:
    """A home folder without any model."""
    path = tmp_path / "home"
    path.mkdir()
    return path


def variables(home: Path) -> dict[str, str]:
    unset = dict.fromkeys(("HF_HOME", "HF_HUB_CACHE", "XDG_CACHE_HOME", "OLLAMA_MODELS", "JOSTLE_CACHE"), "")
    return {**unset, "HOME": str(home)}


def run(*arguments: object, home: Path, **environment: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [BINARY, *map(str, arguments)], capture_output=True, text=True, timeout=60, cwd=home,
        env={**variables(home), **environment})


def download(home: Path, repository: str, folder: Path) -> Path:
    """Puts a checkpoint into the Hugging Face cache, as `hf download` leaves it: its snapshot links to blobs."""
    model = home / ".cache/huggingface/hub" / ("models--" + repository.replace("/", "--"))
    snapshot = model / "snapshots" / COMMIT
    for path in (snapshot, model / "blobs", model / "refs"):
        path.mkdir(parents=True)
    (model / "refs/main").write_text(COMMIT)
    for file in folder.glob("*.*"):
        digest = hashlib.sha256(file.read_bytes()).hexdigest()
        shutil.copy(file, model / "blobs" / digest)
        (snapshot / file.name).symlink_to(f"../../blobs/{digest}")
    return snapshot


def pull(home: Path, name: str, tag: str, file: Path, *others: str) -> Path:
    """Puts a GGUF file into Ollama's store, as `ollama pull` leaves it: a manifest, and blobs without suffix."""
    store = home / ".ollama/models"
    manifest = store / "manifests/registry.ollama.ai/library" / name / tag
    for path in (manifest.parent, store / "blobs"):
        path.mkdir(parents=True, exist_ok=True)
    layers = []
    for kind, data in [("model", file.read_bytes()), ("license", b"free"), *((kind, b"x") for kind in others)]:
        digest = hashlib.sha256(data).hexdigest()
        (store / "blobs" / f"sha256-{digest}").write_bytes(data)
        layers.append({
            "mediaType": f"application/vnd.ollama.image.{kind}", "digest": f"sha256:{digest}", "size": len(data)})
    manifest.write_text(json.dumps({"schemaVersion": 2, "layers": layers}))
    return store / "blobs" / layers[0]["digest"].replace(":", "-")


def check_answers(server: RunningServer, name: str) -> None:
    """A client finds one model, of this name, which completes a text and answers a message."""
    client = ClientProcess("openai-2", server.base_url)
    try:
        assert client.create("models") == {"models": [name]}
        common = {"model": name, "max_tokens": 4, "temperature": 0}
        completion = client.create("completion", prompt="Once upon a time", **common)
        assert completion["response"]["usage"]["completion_tokens"] >= 1, completion
        chat = client.create("chat", messages=[{"role": "user", "content": "Hello"}], **common)
        assert chat["response"]["usage"]["completion_tokens"] >= 1, chat
    finally:
        client.close()


def test_a_folder_is_served_under_its_name(home):
    with RunningServer("--checkpoint", str(FOLDER), environment=variables(home)) as server:
        check_answers(server, "story-base")


def test_a_checkpoint_is_served_under_the_name_that_is_given(home):
    with RunningServer("--checkpoint", str(FOLDER), "--name", "gpt-4", environment=variables(home)) as server:
        check_answers(server, "gpt-4")


def test_a_model_of_the_hugging_face_cache_is_served(home):
    download(home, "owner/tiny-stories", FOLDER)
    with RunningServer("--checkpoint", "owner/tiny-stories", environment=variables(home)) as server:
        check_answers(server, "tiny-stories")


def test_a_gguf_file_is_served_under_the_name_in_it(home):
    with RunningServer("--checkpoint", str(GGUF), environment=variables(home)) as server:
        check_answers(server, "Mixtral")


def test_a_model_of_ollama_is_served(home):
    pull(home, "tiny", "8x1m", GGUF)
    with RunningServer("--checkpoint", "tiny:8x1m", environment=variables(home)) as server:
        check_answers(server, "tiny-8x1m")


def test_a_checkpoint_can_be_named_in_the_environment_or_in_a_file(home, tmp_path):
    file = tmp_path / "jostle.yaml"
    file.write_text(f"models: /no/such/folder\ncheckpoint: {FOLDER}\nname: from-file\n")
    result = run("serve", "--config", file, home=home)
    assert result.returncode == 78
    assert f"{file}:2: checkpoint and {file}:1: models exclude each other" in result.stderr
    file.write_text("models: /no/such/folder\nname: from-file\n")
    environment = {**variables(home), "JOSTLE_CHECKPOINT": str(FOLDER), "JOSTLE_CONFIG": str(file)}
    with RunningServer(environment=environment) as server:
        check_answers(server, "from-file")


def test_the_catalogue_takes_the_same_words(home, tmp_path):
    download(home, "owner/tiny-stories", FOLDER)
    (tmp_path / "catalog.yaml").write_text(
        "models:\n  - {name: a, checkpoint: owner/tiny-stories}\n  - {name: b, checkpoint: tiny, isolation: dropless}\n")
    pull(home, "tiny", "latest", GGUF)
    listed = run("models", "--models", tmp_path, home=home)
    assert [line.split()[:3] for line in listed.stdout.splitlines()[1:]] == [
        ["a", "chat,completions", "owner/tiny-stories"], ["b", "chat,completions", "tiny"]]
    with RunningServer("--models", str(tmp_path), environment=variables(home)) as server:
        cards = {card["id"]: card for card in server.http.get("/v1/models").json()["data"]}
        assert cards["a"]["max_model_len"] == 8192
        bias = server.http.post(
            "/v1/completions", json={"model": "a", "prompt": "Once", "max_tokens": 1, "logit_bias": {"2048": 1}})
        assert (bias.status_code, bias.json()["error"]["param"]) == (400, "logit_bias")
        assert "Maximum value is 2047" in bias.text


@pytest.mark.parametrize("command", [("inspect",), ("bench", "--batches", "1", "--rounds", "1", "--steps", "2",
                                                    "--prompt-tokens", "4", "--checkpoint")])
def test_other_commands_take_the_same_words(home, command):
    snapshot = download(home, "owner/tiny-stories", FOLDER)
    blob = pull(home, "tiny", "latest", GGUF)
    for word, shown in [("owner/tiny-stories", snapshot), ("tiny", blob), (GGUF, GGUF)]:
        result = run(*command, word, home=home)
        assert result.returncode == 0, result.stderr
        assert str(shown if command == ("inspect",) else word) in result.stdout


def test_a_model_of_ollama_is_upcycled_and_served(home):
    pull(home, "tiny", "latest", GGUF.with_name("llama.gguf"))
    made = run("upcycle", "tiny", "mixture", "--experts", "4", home=home)
    assert made.returncode == 0, made.stderr
    with RunningServer("--checkpoint", str(home / "mixture"), environment=variables(home)) as server:
        check_answers(server, "mixture")
    missing = run("upcycle", "owner/name", "other", home=home)
    assert missing.returncode == 66
    assert "to fetch it: hf download owner/name" in missing.stderr


def test_an_inspection_says_how_a_gguf_file_is_stored(home):
    report = json.loads(run("inspect", "--json", GGUF.with_name("llama-quantised.gguf"), home=home).stdout)
    weights = report["weights"]
    assert (weights["format"], weights["dtype"], weights["quantised_read_as"]) == ("GGUF version 3", "auto", "bfloat16")
    assert {stored["type"]: stored["tensors"] for stored in weights["stored"]} == {"F32": 5, "Q8_0": 16}
    text = run("inspect", GGUF.with_name("llama-00001-of-00003.gguf"), home=home).stdout
    assert " in 3 files\n" in text and "auto: as stored" in text


def test_a_catalogue_that_a_script_makes_has_a_name(home, tmp_path):
    missing = run("models", "--models", "smollm2", home=home)
    assert missing.returncode == 66
    assert f"{home}/.cache/jostle/models/smollm2/catalog.yaml: no such file" in missing.stderr
    assert "run Scripts/models smollm2" in missing.stderr
    folder = tmp_path / "cache/models/smollm2"
    folder.mkdir(parents=True)
    (folder / "catalog.yaml").write_text(f"models: [{{name: made, checkpoint: {FOLDER}}}]")
    found = run("models", "--models", "smollm2", home=home, JOSTLE_CACHE=str(tmp_path / "cache"))
    assert found.stdout.splitlines()[1].startswith("made ")


def spoil_download(home: Path) -> None:
    (download(home, "owner/name", FOLDER) / "model.safetensors").resolve().unlink()


def spoil_folder(home: Path) -> None:
    shutil.copytree(FOLDER, home / "gelu")
    config = home / "gelu/config.json"
    config.write_text(config.read_text().replace('"silu"', '"gelu"'))


def two_files(home: Path) -> None:
    (home / "two").mkdir()
    for name in ("a", "b"):
        shutil.copy(GGUF, home / f"two/{name}.gguf")


def truncate(home: Path) -> None:
    (home / "short.gguf").write_bytes(GGUF.read_bytes()[:1000])


WRONG_WORDS = [
    (None, "", 64, "must not be empty"),
    (None, "/no/such", 66, "/no/such: there is no such file or folder"),
    (None, "owner/name", 66, "to fetch it: hf download owner/name"),
    (None, "tiny:1b", 66, "to fetch it: ollama pull tiny:1b"),
    (None, str(ROOT / "README.md"), 66, "README.md: is no checkpoint"),
    (None, str(ROOT / "docs"), 65, "has neither config.json nor a GGUF file"),
    (spoil_download, "owner/name", 66, "to finish it: hf download owner/name"),
    (lambda home: pull(home, "tiny", "latest", GGUF, "adapter"), "tiny", 65, "has a layer 'adapter'"),
    (lambda home: pull(home, "tiny", "latest", GGUF, "projector"), "tiny", 65, "has a layer 'projector'"),
    (lambda home: pull(home, "tiny", "latest", GGUF).unlink(), "tiny", 66, "to finish it: ollama pull tiny"),
    (spoil_folder, "gelu", 65, "gelu/config.json: "),
    (two_files, "two", 65, "has 2 GGUF models, name one of these files: a.gguf, b.gguf"),
    (truncate, "short.gguf", 65, "short.gguf: "),
]


@pytest.mark.parametrize("prepare, word, status, says", WRONG_WORDS, ids=[word[3] for word in WRONG_WORDS])
def test_a_wrong_word_has_one_clear_line_and_a_status(home, prepare, word, status, says):
    if prepare:
        prepare(home)
    result = run("serve", "--port", "0", "--checkpoint", word, home=home)
    assert result.returncode == status, result.stderr
    lines = result.stderr.splitlines()
    assert says in lines[0]
    # Wrong usage is followed by the usage.
    assert len(lines) == 1 or status == 64
    assert run("inspect", word, home=home).returncode == status


@pytest.mark.parametrize("flags", [
    ("--checkpoint", "a", "--models", "b"), ("--name", "a"), ("--name", "a", "--models", "b"), ("--name", "")])
def test_flags_that_contradict_each_other_are_wrong_usage(home, flags):
    result = run("serve", *flags, home=home)
    assert result.returncode == 64
    assert "--name" in result.stderr or "--checkpoint" in result.stderr
