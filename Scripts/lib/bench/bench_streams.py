"""Measures how soon a sampled token is sent: from its sampling until the socket has its chunk.

Usage:
    Scripts/bench-streams [--streams 64] [--paces 2ms 0ms] [--rounds 5]
    Scripts/bench-streams --checkpoint .build-peers/mixtral-S --threads 1

Starts `jostle serve` at each pace, keeps this many streams open (when one ends, the next begins), and reads
jostle:token_delivery_seconds of /metrics at both ends of each round. The server takes the time before it samples a token, and
again when libmicrohttpd asks for the bytes after the token's chunk. At that moment the socket has the chunk, so no time is
measured too short. Percentiles are interpolated between the bounds of the histogram; `longest` is the bound below which all
tokens were.

The client is a process of its own on the same machine. It reads four times a second, with a lower priority than the server
(nice 10), so that it takes little of the processors that it measures. `others` is the share of the machine's processor time
that other programs took. With more than a few per cent, a round says little about the server.
"""
import argparse
import os
import pathlib
import random
import re
import selectors
import statistics
import sys
import threading
import time
import urllib.request

from servers import Jostle
from streams import Stream

BUFFER = bytearray(1 << 20)

METRIC = "jostle:token_delivery_seconds"
LIMIT = "0.001"
OPENINGS = ("Once upon a time there was a", "One day a little", "The sun was warm and the", "In a small house lived a")


def options():
    parser = argparse.ArgumentParser(
        prog="Scripts/bench-streams", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--checkpoint", type=pathlib.Path, default=pathlib.Path("Models/story-moe"))
    parser.add_argument("--streams", type=int, default=64, help="at a time (default: 64)")
    parser.add_argument("--tokens", type=int, default=512, help="of each completion (default: 512)")
    parser.add_argument(
        "--paces", nargs="+", default=["2ms", "0ms"],
        help="the least time of a step, as `jostle serve --pace` (default: 2ms, which --tenants brings, and 0ms)")
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)), help="default: every processor")
    parser.add_argument("--rounds", type=int, default=5, help="default: 5")
    parser.add_argument("--seconds", type=float, default=4, help="of a round (default: 4)")
    parser.add_argument("--jostle", type=pathlib.Path, required=True, help=argparse.SUPPRESS)
    parser.add_argument("--work", type=pathlib.Path, required=True, help=argparse.SUPPRESS)
    return parser.parse_args()


class PacedJostle(Jostle):
    def __init__(self, args, pace):
        super().__init__(args.jostle, args.checkpoint.resolve(), args.threads, 2048, args.work / f"jostle-{pace}.log")
        self.options = ["--pace", pace, "--max-running", str(args.streams)]

    def command(self):
        return super().command() + self.options


class UnreadStream(Stream):
    """A stream of which only the end is looked at: to keep and to search it would take the processor from the server."""

    def receive(self):
        """Takes what has come; whether that was the end."""
        count = self.socket.recv_into(BUFFER)
        if count:
            self.data = (self.data + BUFFER[max(0, count - 32):count])[-32:]
            return False
        self.socket.close()
        if b"data: [DONE]" not in self.data:
            raise RuntimeError(f"a stream broke off: …{self.data.decode(errors='replace')}")
        return True


class Load(threading.Thread):
    """Keeps a number of streams open for as long as `with` lasts."""

    def __init__(self, server, args):
        super().__init__()
        self.server, self.args = server, args
        self.started, self.stopping, self.problem = 0, threading.Event(), None
        self.selector = selectors.DefaultSelector()

    def begin(self, tokens):
        self.started += 1
        prompt = f"{OPENINGS[self.started % len(OPENINGS)]} {self.started}"
        stream = UnreadStream(self.server.port, {**self.server.body(prompt, tokens), "min_tokens": tokens})
        self.selector.register(stream.socket, selectors.EVENT_READ, stream)

    def run(self):
        # Of this thread alone.
        os.nice(10)
        # The first ones end at different times, so that those that come after them begin at different times.
        draw = random.Random(1)
        try:
            for _ in range(self.args.streams):
                self.begin(draw.randint(1, self.args.tokens))
            while not self.stopping.wait(0.25):
                for key, _ in self.selector.select(0):
                    if key.data.receive():
                        self.selector.unregister(key.fileobj)
                        self.begin(self.args.tokens)
        except (RuntimeError, OSError) as problem:
            self.problem = problem
        for key in list(self.selector.get_map().values()):
            key.fileobj.close()

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stopping.set()
        self.join()


