"""The Hugging Face folder: bf16 weights under the classic names, configuration, and a check against transformers."""

import json
from collections.abc import Iterator
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

from .failure import Failure
from .model import Decoder
from .recipe import Recipe
from .routing import Limits
from .text import END, TURN_END

TOLERANCE = 1e-3


def write_model(model: Decoder, folder: Path) -> None:
    """Weights and configuration; each file is whole or not there."""
    tensors = {name: tensor.detach().to(torch.bfloat16).contiguous() for name, tensor in named_tensors(model)}
    partial = folder / "model.safetensors.partial"
    save_file(tensors, partial, metadata={"format": "pt"})
    partial.chmod(0o644)
    partial.replace(folder / "model.safetensors")
    ends = [TURN_END, END] if is_chat(model.recipe) else [END]
    write_json(folder / "config.json", configuration(model.recipe, model.embed_tokens.num_embeddings, ends))
    write_json(folder / "generation_config.json", {
        "bos_token_id": END, "eos_token_id": ends, "pad_token_id": END, "do_sample": False})


def is_chat(recipe: Recipe) -> bool:
    return recipe.chat_share > 0


def named_tensors(model: Decoder) -> Iterator[tuple[str, torch.Tensor]]:
    """Names as MixtralForCausalLM and MistralForCausalLM have them on disk."""
    for name, tensor in model.state_dict().items():
        *_, owner, last = name.split(".")
        prefix = "model." + name.rpartition(".")[0]
        if owner == "mlp" and last in ("up", "down") and model.recipe.is_sparse:
            experts = prefix.replace("mlp", "block_sparse_moe.experts")
            for index, expert in enumerate(tensor):
                parts = {"w1": expert[0], "w3": expert[1]} if last == "up" else {"w2": expert}
                for part, weight in parts.items():
                    yield f"{experts}.{index}.{part}.weight", weight
        elif owner == "mlp" and last == "up":
            yield f"{prefix}.gate_proj.weight", tensor[0]
            yield f"{prefix}.up_proj.weight", tensor[1]
        elif owner == "mlp" and last == "down":
            yield f"{prefix}.down_proj.weight", tensor
        else:
            yield "model." + name.replace("mlp.gate", "block_sparse_moe.gate"), tensor


def architecture(recipe: Recipe) -> str:
    return "MixtralForCausalLM" if recipe.is_sparse else "MistralForCausalLM"


def configuration(recipe: Recipe, vocabulary: int, ends: list[int]) -> dict:
    config = {
        "architectures": [architecture(recipe)],
        "model_type": "mixtral" if recipe.is_sparse else "mistral",
        "vocab_size": vocabulary,
        "hidden_size": recipe.hidden_size,
        "intermediate_size": recipe.intermediate_size,
        "num_hidden_layers": recipe.layers,
        "num_attention_heads": recipe.heads,
        "num_key_value_heads": recipe.key_value_heads,
        "head_dim": recipe.head_size,
        "hidden_act": "silu",
        "max_position_embeddings": recipe.positions,
        "sliding_window": recipe.window,
        "rms_norm_eps": recipe.norm_epsilon,
        "rope_theta": recipe.rope_theta,
        "attention_dropout": 0.0,
        "initializer_range": 0.02,
        "use_cache": True,
        "tie_word_embeddings": True,
        "bos_token_id": END,
        "eos_token_id": ends,
        "pad_token_id": END,
        "torch_dtype": "bfloat16",
    }
    if recipe.is_sparse:
        config |= {
            "num_local_experts": recipe.experts,
            "num_experts_per_tok": recipe.experts_per_token,
            "output_router_logits": False,
            "router_aux_loss_coef": recipe.balance_weight,
            "router_jitter_noise": 0.0,
        }
    return config


def write_json(path: Path, value) -> None:
    path.write_text(json.dumps(value, indent=1) + "\n")


def read_back(recipe: Recipe, vocabulary: int, folder: Path) -> Decoder:
    """The decoder with the weights as they were written, rounded to bf16."""
    model = Decoder(recipe, vocabulary)
    written = load_file(folder / "model.safetensors")
    with torch.no_grad():
        for name, tensor in named_tensors(model):
            tensor.copy_(written[name])
    return model.eval()


@torch.no_grad()
def check_against_transformers(model: Decoder, reference, ids: list[int]) -> float:
    """The largest difference of the logits in float32, over a text longer than the window."""
    tokens = torch.tensor([ids])
    hidden, _ = model(tokens, torch.ones_like(tokens, dtype=torch.bool), Limits())
    difference = (model.logits(hidden) - reference(tokens).logits).abs().max().item()
    if not difference < TOLERANCE:
        raise Failure(70, f"The written model differs from transformers' by {difference:.2g} in a logit.")
    return difference
