"""Measures what isolation and invariance cost: jostle bench in one mode and another, in turn.

Usage:
    Scripts/bench-modes [--checkpoint FOLDER] [--threads 2] [--rounds 9]

Each line is a median ratio of decoded tokens per second over the rounds, by batch size:

  - per-sequence against cross-sequence isolation, which drops assignments and so computes less
  - per-sequence against dropless isolation, which computes as much
  - invariant numerics against the same kernels with two chains per output for three rows or fewer, as in a library whose
    bits may depend on the batch
"""
import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys

BATCHES = (1, 2, 4, 8, 16, 32)


def options():
    parser = argparse.ArgumentParser(
        prog="Scripts/bench-modes", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--checkpoint", default="Models/story-moe")
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)), help="default: every processor")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--jostle", type=pathlib.Path, required=True, help=argparse.SUPPRESS)
    parser.add_argument("--two-chains", type=pathlib.Path, required=True, help=argparse.SUPPRESS)
    return parser.parse_args()


def decode(binary, args, isolation):
    output = subprocess.run(
        [binary, "bench", "--checkpoint", args.checkpoint, "--threads", str(args.threads), "--isolation", isolation,
         "--batches", ",".join(map(str, BATCHES)), "--steps", "32", "--rounds", "1", "--json"],
        check=True, capture_output=True, text=True).stdout
    return {row["batch"]: row["decodeTokensPerSecond"] for row in json.loads(output)["batches"]}


def compare(title, args, one, other):
    """`one` and `other`: a binary and an isolation mode."""
    rounds = [(decode(one[0], args, one[1]), decode(other[0], args, other[1])) for _ in range(args.rounds)]
    ratios = [statistics.median(mine[batch] / theirs[batch] for mine, theirs in rounds) for batch in BATCHES]
    print(f"| {title} | " + " | ".join(f"{ratio:.3f}" for ratio in ratios) + " |", flush=True)


def main():
    args = options()
    print(f"{args.checkpoint}, {args.threads} threads, tokens a second of one over the other, at batch sizes\n")
    print("| | " + " | ".join(map(str, BATCHES)) + " |\n|---" * 1 + "|---" * len(BATCHES) + "|")
    compare("per-sequence / cross-sequence", args, (args.jostle, "per-sequence"), (args.jostle, "cross-sequence"))
    compare("per-sequence / dropless", args, (args.jostle, "per-sequence"), (args.jostle, "dropless"))
    compare("one chain / two chains", args, (args.jostle, "dropless"), (args.two_chains, "dropless"))
    compare("the same twice", args, (args.jostle, "dropless"), (args.jostle, "dropless"))


if __name__ == "__main__":
    try:
        main()
    except subprocess.CalledProcessError as problem:
        sys.exit(f"Scripts/bench-modes: {problem.stderr.strip() or problem}")
