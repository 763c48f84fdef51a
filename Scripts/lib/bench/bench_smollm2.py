"""Measures Jostle and llama.cpp in turn on a real model: SmolLM2, dense and as a mixture of experts.

Usage:
    Scripts/bench-peers smollm2 [--threads 2] [--rounds 3] [--json FILE]

Takes what `Scripts/models smollm2` made. llama.cpp runs the same weights as F16, Q8_0 and Q4_0, which its own tool makes of
them: of the GGUF file's numbers in float32, and of the mixture converted to GGUF. A round measures each once: the time from
start until the server is ready, with the file in the page cache; prefill of 512 tokens; decode of 1, 8 and 32 sequences.
A figure is the median over the rounds. Compare ratios, not single figures.
"""
import argparse
import json
import os
import pathlib
import subprocess
import sys
import time
import urllib.error
import urllib.request

BATCHES, CONTEXT = (1, 8, 32), 512
OURS, THEIRS = {"bf16": "auto", "int8": "int8"}, ("F16", "Q8_0", "Q4_0")
DENSE, MIXTURE = "SmolLM2-135M-Instruct.Q4_1.gguf", "SmolLM2-8x135M-Instruct"


def options():
    parser = argparse.ArgumentParser(
        prog="Scripts/bench-peers smollm2", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)), help="default: every processor")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE", help="write every round's figures there")
    for name in ("folder", "work", "jostle", "llama"):
        parser.add_argument(f"--{name}", type=pathlib.Path, required=True, help=argparse.SUPPRESS)
    return parser.parse_args()


def note(text):
    print(text, file=sys.stderr, flush=True)


def made(path, make):
    """The file, made by `make` where it is missing."""
    if not path.exists():
        note(f"making {path.name} …")
        partial = path.with_suffix(".partial")
        make(partial)
        partial.rename(path)
    return path


def quantised(args, source, kind):
    def make(path):
        subprocess.run(
            [args.llama / "llama-quantize", source, path, kind, str(args.threads)], check=True, capture_output=True)
    return made(source.with_name(f"{source.stem}-{kind}.gguf"), make)


def sources(args):
    """Of each model: what Jostle serves, and the file that llama.cpp's tool quantises."""
    # --help is shown without the packages that these need.
    import gguf_to_float32
    import mixtral_to_gguf

    dense, mixture = args.folder / DENSE, args.folder / MIXTURE
    yield "dense", dense, made(args.work / "smollm2-f32.gguf", lambda path: gguf_to_float32.convert(dense, path))
    yield "8 experts, dropless", mixture, made(
        args.work / "smollm2-8x.gguf", lambda path: mixtral_to_gguf.convert(mixture, path))


def seconds_to_ready(server, path):
    """From the start of the process until it would answer."""
    start = time.monotonic()
    with open(os.devnull, "w") as nowhere:
        process = subprocess.Popen(server.command(), stdout=nowhere, stderr=nowhere)
    try:
        while process.poll() is None:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{server.port}{path}", timeout=5)
                return time.monotonic() - start
            except (urllib.error.URLError, OSError):
                time.sleep(0.01)
        raise RuntimeError(f"{server.name} did not start")
    finally:
        process.terminate()
        process.wait()


def jostle(args, checkpoint, dtype):
    server = servers.Jostle(
        args.jostle, checkpoint.resolve(), args.threads, CONTEXT, args.work / "jostle.log", dtype)
    load = seconds_to_ready(server, "/ready")
    return {"seconds to ready": load} | engines.jostle(args.jostle, checkpoint, args.threads, BATCHES, dtype=dtype)


def llama(args, gguf):
    server = servers.LlamaCpp(args.llama / "llama-server", gguf, args.threads, CONTEXT, args.work / "llama.log")
    load = seconds_to_ready(server, "/health")
    return {"seconds to ready": load} | engines.llama_cpp(args.llama, gguf, args.threads, BATCHES)


def table(title, figures, threads):
    medians = {name: engines.median_by_key(rounds) for name, rounds in figures.items()}
    keys = list(next(iter(medians.values())))
    lines = [f"\n{title}, {threads} threads, tokens/s\n", "| | " + " | ".join(keys) + " |", "|---" * (len(keys) + 1) + "|"]
    for name, row in medians.items():
        cells = [f"{row[key]:.2f}" if key == keys[0] else f"{row[key]:.0f}" for key in keys]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main():
    args = options()
    record = {}
    for title, checkpoint, source in sources(args):
        turns = {f"jostle {name}": lambda dtype=dtype: jostle(args, checkpoint, dtype) for name, dtype in OURS.items()}
        for kind in THEIRS:
            gguf = quantised(args, source, kind)
            turns[f"llama.cpp {kind}"] = lambda gguf=gguf: llama(args, gguf)
        figures = record[title] = {name: [] for name in turns}
        for round in range(args.rounds):
            for name, measure in turns.items():
                note(f"{title}, round {round + 1} of {args.rounds}, {name}")
                figures[name].append(measure())
        print(table(title, figures, args.threads), flush=True)
        if args.json:
            args.json.write_text(json.dumps(record, indent=1))


if __name__ == "__main__":
    if {"-h", "--help"} & set(sys.argv):
        options()
    import engines
    import servers
    try:
        main()
    except (RuntimeError, OSError, subprocess.CalledProcessError) as problem:
        sys.exit(f"Scripts/bench-peers: {problem}")
