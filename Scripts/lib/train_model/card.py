"""README.md of a trained model, written from the run."""

import argparse
import dataclasses
import shlex
import textwrap

from .curve import draw_curve
from .export import architecture, is_chat
from .model import Decoder
from .recipe import PRESETS, Recipe
from .samples import COMPLETION_PROBE, Sample
from .training import Training

CURVE = "training.svg"


def write_card(options: argparse.Namespace, training: Training, losses: dict, difference: float,
               samples: list[Sample], sources: str | None) -> None:
    (options.out / CURVE).write_text(draw_curve(training.curve))
    sections = [
        heading(options, training),
        loss_section(training.recipe, losses),
        training_section(options, training, difference),
        samples_section(samples),
        "## Data and licences\n\n" + (sources or "The folder of text came without a description of its sources."),
        "## Limits\n\nIt is far too small for facts, reasoning, code or any language but that of its text, and "
        "repeats what its\nstories contain, biases included.",
    ]
    (options.out / "README.md").write_text("\n\n".join(sections) + "\n")


def heading(options: argparse.Namespace, training: Training) -> str:
    recipe = training.recipe
    kind = "sparse mixture-of-experts" if recipe.is_sparse else "dense"
    purpose = "It follows short requests for a story." if is_chat(recipe) else "It continues plain text, no more."
    rows = [
        ("architecture", f"`{architecture(recipe)}`, Hugging Face layout; `transformers` loads it as it is"),
        ("size", size(recipe, training.model)),
        ("shape", f"hidden {recipe.hidden_size}, {recipe.layers} layers, {recipe.heads} heads with "
                  f"{recipe.key_value_heads} key/value heads of {recipe.head_size}, tied embeddings"),
        ("experts", f"{recipe.experts} per layer, {recipe.intermediate_size} wide; top-{recipe.experts_per_token} "
                    "with renormalised gates") if recipe.is_sparse else
        ("feed-forward", f"{recipe.intermediate_size} wide"),
        ("context", f"{recipe.positions} tokens; a token attends to the last {recipe.window} (sliding window); the "
                    f"longest documents of the training had {recipe.longest}"),
        ("tokenizer", f"byte-level BPE, {training.model.embed_tokens.num_embeddings} tokens"),
        ("format", "ChatML turns: `<\\|im_start\\|>role`, content, `<\\|im_end\\|>`" if is_chat(recipe) else
         "plain text; stories end with `<\\|endoftext\\|>`"),
    ]
    table = "\n".join(["| | |", "|---|---|"] + [f"| {name} | {value} |" for name, value in rows])
    title = f"# {options.out.resolve().name}"
    return f"{title}\n\nA small {kind} language model that writes children's stories. {purpose}\n\n{table}"


def size(recipe: Recipe, model: Decoder) -> str:
    count = sum(parameter.numel() for parameter in model.parameters())
    active = ""
    if recipe.is_sparse:
        experts = sum(layer.mlp.up.numel() + layer.mlp.down.numel() for layer in model.layers)
        idle = experts * (recipe.experts - recipe.experts_per_token) // recipe.experts
        active = f", {(count - idle) / 1e6:.2f} M active per token"
    return f"{count / 1e6:.2f} M parameters{active}; bf16, {2 * count / 1e6:.1f} MB"


def loss_section(recipe: Recipe, losses: dict) -> str:
    dropless = losses[None][0]
    what = ("Nats per token over the plain stories of valid.txt, each from its beginning and at most 511 tokens long")
    if not recipe.is_sparse:
        return f"## Held-out loss\n\n{what}: **{dropless:.4f}**."
    rows = [f"| {'dropless' if factor is None else factor} | {loss:.4f} | {dropped:.1%} |"
            for factor, (loss, dropped) in losses.items()]
    return "\n".join([
        "## Held-out loss, and what capacity does to it", "", what + "; each story is one routing group.", "",
        "| capacity factor | loss | assignments dropped |", "|---|---|---|", *rows])


