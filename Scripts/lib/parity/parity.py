"""Compares Jostle on real weights with transformers, the tokenizers package and llama.cpp.

Usage:
    Scripts/parity smollm2

Makes the models of `Scripts/models smollm2` and llama.cpp where they are missing, then compares:

  - logits and greedy text of the GGUF file, float32, with transformers on the dequantised weights
  - log-probabilities with llama.cpp on the same weights in float32; and on the GGUF file as it is, without a bound
  - token ids and decoded texts with the tokenizers package and llama.cpp
  - the mixture of experts, dropless, with transformers and with the dense model that it was made of

Prints a table. The exit status is 1 if a bound is broken. Takes about 10 minutes.
"""
import argparse
import pathlib
import random
import sys
from dataclasses import dataclass

SYSTEM = "You are a helpful assistant."
QUESTIONS = (
    "Write a story about a kite and a frog.",
    "What is the capital of France, and what is it known for?",
    "Explain in two sentences why the sky is blue, then write a Python function that adds two numbers.",
    "List the numbers from 1 to 20 with a word that rhymes with each.",
)
BOUND, GREEDY, STEPS, RANDOM_TEXTS = 1e-3, 400, 16, 10_000


@dataclass
class Row:
    claim: str
    measured: str
    bound: str = "none"
    holds: bool = True


def note(text):
    print(text, file=sys.stderr, flush=True)


def options():
    parser = argparse.ArgumentParser(
        prog="Scripts/parity", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", choices=["smollm2"])
    for name in ("folder", "jostle", "llama", "work"):
        parser.add_argument(f"--{name}", type=pathlib.Path, required=True, help=argparse.SUPPRESS)
    return parser.parse_args()


def within(claim, difference, bound=BOUND):
    return Row(claim, f"{difference:.1e}", f"< {bound:g}", bool(difference < bound))


def equal(claim, same, total):
    return Row(claim, f"{same} of {total}", "all", same == total)


def log_softmax(logits):
    shifted = logits.astype("f8") - logits.max(axis=1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))


def chat(tokenizer, question):
    text = "".join(f"<|im_start|>{role}\n{content}<|im_end|>\n" for role, content in [("system", SYSTEM), ("user", question)])
    return tokenizer.encode(text + "<|im_start|>assistant\n").ids


def first_fork(ours, theirs, rows):
    """Where two greedy texts part, and by how much the other program's logits prefer its own token there."""
    for step, (mine, other) in enumerate(zip(ours, theirs)):
        if mine != other:
            return step, float(rows[step][other] - rows[step][mine])
    return None, 0.0


def compare_transformers(jostle, gguf, model, prompts):
    note("transformers …")
    difference, forks = 0.0, []
    for prompt, (ours, rows) in zip(prompts, jostle.logits(gguf, [{"prompt": p, "steps": GREEDY} for p in prompts])):
        theirs = reference.logits(model, prompt, ours)
        difference = max(difference, float(np.abs(theirs - rows).max()))
        # Up to the first fork, the greedy text of transformers is what its logits after our text prefer.
        forks.append(first_fork(ours, theirs.argmax(axis=1).tolist(), theirs))
    alike = sum(step is None for step, _ in forks)
    margin = max(margin for _, margin in forks)
    yield within(f"logits, {len(prompts)} prompts and {GREEDY} steps each: transformers, float32", difference)
    yield Row(f"greedy texts of {GREEDY} tokens: transformers, float32",
              f"{alike} of {len(prompts)} equal, largest margin at a first fork {margin:.1e}", f"< {BOUND:g}", margin < BOUND)


def compare_llama(jostle, args, gguf, prompts):
    note("llama.cpp …")
    runs = [{"prompt": prompt, "steps": STEPS} for prompt in prompts]
    float32 = args.work / "smollm2-f32.gguf"
    if not float32.exists():
        partial = float32.with_suffix(".partial")
        gguf_to_float32.convert(gguf, partial)
        partial.rename(float32)
    ours = jostle.logits(gguf, runs)
    for file, title, bound in [(float32, "the same weights in float32", BOUND), (gguf, "the GGUF file as it is", None)]:
        with llama.LlamaCpp(args.llama / "llama-server", file, args.work / "llama-parity.log") as server:
            difference = max(
                float(np.abs(server.log_probabilities(prompt, tokens, rows.shape[1]) - log_softmax(rows)).max())
                for prompt, (tokens, rows) in zip(prompts, ours))
            claim = f"log-probabilities, {len(prompts)} prompts and {STEPS} steps each: llama.cpp, {title}"
            yield within(claim, difference) if bound else Row(claim, f"{difference:.1e}")
            if bound:
                yield from compare_llama_tokens(jostle, gguf, server)


