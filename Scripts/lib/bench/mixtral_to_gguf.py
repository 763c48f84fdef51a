"""Converts a bf16 Mixtral checkpoint to GGUF, bit by bit.

Usage:
    python mixtral_to_gguf.py FOLDER FILE.gguf

Weights stay bf16. As llama.cpp expects them, norms and router become f32, the experts of a layer are stacked, and the rows
of the query and key projections are reordered for its pairing of rotary components.
"""
import json
import pathlib
import sys

import gguf
import numpy as np

BF16, F32 = gguf.GGMLQuantizationType.BF16, gguf.GGMLQuantizationType.F32


class Checkpoint:
    def __init__(self, folder):
        self.config = json.loads((folder / "config.json").read_text())
        path = folder / "model.safetensors"
        length = int.from_bytes(path.open("rb").read(8), "little")
        self.header = json.loads(path.open("rb").read(8 + length)[8:])
        self.data = np.memmap(path, dtype=np.uint8, mode="r", offset=8 + length)

    def __getitem__(self, name):
        """The tensor's bf16 bits, or its float32 numbers."""
        entry = self.header[name]
        begin, end = entry["data_offsets"]
        return self.data[begin:end].view("<f4" if entry["dtype"] == "F32" else "<u2").reshape(entry["shape"])


def interleaved(weights, heads):
    """Rows of each head from (first half, second half) to alternating pairs."""
    rows, columns = weights.shape
    return weights.reshape(heads, 2, rows // heads // 2, columns).swapaxes(1, 2).reshape(rows, columns)


def widened(values):
    return values if values.dtype == np.float32 else (values.astype(np.uint32) << 16).view(np.float32)


def tensors(checkpoint):
    c = checkpoint.config
    yield "token_embd.weight", checkpoint["model.embed_tokens.weight"]
    yield "output_norm.weight", widened(checkpoint["model.norm.weight"])
    if not c["tie_word_embeddings"]:
        yield "output.weight", checkpoint["lm_head.weight"]
    for layer in range(c["num_hidden_layers"]):
        source, target = f"model.layers.{layer}.", f"blk.{layer}."
        attention, block = source + "self_attn.", source + "block_sparse_moe."
        yield target + "attn_norm.weight", widened(checkpoint[source + "input_layernorm.weight"])
        yield target + "ffn_norm.weight", widened(checkpoint[source + "post_attention_layernorm.weight"])
        yield target + "attn_q.weight", interleaved(
            checkpoint[attention + "q_proj.weight"], c["num_attention_heads"])
        yield target + "attn_k.weight", interleaved(
            checkpoint[attention + "k_proj.weight"], c["num_key_value_heads"])
        yield target + "attn_v.weight", checkpoint[attention + "v_proj.weight"]
        yield target + "attn_output.weight", checkpoint[attention + "o_proj.weight"]
        yield target + "ffn_gate_inp.weight", widened(checkpoint[block + "gate.weight"])
        for name, part in [("gate", "w1"), ("up", "w3"), ("down", "w2")]:
            experts = [checkpoint[f"{block}experts.{e}.{part}.weight"] for e in range(c["num_local_experts"])]
            yield f"{target}ffn_{name}_exps.weight", np.stack(experts)


def describe(writer, folder, c):
    head = c.get("head_dim", c["hidden_size"] // c["num_attention_heads"])
    writer.add_vocab_size(c["vocab_size"])
    writer.add_context_length(c["max_position_embeddings"])
    writer.add_embedding_length(c["hidden_size"])
    writer.add_block_count(c["num_hidden_layers"])
    writer.add_feed_forward_length(c["intermediate_size"])
    writer.add_head_count(c["num_attention_heads"])
    writer.add_head_count_kv(c["num_key_value_heads"])
    writer.add_key_length(head)
    writer.add_value_length(head)
    writer.add_rope_dimension_count(head)
    writer.add_rope_freq_base(c["rope_theta"])
    writer.add_layer_norm_rms_eps(c["rms_norm_eps"])
    writer.add_expert_count(c["num_local_experts"])
    writer.add_expert_used_count(c["num_experts_per_tok"])
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_BF16)
    model = json.loads((folder / "tokenizer.json").read_text())["model"]
    tokens = sorted(model["vocab"], key=model["vocab"].get)
    normal, control = gguf.TokenType.NORMAL, gguf.TokenType.CONTROL
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.add_token_list(tokens)
    writer.add_token_types([control] + [normal] * (len(tokens) - 1))
    writer.add_token_merges([" ".join(pair) for pair in model["merges"]])
    writer.add_bos_token_id(c["bos_token_id"])
    writer.add_eos_token_id(c["eos_token_id"])
    writer.add_add_bos_token(False)


def convert(folder, path):
    folder = pathlib.Path(folder)
    checkpoint = Checkpoint(folder)
    writer = gguf.GGUFWriter(path, "llama")
    describe(writer, folder, checkpoint.config)
    for name, values in tensors(checkpoint):
        if values.dtype == np.float32:
            writer.add_tensor(name, values, raw_dtype=F32)
        else:
            writer.add_tensor(name, np.ascontiguousarray(values).view(np.uint8), raw_dtype=BF16)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    convert(sys.argv[1], sys.argv[2])
