"""Token ids and logits of Jostle, by the program jostle-parity."""
import json
import pathlib
import subprocess
import tempfile

import numpy as np

THREADS = 2


class Jostle:
    def __init__(self, binary):
        self.binary = binary

    def _run(self, *arguments):
        subprocess.run([self.binary, *map(str, arguments)], check=True)

    def tokens(self, checkpoint, texts):
        """Of each text: the ids with special tokens parsed, without, as a prompt, and the text that the first decode to."""
        with tempfile.TemporaryDirectory() as folder:
            given, out = pathlib.Path(folder, "texts.json"), pathlib.Path(folder, "ids.json")
            given.write_text(json.dumps(texts))
            self._run("tokens", checkpoint, given, out)
            return json.loads(out.read_text())

    def logits(self, checkpoint, runs, dtype="float32"):
        """Of each run, a prompt with a continuation or a number of greedy steps: what follows, and its rows of logits."""
        with tempfile.TemporaryDirectory() as folder:
            given, out = pathlib.Path(folder, "runs.json"), pathlib.Path(folder, "out")
            given.write_text(json.dumps(runs))
            self._run("logits", checkpoint, given, out, "--dtype", dtype, "--threads", THREADS)
            continuations = json.loads(out.with_suffix(".json").read_text())
            rows = np.fromfile(out.with_suffix(".bin"), dtype="<f4")
        rows = rows.reshape(sum(map(len, continuations)), -1)
        ends = np.cumsum([len(tokens) for tokens in continuations])
        return [(tokens, rows[end - len(tokens):end]) for tokens, end in zip(continuations, ends)]
