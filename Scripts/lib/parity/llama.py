"""Log-probabilities of llama.cpp, by its server with keys and values in float32."""
import json
import urllib.request

import numpy as np
import servers


class LlamaCpp(servers.Server):
    name = "llama.cpp"

    def __init__(self, binary, gguf, log, threads=2):
        super().__init__(log)
        self.binary, self.gguf, self.threads = binary, gguf, threads

    def command(self):
        return [
            self.binary, "--model", self.gguf, "--port", str(self.port), "--threads", str(self.threads), "--parallel", "1",
            "--ctx-size", "2048", "--cache-type-k", "f32", "--cache-type-v", "f32", "--flash-attn", "off", "--no-webui"]

    def _post(self, path, body):
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}", json.dumps(body).encode(), {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=600) as response:
            return json.load(response)

    def tokens(self, text):
        return self._post("/tokenize", {"content": text, "add_special": False, "parse_special": True})["tokens"]

    def log_probabilities(self, prompt, continuation, vocabulary):
        """Of every token, after the prompt and after each token of the continuation but the last."""
        rows = []
        for end in range(len(continuation)):
            answer = self._post("/completion", {
                "prompt": prompt + continuation[:end], "n_predict": 1, "temperature": 0, "n_probs": vocabulary,
                "cache_prompt": True})
            row = np.full(vocabulary, np.nan)
            for entry in answer["completion_probabilities"][0]["top_logprobs"]:
                row[entry["id"]] = entry["logprob"]
            rows.append(row)
        return np.stack(rows)
