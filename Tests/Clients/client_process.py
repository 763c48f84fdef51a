"""One generation of the openai package, in a process and a virtual environment of its own."""

import json
import subprocess
import threading
from pathlib import Path

from running_server import ROOT

DRIVERS = Path(__file__).parent / "drivers"
GENERATIONS = {
    "openai-0.27.8": (ROOT / ".venv-probe", DRIVERS / "legacy.py"),
    "openai-1": (ROOT / ".venv-clients/openai-1", DRIVERS / "modern.py"),
    "openai-2": (ROOT / ".venv-clients/openai-2", DRIVERS / "modern.py"),
    "openai-3": (ROOT / ".venv-clients/openai-3", DRIVERS / "modern.py"),
}


class ClientProcess:
    """Makes calls, one at a time; `create` may be called from any thread."""

    def __init__(self, generation: str, base_url: str):
        self.generation = generation
        self.lock = threading.Lock()
        environment, driver = GENERATIONS[generation]
        self.process = subprocess.Popen(
            [environment / "bin/python", driver, base_url],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)

    @property
    def is_legacy(self) -> bool:
        return self.generation == "openai-0.27.8"

    def create(self, method: str, **arguments) -> dict:
        """What the client returned: `response`, `chunks`, `models` or `error`."""
        with self.lock:
            self.process.stdin.write(json.dumps({"method": method, "arguments": arguments}) + "\n")
            answer = self.process.stdout.readline()
        assert answer, f"{self.generation} died with status {self.process.wait()}"
        return json.loads(answer)

    def text(self, method: str, **arguments) -> str:
        """The completion, whole or put together from its chunks."""
        answer = self.create(method, **arguments)
        assert "error" not in answer, answer
        if method == "chat" and arguments.get("stream"):
            deltas = [choice["delta"] for chunk in answer["chunks"] for choice in chunk["choices"]]
            return "".join(delta.get("content") or "" for delta in deltas)
        if method == "chat":
            return answer["response"]["choices"][0]["message"]["content"]
        parts = answer.get("chunks") or [answer["response"]]
        return "".join(choice["text"] for part in parts for choice in part["choices"])

    def close(self) -> None:
        self.process.stdin.close()
        self.process.wait(10)
        self.process.stdout.close()
