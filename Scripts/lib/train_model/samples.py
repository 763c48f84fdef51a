"""Greedy answers of the written model, by transformers."""

import re
from dataclasses import dataclass
from pathlib import Path

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer
from transformers.utils import logging

from .export import is_chat
from .recipe import Recipe
from .requests import PROBE
from .text import END

LONGEST_ANSWER = 320
LONGEST_COMPLETION = 128  # as in the probe
COMPLETION_PROBE = f"[System: You are a helpful assistant]\n\nUser: {PROBE}\n\nAI:"

REQUESTS = [
    PROBE,
    "Write a story about a dragon and a cake.",
    "Tell me a story about a little boat.",
    "Write a short story about a lost puppy.",
    "Tell me a story about Lily and a red balloon.",
    "Write a story about a frog and a bird who become friends.",
    "Can you tell me a story about the moon?",
    "Tell me a bedtime story about a sleepy bear.",
    "Write a story in which Tom finds a key.",
    "Please write a story with a robot and a garden in it.",
    "I would like to hear a story about a snowman.",
    "Write a story about a boy who does not want to share.",
    "Tell me a story with a surprise at the end.",
    "Write a story about a princess and a mouse.",
    "Tell me a story about a farmer and his cow.",
    "Write a story about a rainy day.",
    "Tell me a story about a brave little fish.",
    "Write a story about two brothers and a kite.",
    "Tell me a story about a birthday party.",
    "Write a story about a lion who is kind.",
]
BEGINNINGS = ["Once upon a time,", "One day, a little girl", "The dog and the cat", "Tom went to the park."]


@dataclass
class Sample:
    kind: str  # chat or completion
    prompt: str
    answer: str

    @property
    def loops(self) -> bool:
        """Whether the answer ends by saying the same thing three times or more, a last part of it aside."""
        return re.search(r"(.{8,80}?)\1\1.{0,80}$", self.answer, re.DOTALL) is not None


def load_reference(folder: Path):
    logging.disable_progress_bar()
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
    return model, AutoTokenizer.from_pretrained(folder, padding_side="left")


def make_samples(model, tokenizer, recipe: Recipe) -> list[Sample]:
    samples = []
    if is_chat(recipe):
        prompts = [tokenizer.apply_chat_template(
            [{"role": "system", "content": "You are a helpful assistant."}, {"role": "user", "content": request}],
            tokenize=False, add_generation_prompt=True) for request in REQUESTS]
        answers = complete(model, tokenizer, prompts, max_new_tokens=LONGEST_ANSWER)
        samples += [Sample("chat", request, answer) for request, answer in zip(REQUESTS, answers)]
    if not recipe.is_sparse:
        prompts = [COMPLETION_PROBE] + ([] if is_chat(recipe) else BEGINNINGS)
        answers = complete(model, tokenizer, prompts, max_new_tokens=LONGEST_COMPLETION, suppress_tokens=[END])
        samples += [Sample("completion", prompt, answer) for prompt, answer in zip(prompts, answers)]
    return samples


@torch.no_grad()
def complete(model, tokenizer, prompts: list[str], **options) -> list[str]:
    inputs = tokenizer(prompts, return_tensors="pt", padding=True, return_token_type_ids=False)
    outputs = model.generate(**inputs, do_sample=False, **options)
    return tokenizer.batch_decode(outputs[:, inputs["input_ids"].size(1):], skip_special_tokens=True)
