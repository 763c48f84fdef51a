"""What loading a checkpoint takes: memory, time, and what stops it."""

import array
import json
import math
import os
import random
import shutil
import signal
import socket
import subprocess
import threading
from pathlib import Path

import httpx
import pytest

from running_server import BINARY, ROOT, RunningServer, eventually

CONFIG = {
    "architectures": ["MixtralForCausalLM"], "model_type": "mixtral", "hidden_size": 512, "intermediate_size": 1024,
    "num_hidden_layers": 5, "num_attention_heads": 8, "num_key_value_heads": 2, "head_dim": 64, "vocab_size": 2048,
    "hidden_act": "silu", "max_position_embeddings": 512, "rms_norm_eps": 1e-5, "rope_theta": 10000.0,
    "sliding_window": None, "num_experts_per_tok": 2, "num_local_experts": 8, "tie_word_embeddings": False,
    "bos_token_id": 0, "eos_token_id": 0, "torch_dtype": "bfloat16"}
MIB = 1 << 20


def shapes():
    hidden, inner, vocabulary = CONFIG["hidden_size"], CONFIG["intermediate_size"], CONFIG["vocab_size"]
    yield "model.embed_tokens.weight", (vocabulary, hidden)
    for layer in range(CONFIG["num_hidden_layers"]):
        prefix = f"model.layers.{layer}."
        for norm in ("input_layernorm", "post_attention_layernorm"):
            yield f"{prefix}{norm}.weight", (hidden,)
        for name, rows in (("q", 512), ("k", 128), ("v", 128), ("o", 512)):
            yield f"{prefix}self_attn.{name}_proj.weight", (rows, hidden)
        yield prefix + "block_sparse_moe.gate.weight", (8, hidden)
        for expert in range(8):
            for name, shape in (("w1", (inner, hidden)), ("w2", (hidden, inner)), ("w3", (inner, hidden))):
                yield f"{prefix}block_sparse_moe.experts.{expert}.{name}.weight", shape
    yield "model.norm.weight", (hidden,)
    yield "lm_head.weight", (vocabulary, hidden)


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory) -> Path:
    """A Mixtral of 130 MB."""
    folder = tmp_path_factory.mktemp("checkpoint")
    header, end = {}, 0
    for name, shape in shapes():
        begin, end = end, end + 2 * math.prod(shape)
        header[name] = {"dtype": "BF16", "shape": shape, "data_offsets": [begin, end]}
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    # Numbers of about a fiftieth, of either sign: the same million over and over.
    numbers = array.array("H", random.Random(1).randbytes(2 * MIB))
    for index, bits in enumerate(numbers):
        numbers[index] = 0x3C80 | bits & 0x807F
    with open(folder / "model.safetensors", "wb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        for start in range(0, end, 2 * MIB):
            file.write(numbers.tobytes()[:end - start])
    (folder / "config.json").write_text(json.dumps(CONFIG))
    shutil.copy(ROOT / "Models/story-moe/tokenizer.json", folder)
    (folder / "catalog.yaml").write_text(
        f"models:\n  - name: medium\n    checkpoint: {folder}\n    endpoints: [completions]\n"
        f"    context_length: 512\n    maximum_token_id: 2047\n    isolation: dropless\n")
    return folder


def most_memory(process: int) -> int:
    """The most that was resident at once, in bytes."""
    (line,) = [line for line in Path(f"/proc/{process}/status").read_text().splitlines() if line.startswith("VmHWM:")]
    return int(line.split()[1]) * 1024


@pytest.mark.parametrize("dtype, share", [("auto", 1.15), ("int8", 0.75)])
def test_a_checkpoint_and_what_it_is_packed_into_are_never_in_memory_together(checkpoint, dtype, share):
    file = (checkpoint / "model.safetensors").stat().st_size
    blocks = 64
    cache = blocks * 16 * 2 * CONFIG["num_hidden_layers"] * 2 * 64 * 4
    with RunningServer("--models", str(checkpoint), "--dtype", dtype, "--cache-blocks", str(blocks)) as server:
        # The rest: the program, a vocabulary, and the scratch memory of a step of 512 tokens.
        assert most_memory(server.process.pid) < share * file + cache + 48 * MIB


def test_the_bundled_models_load_in_a_moment():
    def seconds() -> float:
        with RunningServer("--log-format", "json") as server:
            records = [json.loads(line) for line in server.log_text().splitlines() if line.startswith("{")]
        return max(float(record["seconds"]) for record in records if "seconds" in record)

    # The best of some: the machine may be busy.
    assert any(seconds() < 0.3 for _ in range(10))


@pytest.mark.parametrize("bits, dtype, problem", [
    (0x7FC0, "auto", "holds NaN or infinity at [3, 5]"), (0xFF80, "int8", "holds NaN or infinity at [3, 5]"),
    (0x4880, "float16", "holds 262144.0 at [3, 5], which is too large for float16")])
def test_a_weight_that_is_no_number_stops_it(checkpoint, tmp_path, bits, dtype, problem):
    for name in ("config.json", "tokenizer.json", "model.safetensors"):
        shutil.copy(checkpoint / name, tmp_path)
    name = "model.layers.1.block_sparse_moe.experts.6.w3.weight"
    with open(tmp_path / "model.safetensors", "r+b") as file:
        length = int.from_bytes(file.read(8), "little")
        begin = json.loads(file.read(length))[name]["data_offsets"][0]
        file.seek(8 + length + begin + 2 * (3 * CONFIG["hidden_size"] + 5))
        file.write(bits.to_bytes(2, "little"))
    result = subprocess.run(
        [BINARY, "bench", "--checkpoint", tmp_path, "--dtype", dtype], capture_output=True, text=True, timeout=120)
    assert result.returncode == 66
    assert f"{tmp_path}/model.safetensors: tensor `{name}` {problem}" in result.stderr


class LoadingServer:
    """A server that has opened its port and goes on loading only once its log is read."""

    def __init__(self):
        with socket.create_server(("127.0.0.1", 0)) as listener:
            self.port = listener.getsockname()[1]
        self.log, log_end = os.pipe()
        # A full pipe: the first line of the log, which tells of the first checkpoint, waits for a reader.
        os.set_blocking(log_end, False)
        for size in (4096, 1):
            try:
                while True:
                    os.write(log_end, b"\n" * size)
            except BlockingIOError:
                pass
        os.set_blocking(log_end, True)
        self.process = subprocess.Popen(
            [BINARY, "serve", "--port", str(self.port)], cwd=ROOT, stdout=subprocess.PIPE, stderr=log_end, text=True)
        os.close(log_end)
        self.http = httpx.Client(base_url=f"http://127.0.0.1:{self.port}", timeout=60)
        assert eventually(lambda: self.status("/health") == 200)

    def status(self, path: str) -> int | None:
        try:
            return self.http.get(path).status_code
        except httpx.TransportError:
            return None

    def go_on(self) -> None:
        def read_log() -> None:
            while os.read(self.log, 65536):
                pass

        threading.Thread(target=read_log, daemon=True).start()

    def __enter__(self) -> "LoadingServer":
        return self

    def __exit__(self, *_) -> None:
        self.process.kill()
        self.process.communicate()
        self.http.close()


def test_requests_are_told_to_come_back_until_the_models_are_loaded():
    with LoadingServer() as server:
        body = {"model": "davinci", "prompt": "Once", "max_tokens": 2}
        refusal = server.http.post("/v1/completions", json=body)
        assert (refusal.status_code, refusal.json()["error"]["code"]) == (503, "loading")
        assert refusal.headers["retry-after"]
        assert server.status("/ready") == 503
        server.go_on()
        assert server.process.stdout.readline() == f"listening on http://127.0.0.1:{server.port}\n"
        assert server.status("/ready") == 200
        assert server.http.post("/v1/completions", json=body).status_code == 200


def test_a_signal_ends_a_server_that_is_loading():
    with LoadingServer() as server:
        server.process.send_signal(signal.SIGTERM)
        server.go_on()
        output, _ = server.process.communicate(timeout=20)
        assert (server.process.returncode, output) == (0, "")


def test_a_port_that_is_taken_stops_a_server_before_it_loads():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        result = subprocess.run(
            [BINARY, "serve", "--port", str(port)], cwd=ROOT, capture_output=True, text=True, timeout=30)
    assert result.returncode == 69
    assert f"port {port}" in result.stderr
    assert "loaded" not in result.stderr