def training_section(options: argparse.Namespace, training: Training, difference: float) -> str:
    recipe = training.recipe
    passes = training.turn + training.place / max(1, len(training.documents.batches(training.turn)))
    evaluations = [point for point in training.curve if "held_out" in point]
    best = min(evaluations, key=lambda point: point["held_out"])
    facts = [
        f"{training.step} steps of at most {recipe.batch_tokens} tokens, {training.tokens / 1e6:.1f} M tokens in all: "
        f"{passes:.1f} passes over the text.",
        f"Muon (rate {recipe.matrix_rate}, weight decay {recipe.weight_decay}) for the matrices; AdamW for embeddings "
        f"({recipe.embedding_rate}), router ({recipe.router_rate}) and norms ({recipe.norm_rate}). {recipe.warm_up} "
        f"warm-up steps, then constant, then a linear fall over the last {recipe.decay:.0%}.",
        *training.changes,
        *routing_facts(recipe),
        f"Stories stood {forms(recipe)}; in a fifth of the documents two or three follow each other. The loss counts "
        "the stories, not the requests.",
        f"The weights are a running average ({recipe.averaging} per step), kept where the held-out loss was lowest: "
        f"step {best['step']}.",
        f"In float32 the logits over {recipe.longest} tokens lie within {difference:.1g} of those of `transformers`.",
    ]
    rows = [f"| {point['tokens'] / 1e6:.1f} | {point['held_out']:.3f} |" for point in thinned(evaluations, 12)]
    return "\n".join([
        "## How it was trained", "", f"    {command(options, recipe)}", "", *[f"- {wrapped(fact)}" for fact in facts],
        "", f"![Loss by tokens seen]({CURVE})", "", "| million tokens | held-out loss |", "|---|---|", *rows])


def routing_facts(recipe: Recipe) -> list[str]:
    if not recipe.is_sparse:
        return []
    return [
        f"Experts had a capacity factor between {recipe.lowest_capacity} and {recipe.highest_capacity}, drawn for each "
        f"batch, and {recipe.barred_rows:.0%} of the rows lost up to {recipe.highest_barred:.0%} of their assignments "
        "at random besides: that is why the table above is so flat.",
        f"Loss: cross-entropy + {recipe.balance_weight} × load balance + {recipe.router_z_weight} × router z-loss, "
        "summed over the layers."]


def forms(recipe: Recipe) -> str:
    parts = [(recipe.chat_share, "as answers in ChatML turns"),
             (recipe.completion_share, "as completions after `User:` … `AI:`"),
             (1 - recipe.chat_share - recipe.completion_share, "as plain text")]
    return ", ".join(f"{share:.0%} {form}" for share, form in parts if share > 1e-6)


def wrapped(text: str) -> str:
    """At the width of this repository's Markdown, indented as an item of a list."""
    return "\n  ".join(textwrap.wrap(text, 118, break_long_words=False, break_on_hyphens=False))


def thinned(points: list, count: int) -> list:
    """About `count` of the points, the last one among them."""
    stride = max(1, len(points) // count)
    return points[::-1][::stride][::-1]


def command(options: argparse.Namespace, recipe: Recipe) -> str:
    """The command that made the model, with the folders' names alone."""
    words = ["Scripts/train-model", "--preset", options.preset, "--text", "TEXT"]
    if options.tokenizer:
        words += ["--tokenizer", f"Models/{options.tokenizer.resolve().name}"]
    words += ["--out", f"Models/{options.out.resolve().name}"]
    preset = PRESETS[options.preset]
    for field in dataclasses.fields(Recipe):
        value = getattr(recipe, field.name)
        if value != getattr(preset, field.name):
            words += ["--set", f"{field.name}={value}"]
    return shlex.join(words)


def samples_section(samples: list[Sample]) -> str:
    loops = sum(sample.loops for sample in samples)
    parts = ["## Samples", f"Greedy, dropless, not chosen. {loops} of {len(samples)} end in a loop."]
    for sample in samples:
        if sample.kind == "chat":
            title = sample.prompt
        else:
            title = "The completion models' probe" if sample.prompt == COMPLETION_PROBE else f"{sample.prompt} …"
            title += " (`<|endoftext|>` ruled out)"
        text = "\n".join(f"> {line}" if line else ">" for line in sample.answer.strip().split("\n"))
        parts.append(f"**{title}**\n\n{text}")
    return "\n\n".join(parts)