def random_texts():
    """Strings of scalars from all planes, mixed with the corpora's own."""
    chosen = random.Random(13)
    corpus = list(texts.texts())
    for _ in range(RANDOM_TEXTS):
        parts = []
        for _ in range(chosen.randint(1, 6)):
            first, last = chosen.choice([(0x20, 0x7f), (0, 0x300), (0x300, 0x3000), (0x3000, 0xd800), (0xe000, 0x32400)])
            parts.append("".join(chr(chosen.randrange(first, last)) for _ in range(chosen.randint(1, 8))))
            text = chosen.choice(corpus)
            start = chosen.randrange(len(text) + 1)
            parts.append(text[start:start + chosen.randint(0, 12)])
        yield "".join(parts)


def compare_tokens(jostle, gguf, tokenizer):
    note("tokenizers …")
    for title, corpus in [("the corpora of Scripts/fixtures", list(texts.texts())), ("random strings", list(random_texts()))]:
        encoded = decoded = 0
        for text, ours in zip(corpus, jostle.tokens(gguf, corpus)):
            tokenizer.encode_special_tokens = False
            parsed = tokenizer.encode(text).ids
            tokenizer.encode_special_tokens = True
            encoded += ours["parsed"] == ours["prompt"] == parsed and ours["plain"] == tokenizer.encode(text).ids
            decoded += ours["decoded"] == tokenizer.decode(parsed, skip_special_tokens=False)
        yield equal(f"{title}, encoded with special tokens parsed, as plain text and as prompts: tokenizers", encoded, len(corpus))
        yield equal(f"{title}, decoded: tokenizers", decoded, len(corpus))


def compare_llama_tokens(jostle, gguf, server):
    corpus = list(random_texts())[:1000]
    same = sum(ours["parsed"] == server.tokens(text) for text, ours in zip(corpus, jostle.tokens(gguf, corpus)))
    yield Row("1000 of the random strings, encoded: llama.cpp", f"{same} of {len(corpus)}")


def compare_mixture(jostle, gguf, mixture, prompts):
    note("the mixture of experts …")
    runs = [{"prompt": prompt, "steps": 100} for prompt in prompts]
    ours = jostle.logits(mixture, runs, "auto")
    follow = [{"prompt": prompt, "continuation": tokens} for prompt, (tokens, _) in zip(prompts, ours)]
    parent = jostle.logits(gguf, follow, "auto")
    yield within(
        "log-probabilities of the mixture, dropless, over 100 greedy tokens: its dense parent, both bfloat16",
        max(np.abs(log_softmax(rows) - log_softmax(theirs)).max() for (_, rows), (_, theirs) in zip(ours, parent)))
    model = AutoModelForCausalLM.from_pretrained(mixture, dtype=torch.float32, attn_implementation="eager").eval()
    yield within(
        "logits of the mixture, dropless, over 100 greedy tokens: transformers, float32",
        max(np.abs(reference.logits(model, prompt, tokens) - rows).max() for prompt, (tokens, rows) in zip(prompts, ours)))
    runs = [{"prompt": prompt, "steps": GREEDY} for prompt in prompts]
    pairs = zip(jostle.logits(mixture, runs, "auto"), jostle.logits(gguf, runs, "auto"))
    same = sum(mine == dense for (mine, _), (dense, _) in pairs)
    yield equal(f"greedy texts of {GREEDY} tokens of the mixture, dropless: its dense parent, both bfloat16", same, len(prompts))


def table(rows):
    lines = ["| what: compared with | measured | bound |", "|---|---|---|"]
    return "\n".join(lines + [f"| {row.claim} | {row.measured}{'' if row.holds else ' **broken**'} | {row.bound} |" for row in rows])


def main():
    args = options()
    gguf, mixture = args.folder / "SmolLM2-135M-Instruct.Q4_1.gguf", args.folder / "SmolLM2-8x135M-Instruct"
    torch.set_num_threads(2)
    jostle, weights = Jostle(args.jostle), reference.Weights(gguf)
    tokenizer = reference.tokenizer(weights)
    prompts = [chat(tokenizer, question) for question in QUESTIONS]
    model, different = reference.transformers_model(gguf, weights)
    rows = [Row("weights that transformers reads: gguf.dequantize", f"{different} different", "0", different == 0)]
    rows += compare_transformers(jostle, gguf, model, prompts)
    del model
    rows += compare_tokens(jostle, gguf, tokenizer)
    rows += compare_llama(jostle, args, gguf, prompts)
    rows += compare_mixture(jostle, gguf, mixture, prompts)
    print(table(rows))
    return 0 if all(row.holds for row in rows) else 1


if __name__ == "__main__":
    if {"-h", "--help"} & set(sys.argv):
        # Before the packages are imported, or installed.
        options()
    import numpy as np
    import torch
    from transformers import AutoModelForCausalLM

    scripts = pathlib.Path(__file__).resolve().parents[2]
    sys.path += [str(scripts / "fixtures"), str(scripts / "lib" / "bench")]
    import gguf_to_float32
    import llama
    import reference
    import texts
    from jostle import Jostle
    sys.exit(main())
