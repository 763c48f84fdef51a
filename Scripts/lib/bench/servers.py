"""The two servers, started on a free port each with the same checkpoint and the same number of threads."""
import pathlib
import socket
import subprocess
import time
import urllib.error
import urllib.request


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Server:
    """A server process that answers requests once `with` has been entered."""

    name: str

    def __init__(self, log):
        self.port = free_port()
        self.log = log

    def command(self):
        raise NotImplementedError

    def body(self, prompt, tokens):
        """A greedy streamed completion of exactly `tokens` tokens."""
        return {
            "model": "bench", "prompt": prompt, "max_tokens": tokens, "temperature": 0, "stream": True,
            "stream_options": {"include_usage": True}, "logit_bias": {"0": -100}}

    def __enter__(self):
        self.output = open(self.log, "w")
        self.process = subprocess.Popen(self.command(), stdout=self.output, stderr=subprocess.STDOUT)
        for _ in range(1200):
            if self.process.poll() is not None:
                break
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{self.port}/health", timeout=5)
                return self
            except (urllib.error.URLError, OSError):
                time.sleep(0.1)
        self.__exit__()
        raise RuntimeError(f"{self.name} did not start; see {self.log}")

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
        self.output.close()


class Jostle(Server):
    name = "jostle"

    def __init__(self, binary, checkpoint, threads, context, log, dtype="auto"):
        super().__init__(log)
        self.binary, self.threads, self.context, self.dtype = binary, threads, context, dtype
        self.catalogue = pathlib.Path(log).with_suffix(".yaml")
        self.catalogue.write_text(
            f"models:\n  - name: bench\n    checkpoint: {checkpoint}\n    endpoints: [completions]\n"
            f"    context_length: {context}\n    maximum_token_id: 100257\n    isolation: dropless\n")

    def command(self):
        return [
            self.binary, "serve", "--models", self.catalogue, "--port", str(self.port), "--threads", str(self.threads),
            "--dtype", self.dtype]


class LlamaCpp(Server):
    name = "llama.cpp"

    def __init__(self, binary, checkpoint, threads, context, log):
        super().__init__(log)
        self.binary, self.checkpoint, self.threads, self.context = binary, checkpoint, threads, context

    def command(self):
        slots = 32
        return [
            self.binary, "--model", self.checkpoint, "--port", str(self.port), "--threads", str(self.threads),
            "--parallel", str(slots), "--ctx-size", str(slots * self.context), "--alias", "bench", "--no-webui"]

    def body(self, prompt, tokens):
        # No prompt cache: every request is computed, as in the other server.
        return {**super().body(prompt, tokens), "cache_prompt": False, "ignore_eos": True}
