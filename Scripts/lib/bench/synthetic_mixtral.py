"""Makes Mixtral checkpoints of random weights, in two sizes, to measure speed on.

Usage:
    python synthetic_mixtral.py S FOLDER
    python synthetic_mixtral.py M FOLDER

The weights are normal, scaled so that activations keep their size and the text wanders: greedy completions of different
prompts differ, and so do the experts they choose. The same seed gives the same file.
"""
import itertools
import json
import pathlib
import string
import sys

import numpy as np

SIZES = {
    # 22.2 M parameters, 7.0 M of them active for a token
    "S": {"hidden_size": 256, "intermediate_size": 512, "num_hidden_layers": 6, "num_attention_heads": 8,
          "num_key_value_heads": 4, "head_dim": 32, "vocab_size": 4096},
    # 625.6 M parameters, 196 M active
    "M": {"hidden_size": 1024, "intermediate_size": 1792, "num_hidden_layers": 12, "num_attention_heads": 16,
          "num_key_value_heads": 4, "head_dim": 64, "vocab_size": 32000},
}
EXPERTS, SEED = 8, 1


def config(size):
    return {
        "architectures": ["MixtralForCausalLM"], "model_type": "mixtral", **SIZES[size], "hidden_act": "silu",
        "max_position_embeddings": 4096, "rms_norm_eps": 1e-5, "rope_theta": 10000.0, "sliding_window": None,
        "num_experts_per_tok": 2, "num_local_experts": EXPERTS, "tie_word_embeddings": False, "bos_token_id": 0,
        "eos_token_id": 0, "torch_dtype": "bfloat16",
    }


def shapes(c):
    """Every tensor's name, shape and standard deviation (None: a norm, all ones)."""
    hidden, inner = c["hidden_size"], c["intermediate_size"]
    queries, keys = c["num_attention_heads"] * c["head_dim"], c["num_key_value_heads"] * c["head_dim"]
    yield "model.embed_tokens.weight", (c["vocab_size"], hidden), 1.0
    for layer in range(c["num_hidden_layers"]):
        prefix = f"model.layers.{layer}."
        yield prefix + "input_layernorm.weight", (hidden,), None
        yield prefix + "post_attention_layernorm.weight", (hidden,), None
        for name, rows in [("q", queries), ("k", keys), ("v", keys)]:
            yield f"{prefix}self_attn.{name}_proj.weight", (rows, hidden), hidden ** -0.5
        yield prefix + "self_attn.o_proj.weight", (hidden, queries), queries ** -0.5
        block = prefix + "block_sparse_moe."
        yield block + "gate.weight", (EXPERTS, hidden), hidden ** -0.5
        for expert in range(EXPERTS):
            yield f"{block}experts.{expert}.w1.weight", (inner, hidden), hidden ** -0.5
            yield f"{block}experts.{expert}.w3.weight", (inner, hidden), hidden ** -0.5
            yield f"{block}experts.{expert}.w2.weight", (hidden, inner), 2 * inner ** -0.5
    yield "model.norm.weight", (hidden,), None
    yield "lm_head.weight", (c["vocab_size"], hidden), hidden ** -0.5


def bf16(values):
    """Rounded to nearest even, as two bytes each."""
    bits = values.astype(np.float32).view(np.uint32)
    return ((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16).astype("<u2")


def write_weights(path, tensors):
    header, end = {"__metadata__": {"format": "pt"}}, 0
    for name, shape, _ in tensors:
        begin, end = end, end + 2 * int(np.prod(shape))
        header[name] = {"dtype": "BF16", "shape": shape, "data_offsets": [begin, end]}
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    random = np.random.default_rng(SEED)
    with open(path, "wb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        for _, shape, deviation in tensors:
            values = np.ones(shape, np.float32) if deviation is None else (
                random.standard_normal(shape, np.float32) * np.float32(deviation))
            bf16(values).tofile(file)


def tokenizer(size):
    """Byte-level BPE with exactly `size` tokens: the bytes, then words of two, three and four letters."""
    visible = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    hidden = [byte for byte in range(256) if byte not in visible]
    tokens = ["<|endoftext|>"] + [chr(byte) for byte in visible] + [chr(0x100 + i) for i in range(len(hidden))]
    merges, known = [], ["".join(pair) for pair in string.ascii_lowercase]
    while len(tokens) < size:
        longer = [(word, letter) for word, letter in itertools.product(known, string.ascii_lowercase)]
        longer = longer[:size - len(tokens)]
        merges += [list(pair) for pair in longer]
        known = [word + letter for word, letter in longer]
        tokens += known
    return {
        "version": "1.0", "truncation": None, "padding": None, "normalizer": None, "post_processor": None,
        "added_tokens": [{"id": 0, "content": tokens[0], "single_word": False, "lstrip": False, "rstrip": False,
                          "normalized": False, "special": True}],
        "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True},
        "decoder": {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True, "use_regex": True},
        "model": {"type": "BPE", "dropout": None, "unk_token": None, "continuing_subword_prefix": None,
                  "end_of_word_suffix": None, "fuse_unk": False, "byte_fallback": False, "ignore_merges": False,
                  "vocab": {token: index for index, token in enumerate(tokens)}, "merges": merges},
    }


def make(size, folder):
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    settings = config(size)
    (folder / "tokenizer.json").write_text(json.dumps(tokenizer(settings["vocab_size"])))
    write_weights(folder / "model.safetensors", list(shapes(settings)))
    # Last, so that a folder with a configuration is a whole checkpoint.
    (folder / "config.json").write_text(json.dumps(settings, indent=1))


if __name__ == "__main__":
    if len(sys.argv) != 3 or sys.argv[1] not in SIZES:
        sys.exit(__doc__)
    make(sys.argv[1], sys.argv[2])
