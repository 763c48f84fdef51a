"""A `jostle serve` of our own, on a free port."""

import os
import signal
import ssl
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

import httpx
from prometheus_client.parser import text_string_to_metric_families

ROOT = Path(__file__).resolve().parents[2]
BINARY = Path(os.environ.get("BINARY_UNDER_TEST", ROOT / ".build/release/jostle"))


def eventually(condition: Callable[[], bool], within: float = 10.0) -> bool:
    """Whether `condition` comes true within so many seconds."""
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.01)
    return condition()


class RunningServer:
    """Starts the server, reads its address from the first line of its output, stops it at the end."""

    def __init__(
        self, *options: str, environment: dict[str, str] | None = None, key: str | None = None,
        verify: ssl.SSLContext | bool = True,
    ):
        self.log = tempfile.TemporaryFile(mode="w+", prefix="jostle-log-")
        # Settings of the person who runs the tests are none of theirs.
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("JOSTLE_")}
        self.process = subprocess.Popen(
            [BINARY, "serve", "--port", "0", *options],
            cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=self.log, text=True,
            env={**inherited, **(environment or {})},
        )
        self.first_line = self._read_first_line(within=60.0)
        if not self.first_line.startswith("listening on "):
            self.stop()
            raise AssertionError(f"the first line was {self.first_line!r}; the log:\n{self.log_text()}")
        self.root_url = self.first_line.removeprefix("listening on ").strip()
        self.base_url = self.root_url + "/v1"
        self.trust = verify
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        self.http = httpx.Client(base_url=self.root_url, timeout=60.0, headers=headers, verify=verify)

    def _read_first_line(self, within: float) -> str:
        lines: list[str] = []
        reader = threading.Thread(target=lambda: lines.append(self.process.stdout.readline()), daemon=True)
        reader.start()
        reader.join(within)
        return lines[0] if lines else ""

    @property
    def address(self) -> tuple[str, int]:
        url = httpx.URL(self.root_url)
        return url.host, url.port

    def log_text(self) -> str:
        self.log.seek(0)
        return self.log.read()

    def metrics(self) -> dict[str, float]:
        """Every sample of /metrics, summed over its labels."""
        sums: dict[str, float] = {}
        for family in text_string_to_metric_families(self.http.get("/metrics").text):
            for sample in family.samples:
                sums[sample.name] = sums.get(sample.name, 0.0) + sample.value
        return sums

    def metric(self, name: str) -> float:
        return self.metrics()[name]

    def chat(self, content: str, model: str = "gpt-4", **parameters) -> dict:
        """A chat completion at temperature 0, as plain JSON."""
        body = {"model": model, "messages": [{"role": "user", "content": content}], "temperature": 0, **parameters}
        response = self.http.post("/v1/chat/completions", json=body)
        assert response.status_code == 200, response.text
        return response.json()

    def stop(self, signal_number: int = signal.SIGTERM, within: float = 30.0) -> int:
        """Asks the server to end and returns its exit status."""
        if self.process.poll() is None:
            self.process.send_signal(signal_number)
        try:
            return self.process.wait(within)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError(f"the server outlived its signal by {within} s; the log:\n{self.log_text()}")

    def __enter__(self) -> "RunningServer":
        return self

    def __exit__(self, *_) -> None:
        self.stop()
        self.http.close()
        self.process.stdout.close()
        self.log.close()
