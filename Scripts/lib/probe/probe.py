"""Counts the distinct answers to one prompt at temperature 0.

Makes the calls of the probe in "Non-determinism in GPT-4 is caused by Sparse MoE" with the client it used
(openai 0.27.8), one after another, and prints its table with the published counts beside ours. Unlike that
probe it reports every error, and exits with 1 if there was one.
"""

import argparse
import json
import os
import re
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import openai
from tqdm import tqdm

REQUEST = "Write a unique, surprising, extremely randomized story with highly unpredictable changes of events."
MESSAGES = [
    {"role": "system", "content": "You are a helpful assistant."},
    {"role": "user", "content": REQUEST},
]
PROMPT = f"[System: You are a helpful assistant]\n\nUser: {REQUEST}\n\nAI:"

CHAT_MODELS = ("gpt-4", "gpt-3.5-turbo")
COMPLETION_MODELS = ("text-davinci-003", "text-davinci-001", "davinci-instruct-beta", "davinci")

# Unique completions of 30 in three attempts, 128 tokens each: https://152334h.github.io/blog/non-determinism-in-gpt-4/
PUBLISHED = {
    "gpt-4": (12, 11, 12),
    "gpt-3.5-turbo": (4, 4, 3),
    "text-davinci-003": (3, 2, 4),
    "text-davinci-001": (2, 2, 2),
    "davinci-instruct-beta": (1, 1, 1),
    "davinci": (1, 1, 1),
}


@dataclass
class Attempt:
    """What one model answered to the same request, many times."""

    texts: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def classes(self) -> list[tuple[str, int]]:
        """The distinct texts and how often each came, the most frequent first."""
        return Counter(self.texts).most_common()

    @property
    def unique(self) -> int:
        return len(self.classes)

    @property
    def largest_class(self) -> int:
        return self.classes[0][1] if self.texts else 0


def main() -> int:
    options = parse_options()
    openai.api_base = options.base_url
    openai.api_key = os.environ.get("OPENAI_API_KEY", "unused")

    attempts: dict[str, list[Attempt]] = {model: [] for model in options.models}
    is_complete = False
    calls = options.attempts * len(options.models) * options.completions
    with tqdm(total=calls, unit="call", disable=None) as progress:
        try:
            for number in range(1, options.attempts + 1):
                for model in options.models:
                    progress.set_description(f"attempt {number}/{options.attempts}, {model}")
                    attempt = Attempt()
                    attempts[model].append(attempt)
                    run_attempt(attempt, model, options, progress)
                    tqdm.write(summary(attempt, model, number, options))
            is_complete = True
        except KeyboardInterrupt:
            tqdm.write("Stopped early; the table holds what was counted.", file=sys.stderr)
        except openai.error.APIConnectionError as error:
            tqdm.write(f"Cannot reach {options.base_url}: {error}", file=sys.stderr)
            tqdm.write("Is the server up? Scripts/serve starts one.", file=sys.stderr)

    if any(attempt.texts for of_model in attempts.values() for attempt in of_model):
        print()
        print(table(attempts, options.completions))
    if options.json:
        write_report(options.json, attempts, options)
    errors = sum(len(attempt.errors) for of_model in attempts.values() for attempt in of_model)
    if errors:
        print(f"\n{errors} of the calls failed; the counts leave them out.", file=sys.stderr)
    return 0 if is_complete and not errors else 1


def parse_options() -> argparse.Namespace:
    every_model = CHAT_MODELS + COMPLETION_MODELS
    parser = argparse.ArgumentParser(
        prog="Scripts/probe",
        description="Counts the distinct answers to one prompt at temperature 0, beside the published counts.",
        epilog="One client alone never shares a batch: start the server with --tenants to see an effect.",
    )
    parser.add_argument(
        "--base-url", type=base_url, default="http://127.0.0.1:8080/v1", metavar="URL",
        help="where the API is (default: %(default)s)")
    parser.add_argument(
        "--completions", type=positive, default=30, metavar="C", help="calls per model and attempt (default: 30)")
    parser.add_argument(
        "--max-tokens", type=positive, default=128, metavar="N", help="length of a completion (default: 128)")
    parser.add_argument(
        "--models", nargs="+", default=list(every_model), metavar="MODEL",
        help=f"which models to ask, each also with a suffix such as gpt-4:per-sequence (default: {' '.join(every_model)})")
    parser.add_argument(
        "--attempts", type=positive, default=3, metavar="A", help="how often to repeat it all (default: 3)")
    parser.add_argument(
        "--sleep", type=float, default=0.0, metavar="SECONDS",
        help="pause after each call; the published probe paused for 1 (default: 0)")
    parser.add_argument("--json", metavar="FILE", help="write every distinct text, its count and the errors to FILE")
    options = parser.parse_args()
    for model in options.models:
        if model.split(":")[0] not in every_model:
            parser.error(f"the probe has no calls for the model {model!r}; it knows {', '.join(every_model)}")
    return options


