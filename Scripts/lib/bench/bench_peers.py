"""Measures Jostle and llama.cpp in turn: same machine, same run, same threads, same weights.

Usage:
    Scripts/bench-peers [--sizes S M] [--dtype int8] [--threads 2] [--rounds 5] [--engines | --servers] [--json FILE]
    Scripts/bench-peers smollm2 [--help]    a real model

Makes two Mixtrals of random bf16 weights and converts them to GGUF with the same bits. With --dtype int8, Jostle packs them
as int8, and llama.cpp's own tool makes Q8_0 of them, its nearest type. The engines run first: jostle bench against
llama.cpp's benchmarks. Then the servers run, over HTTP with streaming clients. A figure is the median over the rounds.
Compare ratios, not single figures.
"""
import argparse
import json
import os
import pathlib
import random
import statistics
import string
import subprocess
import sys

import engines
import servers
import streams

BATCHES, CONNECTIONS, TOKENS, CONTEXT = (1, 8, 32), (1, 8, 32), 64, 512


def options():
    parser = argparse.ArgumentParser(
        prog="Scripts/bench-peers", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", nargs="+", choices=["M", "S"], default=["S", "M"])
    parser.add_argument("--dtype", choices=["auto", "int8"], default="auto", help="of the weights; auto is bf16")
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)), help="default: every processor")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--engines", action="store_true", help="only the engines, without HTTP")
    parser.add_argument("--servers", action="store_true", help="only the servers, over HTTP")
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE", help="write every round's figures there")
    parser.add_argument("--work", type=pathlib.Path, required=True, help=argparse.SUPPRESS)
    parser.add_argument("--jostle", type=pathlib.Path, required=True, help=argparse.SUPPRESS)
    parser.add_argument("--llama", type=pathlib.Path, required=True, help=argparse.SUPPRESS)
    return parser.parse_args()


def note(text):
    print(text, file=sys.stderr, flush=True)


def quantised(args, gguf):
    """The GGUF file in Q8_0, made where it is missing."""
    path = args.work / f"{gguf.stem}-q8_0.gguf"
    if not path.exists():
        partial = path.with_suffix(".partial")
        subprocess.run(
            [args.llama / "llama-quantize", gguf, partial, "Q8_0", str(args.threads)], check=True, capture_output=True)
        partial.rename(path)
    return path


def checkpoint(args, size):
    """The checkpoint's folder and its GGUF file, made where they are missing."""
    # --help is shown without the packages that these need.
    import mixtral_to_gguf
    import synthetic_mixtral

    work = args.work
    folder, gguf = work / f"mixtral-{size}", work / f"mixtral-{size}.gguf"
    if not (folder / "config.json").exists():
        note(f"making a Mixtral of size {size} …")
        synthetic_mixtral.make(size, folder)
    if not gguf.exists():
        partial = gguf.with_suffix(".partial")
        mixtral_to_gguf.convert(folder, partial)
        partial.rename(gguf)
    return folder, quantised(args, gguf) if args.dtype == "int8" else gguf


def prompts(count, seed):
    """Texts of about 64 tokens: words of letters, which either tokenizer merges alike."""
    chosen = random.Random(seed)
    return [" ".join("".join(chosen.choices(string.ascii_lowercase, k=6)) for _ in range(20)) for _ in range(count)]


def compare_engines(args, size):
    folder, gguf = checkpoint(args, size)
    ours, theirs = [], []
    for round in range(args.rounds):
        note(f"engines, size {size}, round {round + 1} of {args.rounds}")
        ours.append(engines.jostle(args.jostle, folder, args.threads, BATCHES, dtype=args.dtype))
        theirs.append(engines.llama_cpp(args.llama, gguf, args.threads, BATCHES))
    return ours, theirs


def compare_servers(args, size):
    folder, gguf = checkpoint(args, size)
    ours, theirs = [], []
    jostle = servers.Jostle(args.jostle, folder.resolve(), args.threads, CONTEXT, args.work / "jostle.log", args.dtype)
    llama = servers.LlamaCpp(args.llama / "llama-server", gguf, args.threads, CONTEXT, args.work / "llama.log")
    with jostle, llama:
        agreement(jostle, llama)
        for round in range(args.rounds):
            note(f"servers, size {size}, round {round + 1} of {args.rounds}")
            for server, rounds in [(jostle, ours), (llama, theirs)]:
                rounds.append({})
                for connections in CONNECTIONS:
                    bodies = [
                        server.body(prompt, TOKENS) for prompt in prompts(max(4, 2 * connections), round)]
                    figures = streams.measure(server.port, bodies, connections)
                    rounds[-1][f"{connections} streams"] = figures["tokens_per_second"]
                    rounds[-1][f"{connections} streams, ms to first token"] = 1e3 * figures["first_token_seconds"]
                    rounds[-1][f"{connections} streams, ms between tokens"] = 1e3 * figures["between_tokens_seconds"]
    return ours, theirs


def agreement(jostle, llama):
    """Tells how long both servers' greedy texts are the same: they run the same model."""
    texts = [
        streams.measure(server.port, [server.body(prompt, 32) for prompt in prompts(4, 99)], 1)["texts"]
        for server in (jostle, llama)]
    same = [len(os.path.commonprefix([ours, theirs])) / max(1, len(ours)) for ours, theirs in zip(*texts)]
    note("greedy texts of both servers agree up to " + ", ".join(f"{share:.0%}" for share in same))
    if max(same) < 0.1:
        raise RuntimeError("the servers do not run the same model")


def table(title, ours, theirs):
    mine, peer = engines.median_by_key(ours), engines.median_by_key(theirs)
    lines = [f"\n{title}\n", "| | jostle | llama.cpp | ratio |", "|---|---|---|---|"]
    for key in mine:
        ratio = statistics.median(a[key] / b[key] for a, b in zip(ours, theirs))
        digits = 0 if mine[key] >= 100 else 2
        lines.append(f"| {key} | {mine[key]:.{digits}f} | {peer[key]:.{digits}f} | {ratio:.2f} |")
    return "\n".join(lines)


def main():
    args = options()
    weights = "int8 and Q8_0" if args.dtype == "int8" else "bf16"
    both = args.engines == args.servers
    record = {}
    for size in args.sizes:
        if args.engines or both:
            ours, theirs = record[f"engines {size}"] = compare_engines(args, size)
            print(table(f"Size {size}, engines alone, {weights}, {args.threads} threads, tokens/s", ours, theirs), flush=True)
        if args.servers or both:
            ours, theirs = record[f"servers {size}"] = compare_servers(args, size)
            print(table(f"Size {size}, over HTTP, {weights}, {args.threads} threads, tokens/s", ours, theirs), flush=True)
        if args.json:
            args.json.write_text(json.dumps(record, indent=1))


if __name__ == "__main__":
    try:
        main()
    except (RuntimeError, OSError) as problem:
        sys.exit(f"Scripts/bench-peers: {problem}")
