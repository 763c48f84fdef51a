"""The same model in other programs: `transformers` and the `tokenizers` package."""
import pathlib

import gguf
import numpy as np
import torch
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers
from transformers import AutoModelForCausalLM

#: llama.cpp's word for the stages of SmolLM2's tokenizer.
PRE_TOKENIZERS = {
    "smollm": [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)],
}
CONTROL = gguf.TokenType.CONTROL


class Weights:
    """A GGUF file, its tensors widened by `gguf.dequantize`."""

    def __init__(self, path):
        self.reader = gguf.GGUFReader(path)
        self.tensors = {tensor.name: tensor for tensor in self.reader.tensors}

    def __getitem__(self, name):
        tensor = self.tensors[name]
        return gguf.dequantize(tensor.data, tensor.tensor_type)

    def metadata(self, key):
        return self.reader.fields[key].contents()


def in_halves(rows, heads):
    """Rows of each head from alternating pairs, as llama.cpp has them, to (first half, second half)."""
    count, columns = rows.shape
    return rows.reshape(heads, count // heads // 2, 2, columns).swapaxes(1, 2).reshape(count, columns)


def llama_names(layers):
    """The names in `transformers` of a dense Llama's tensors."""
    parts = {
        "attn_norm": "input_layernorm", "ffn_norm": "post_attention_layernorm", "attn_q": "self_attn.q_proj",
        "attn_k": "self_attn.k_proj", "attn_v": "self_attn.v_proj", "attn_output": "self_attn.o_proj",
        "ffn_gate": "mlp.gate_proj", "ffn_up": "mlp.up_proj", "ffn_down": "mlp.down_proj"}
    return {"token_embd.weight": "model.embed_tokens.weight", "output_norm.weight": "model.norm.weight"} | {
        f"blk.{layer}.{theirs}.weight": f"model.layers.{layer}.{ours}.weight"
        for layer in range(layers) for theirs, ours in parts.items()}


def widened(weights, name, config):
    """A tensor of a dense Llama as `transformers` has it."""
    heads = {"attn_q": config.num_attention_heads, "attn_k": config.num_key_value_heads}.get(name.split(".")[-2])
    return in_halves(weights[name], heads) if heads else weights[name]


def transformers_model(path, weights):
    """The model as `transformers` reads the GGUF file, and how many of its weights are not those of `gguf.dequantize`."""
    path = pathlib.Path(path)
    model = AutoModelForCausalLM.from_pretrained(
        path.parent, gguf_file=path.name, dtype=torch.float32, attn_implementation="eager").eval()
    names, state = llama_names(model.config.num_hidden_layers), model.state_dict()
    different = len(weights.tensors.keys() ^ names.keys())
    for theirs, ours in names.items():
        different += not np.array_equal(widened(weights, theirs, model.config), state[ours].numpy())
    return model, different


def tokenizer(weights):
    """The tokenizer of the metadata, built from the package's own stages."""
    tokens = weights.metadata("tokenizer.ggml.tokens")
    merges = [tuple(merge.split(" ")) for merge in weights.metadata("tokenizer.ggml.merges")]
    built = Tokenizer(models.BPE(vocab={text: index for index, text in enumerate(tokens)}, merges=merges))
    built.pre_tokenizer = pre_tokenizers.Sequence(PRE_TOKENIZERS[weights.metadata("tokenizer.ggml.pre")])
    built.decoder = decoders.ByteLevel()
    built.add_special_tokens([
        AddedToken(text, special=True, normalized=False)
        for text, kind in zip(tokens, weights.metadata("tokenizer.ggml.token_type")) if kind == CONTROL])
    return built


@torch.no_grad()
def logits(model, prompt, continuation):
    """The logits after the prompt and after each token of the continuation but the last."""
    return model(torch.tensor([prompt + continuation[:-1]])).logits[0, len(prompt) - 1:].float().numpy()