class Reading:
    """What the server and the kernel have counted so far."""

    def __init__(self, server):
        with open("/proc/stat") as file:
            user, nice, system, _, _, irq, softirq, steal = map(int, file.readline().split()[1:9])
        with open(f"/proc/{server.process.pid}/stat") as file:
            ours = sum(map(int, file.read().rsplit(")", 1)[1].split()[11:13]))
        second = os.sysconf("SC_CLK_TCK")
        self.others = (user + nice + system + irq + softirq + steal - ours) / second - sum(os.times()[:2])
        self.time = time.perf_counter()
        page = urllib.request.urlopen(f"http://127.0.0.1:{server.port}/metrics", timeout=30).read().decode()
        self.tokens = sum(map(int, re.findall(r"^vllm:generation_tokens_total\{.*\} (\d+)$", page, re.M)))
        pattern = re.escape(METRIC) + r'_bucket\{.*le="([^"]+)"\} (\d+)'
        self.counts = {bound: int(count) for bound, count in re.findall(pattern, page)}


class Round:
    def __init__(self, before, after):
        self.counts = {bound: count - before.counts.get(bound, 0) for bound, count in after.counts.items()}
        seconds = after.time - before.time
        self.speed = (after.tokens - before.tokens) / seconds
        self.others = max(0, (after.others - before.others) / seconds / os.cpu_count())

    @classmethod
    def all(cls, rounds):
        """All rounds as one, with the middle speed."""
        whole = cls.__new__(cls)
        whole.counts = {bound: sum(one.counts[bound] for one in rounds) for bound in rounds[0].counts}
        whole.speed = statistics.median(one.speed for one in rounds)
        whole.others = statistics.mean(one.others for one in rounds)
        return whole

    def percentile(self, share):
        """In seconds; a straight line between two bounds."""
        below, before, wanted = 0.0, 0, share * self.counts["+Inf"]
        for bound, count in self.counts.items():
            if count >= wanted:
                return below + (float(bound) - below) * (wanted - before) / max(1, count - before)
            below, before = float(bound), count

    @property
    def longest(self):
        return float(next(bound for bound, count in self.counts.items() if count == self.counts["+Inf"]))

    def report(self, title):
        times = [self.percentile(share) for share in (0.5, 0.9, 0.99, 0.999)] + [self.longest]
        print(
            f"| {title} | {self.counts['+Inf']} | " + " | ".join(f"{1e3 * time:.2f}" for time in times)
            + f" | {100 * self.counts[LIMIT] / self.counts['+Inf']:.2f} % | {self.speed:.0f} | {100 * self.others:.0f} % |",
            flush=True)


def run(args, pace):
    rounds = []
    with PacedJostle(args, pace) as server, Load(server, args) as load:
        time.sleep(args.seconds)
        for _ in range(args.rounds):
            before = Reading(server)
            time.sleep(args.seconds)
            if load.problem:
                raise load.problem
            rounds.append(Round(before, Reading(server)))
            rounds[-1].report(pace)
    Round.all(rounds).report(f"{pace}, all")


def main():
    args = options()
    print(f"{args.checkpoint}, {args.streams} streams of {args.tokens} tokens, {args.threads} threads; milliseconds\n")
    print("| pace | tokens | p50 | p90 | p99 | p99.9 | longest | within 1 ms | tokens/s | others |")
    print("|---|---|---|---|---|---|---|---|---|---|")
    for pace in args.paces:
        run(args, pace)


if __name__ == "__main__":
    try:
        main()
    except (RuntimeError, OSError) as problem:
        sys.exit(f"Scripts/bench-streams: {problem}")
