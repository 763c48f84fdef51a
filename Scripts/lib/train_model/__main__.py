"""Trains, checks and describes a model: Scripts/train-model --help says how."""

import argparse
import shutil
import sys
from pathlib import Path

import torch

from .card import write_card
from .documents import Documents
from .evaluation import by_capacity, held_out_ids
from .export import check_against_transformers, is_chat, read_back
from .failure import Failure
from .options import parse_options
from .recipe import Recipe, make_recipe
from .samples import load_reference, make_samples
from .text import load_tokenizer, read_stories, train_tokenizer, write_tokenizer
from .training import Stopped, Training


def main() -> int:
    try:
        options = parse_options()
        torch.set_num_threads(options.threads)
        run(options)
    except Failure as failure:
        print(f"Scripts/train-model: {failure}", file=sys.stderr)
        return failure.status
    except Stopped as stop:
        print("Stopped; the state is saved. Go on with the same command and --resume.", file=sys.stderr)
        return 128 + stop.number
    return 0


def run(options: argparse.Namespace) -> None:
    changes = options.set + ([f"steps={options.steps}"] if options.steps is not None else [])
    recipe = make_recipe(options.preset, changes)
    stories = read_stories(options.text / "train.txt")
    held_out = read_stories(options.text / "valid.txt")
    sources = read_sources(options.sources)
    prepare_out(options)
    tokenizer = make_tokenizer(options, stories, recipe)
    write_tokenizer(tokenizer, options.out, recipe.positions, is_chat(recipe))
    documents = Documents(stories, tokenizer, recipe)
    training = Training(recipe, documents, held_out_ids(held_out, tokenizer), options.out)
    print(f"{len(stories)} stories, {sum(map(len, documents.stories)) / 1e6:.2f} M tokens; "
          f"{sum(parameter.numel() for parameter in training.model.parameters()) / 1e6:.2f} M parameters", flush=True)
    if options.resume:
        training.load()
    training.run()
    finish(options, training, sources)


def read_sources(path: Path | None) -> str | None:
    if path is None:
        return None
    try:
        return path.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise Failure(66, f"--sources {path}: {error.strerror}") from None


def prepare_out(options: argparse.Namespace) -> None:
    state = options.out / "training-state.pt"
    if options.resume and not state.exists():
        raise Failure(66, f"--resume: there is no {state}")
    if not options.resume and options.out.is_dir() and any(options.out.iterdir()):
        raise Failure(73, f"{options.out} is not empty. Give --resume to go on with it, or another folder.")
    try:
        options.out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Failure(73, f"--out {options.out}: {error.strerror}") from None


def make_tokenizer(options: argparse.Namespace, stories: list[str], recipe: Recipe):
    if options.resume:
        return load_tokenizer(options.out)
    if options.tokenizer:
        return load_tokenizer(options.tokenizer)
    print(f"Training a tokenizer of {recipe.vocabulary} tokens …", flush=True)
    return train_tokenizer(stories, recipe.vocabulary)


def finish(options: argparse.Namespace, training: Training, sources: str | None) -> None:
    """Checks what was written, and describes it."""
    print("Checking the written model and writing its card …", flush=True)
    vocabulary = training.model.embed_tokens.num_embeddings
    model = read_back(training.recipe, vocabulary, options.out)
    reference, tokenizer = load_reference(options.out)
    long_text = [token for ids in training.held_out_ids for token in ids][:training.recipe.longest]
    difference = check_against_transformers(model, reference, long_text)
    losses = by_capacity(model, training.held_out_ids)
    samples = make_samples(reference, tokenizer, training.recipe)
    attribution = options.text / "ATTRIBUTION.tsv"
    if attribution.exists():
        shutil.copyfile(attribution, options.out / "ATTRIBUTION.tsv")
    write_card(options, training, losses, difference, samples, sources)
    training.state_path.unlink(missing_ok=True)
    print(f"{options.out}: held-out loss {losses[None][0]:.4f}; logits within {difference:.1g} of transformers'")


if __name__ == "__main__":
    sys.exit(main())