def base_url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise argparse.ArgumentTypeError(f"{text!r} is not a URL such as http://127.0.0.1:8080/v1")
    return text.rstrip("/") if parts.path.strip("/") else f"{parts.scheme}://{parts.netloc}/v1"


def positive(text: str) -> int:
    if not text.isdigit() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number above 0")
    return int(text)


def run_attempt(attempt: Attempt, model: str, options: argparse.Namespace, progress: tqdm) -> None:
    """Asks `model` the same thing `options.completions` times, one call after another."""
    start = time.monotonic()
    try:
        for _ in range(options.completions):
            try:
                attempt.texts.append(complete(model, options.max_tokens))
            except openai.error.APIConnectionError:
                raise
            except openai.error.OpenAIError as error:
                attempt.errors.append(f"{type(error).__name__}: {error}")
                tqdm.write(f"{model}: {attempt.errors[-1]}", file=sys.stderr)
            progress.set_postfix(unique=attempt.unique, refresh=False)
            progress.update()
            time.sleep(options.sleep)
    finally:
        attempt.seconds = time.monotonic() - start


def complete(model: str, max_tokens: int) -> str:
    """The published probe's call: the bias forbids the end of text."""
    if model.split(":")[0] in CHAT_MODELS:
        completion = openai.ChatCompletion.create(
            model=model, messages=MESSAGES, max_tokens=max_tokens, temperature=0, logit_bias={"100257": -100.0})
        return completion.choices[0].message["content"]
    completion = openai.Completion.create(
        model=model, prompt=PROMPT, max_tokens=max_tokens, temperature=0, logit_bias={"50256": -100.0})
    return completion.choices[0].text


def summary(attempt: Attempt, model: str, number: int, options: argparse.Namespace) -> str:
    sizes = "+".join(str(count) for _, count in attempt.classes) or "none"
    failed = f", {len(attempt.errors)} failed" if attempt.errors else ""
    return (
        f"attempt {number}: {model}: {attempt.unique} unique of {options.completions} ({sizes}){failed}"
        f" in {attempt.seconds:.1f} s")


def table(attempts: dict[str, list[Attempt]], completions: int) -> str:
    """The published table, with the largest class and the published counts in columns of their own."""
    header = [
        "Model Name", f"Unique Completions (/{completions})", f"Average (/{completions})",
        f"Largest Class (/{completions})", "Published (/30)", "Published Average", "Notes",
    ]
    rows = [header] + [row(model, of_model) for model, of_model in attempts.items()]
    widths = [max(len(cells[column]) for cells in rows) for column in range(len(header))]
    lines = ["| " + " | ".join(cell.ljust(width) for cell, width in zip(cells, widths)) + " |" for cells in rows]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)


def row(model: str, attempts: list[Attempt]) -> list[str]:
    counted = [attempt for attempt in attempts if attempt.texts]
    published = PUBLISHED.get(model, ())
    return [
        model,
        ",".join(str(attempt.unique) for attempt in counted) or "-",
        average([attempt.unique for attempt in counted]),
        ",".join(str(attempt.largest_class) for attempt in counted) or "-",
        ",".join(map(str, published)) or "-",
        average(published),
        notes(attempts),
    ]


def average(counts) -> str:
    if not counts:
        return "-"
    return "deterministic" if set(counts) == {1} else f"{sum(counts) / len(counts):.2f}"


def notes(attempts: list[Attempt]) -> str:
    found = []
    errors = sum(len(attempt.errors) for attempt in attempts)
    if errors:
        found.append(f"{errors} errors")
    texts = [text for attempt in attempts for text in attempt.texts]
    if texts and all(ends_in_loop(text) for text in texts):
        found.append("outputs deteriorated into a repeated loop")
    return "; ".join(found)


def ends_in_loop(text: str) -> bool:
    """Whether the text ends by saying the same thing three times or more, a last part of it aside."""
    return re.search(r"(.{8,80}?)\1\1.{0,80}$", text, re.DOTALL) is not None


def write_report(path: str, attempts: dict[str, list[Attempt]], options: argparse.Namespace) -> None:
    report = {
        "base_url": options.base_url,
        "completions": options.completions,
        "max_tokens": options.max_tokens,
        "models": {
            model: [
                {
                    "unique": attempt.unique,
                    "classes": [{"count": count, "text": text} for text, count in attempt.classes],
                    "errors": attempt.errors,
                    "seconds": round(attempt.seconds, 3),
                }
                for attempt in of_model
            ]
            for model, of_model in attempts.items()
        },
    }
    with open(path, "w", encoding="utf-8") as file:
        json.dump(report, file, indent=2, ensure_ascii=False)
        file.write("\n")


if __name__ == "__main__":
    sys.exit(main())
