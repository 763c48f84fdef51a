"""The server keeps what its OpenAPI document promises: schemathesis sends what it allows, and what it does not."""

import os
import re
import subprocess

import pytest

from client_process import DRIVERS
from running_server import ROOT, RunningServer

SCHEMATHESIS = ROOT / ".venv-clients/schemathesis/bin/schemathesis"
HOOKS = DRIVERS / "schemathesis_hooks.py"

KEY = "sk-schemathesis"
# That a request is good cannot be said in a schema alone: its prompt must fit into the model's context, its token ids
# into the vocabulary, and fields must go together.
UNSAID = "positive_data_acceptance"


@pytest.fixture(scope="module")
def small_server(tmp_path_factory):
    """Contexts of 64 tokens, so that no completion takes long."""
    catalogue = (ROOT / "Models/catalog.yaml").read_text()
    catalogue = re.sub(r"context_length: \d+", "context_length: 64", catalogue)
    catalogue = re.sub(r"checkpoint: (\S+)", rf"checkpoint: {ROOT}/Models/\1", catalogue)
    file = tmp_path_factory.mktemp("catalogue") / "catalog.yaml"
    file.write_text(catalogue)
    with RunningServer("--models", str(file), "--api-key", KEY, key=KEY) as server:
        yield server


def test_what_is_served_is_as_the_document_says(small_server, tmp_path):
    result = subprocess.run(
        [SCHEMATHESIS, "run", small_server.root_url + "/openapi.json", "--checks", "all", "--exclude-checks", UNSAID,
         "--header", f"Authorization: Bearer {KEY}", "--generation-deterministic", "--max-examples", "15",
         "--no-shrink", "--phases", "examples,coverage,fuzzing", "--request-timeout", "30",
         "--warnings", "off", "--no-color"],
        cwd=tmp_path, capture_output=True, text=True, timeout=300,
        env={**os.environ, "SCHEMATHESIS_HOOKS": str(HOOKS)})
    assert result.returncode == 0, result.stdout[-12_000:] + result.stderr[-2_000:]
    assert small_server.metric("vllm:request_success_total") > 20
    assert small_server.http.get("/health").status_code == 200
