"""Trains a small story model from a folder of text and writes it as a Hugging Face checkpoint.

FOLDER holds train.txt and valid.txt: stories, separated by lines `<|endoftext|>`. valid.txt is held out: it
decides which weights are kept, and gives the losses of the model card. Three presets:

  moe     a sparse Mixtral that answers chat requests (8 experts, 2 per token)
  dense   a Mistral that answers chat requests and completion prompts, about as large as the active part of moe
  base    a small Mistral that has only read plain text

Without --tokenizer, the script trains one. It writes to OUT the weights (bf16), the configuration, the tokenizer
with its chat template, and README.md: the model card, with the recipe, the curve, samples, and the held-out loss
under each capacity factor. It ends by comparing its logits with those of `transformers`. OUT holds a usable model
after the first evaluation.

Ctrl-C or SIGTERM stops it after the current step. The same command with --resume continues from there. Schedules
count steps, not time, so a run may be stopped or slowed. With --resume, --steps may also set a new end.
"""

import argparse
import dataclasses
import os
import textwrap
from pathlib import Path

from .failure import Failure
from .recipe import PRESETS

EPILOG = """examples:
  Scripts/train-model --preset moe --text ~/stories --out Models/story-moe
  Scripts/train-model --preset dense --text ~/stories --tokenizer Models/story-moe --out Models/story-dense
  Scripts/train-model --preset moe --text ~/stories --out ~/tiny --set layers=2 --set hidden_size=64 --steps 200

exit status: 0 done, 64 wrong options, 65 bad text, tokenizer or state, 66 no such file, 70 the check or the
training failed, 73 OUT is in the way, 130 or 143 stopped by Ctrl-C or SIGTERM with the state saved"""


def numbers() -> str:
    """What --set changes, with the values of the first preset."""
    preset = next(iter(PRESETS))
    values = " ".join(f"{name}={value}" for name, value in dataclasses.asdict(PRESETS[preset]).items())
    return f"numbers for --set, as in {preset}:\n" + textwrap.fill(
        values, 100, initial_indent="  ", subsequent_indent="  ")


class Parser(argparse.ArgumentParser):
    def error(self, message: str):
        raise Failure(64, f"{message}\nScripts/train-model --help explains the options.")


def parse_options() -> argparse.Namespace:
    parser = Parser(
        prog="Scripts/train-model", description=__doc__, epilog=f"{numbers()}\n\n{EPILOG}",
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--preset", choices=PRESETS, default="moe", help="what to train (default: moe)")
    parser.add_argument("--text", type=Path, required=True, metavar="FOLDER", help="train.txt and valid.txt")
    parser.add_argument("--out", type=Path, required=True, help="the folder to write")
    parser.add_argument(
        "--tokenizer", type=Path, metavar="PATH", help="a tokenizer.json, or its folder, instead of a new one")
    parser.add_argument("--steps", type=int, metavar="N", help="short for --set steps=N")
    parser.add_argument(
        "--set", action="append", default=[], metavar="NAME=VALUE",
        help="change one number of the preset; recipe.py explains them")
    parser.add_argument(
        "--sources", type=Path, metavar="FILE",
        help="Markdown for the card's section on data and licences (that of the models in Models/ is "
             "Scripts/lib/train_model/story-sources.md)")
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)), metavar="N",
                        help="processor cores to use (default: all, here %(default)s)")
    parser.add_argument("--resume", action="store_true", help="go on from the state in OUT")
    options = parser.parse_args()
    if options.threads < 1:
        parser.error(f"--threads {options.threads}: at least 1")
    return options


if __name__ == "__main__":
    parse_options()
