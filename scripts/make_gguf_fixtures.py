#!/usr/bin/env python3
"""Makes src/test/resources/redraft/gguf: a target and a draft of random weights for llama.cpp, which share a vocabulary.

    python3 -m pip install gguf==0.19.0 numpy==2.4.6
    python3 scripts/make_gguf_fixtures.py

The draft is the target without its last layers, so that it agrees with it often and not always. Other sizes are for timing:

    python3 scripts/make_gguf_fixtures.py --out out/gguf --width 1024 --layers 12 --draft-layers 3 --context 2048
"""

import argparse
from pathlib import Path

import gguf
import numpy as np

HEAD = 8  # numbers a head has in the small models, at least
LETTERS = [chr(code) for code in range(33, 127)] + ["▁"]
PAIRS = ["th", "he", "in", "er", "an", "re", "on", "at", "en", "nd", "▁t", "▁a", "▁s", "▁w", "▁th", "▁the", "ing", "and"]
SEED = 20261125


def vocabulary():
    """Texts, scores and types of a SentencePiece vocabulary with a token for every byte."""
    tokens = [("<unk>", 0.0, gguf.TokenType.UNKNOWN), ("<s>", 0.0, gguf.TokenType.CONTROL), ("</s>", 0.0, gguf.TokenType.CONTROL)]
    tokens += [(f"<0x{byte:02X}>", 0.0, gguf.TokenType.BYTE) for byte in range(256)]
    tokens += [(text, -float(rank), gguf.TokenType.NORMAL) for rank, text in enumerate(PAIRS + LETTERS)]
    tokens += [(f"<|pad{i}|>", 0.0, gguf.TokenType.UNUSED) for i in range(-len(tokens) % 32)]
    return tokens


def weights(random, layers, width, vocabulary_size):
    """Tensors by name; logits have a spread of a few nats, so that distributions are peaked and no token is certain."""
    kv, inner = width // 2, 2 * width

    def matrix(rows, columns, scale=1.0):
        return (random.standard_normal((rows, columns)) * scale / np.sqrt(columns)).astype(np.float32)

    tensors = {
        "token_embd.weight": random.standard_normal((vocabulary_size, width)).astype(np.float32),
        "output_norm.weight": np.ones(width, np.float32),
        "output.weight": matrix(vocabulary_size, width, 2.5),
    }
    for layer in range(layers):
        later = 1.0 if layer < layers // 2 else 0.5  # what a draft without the last layers misses
        tensors |= {
            f"blk.{layer}.attn_norm.weight": np.ones(width, np.float32),
            f"blk.{layer}.attn_q.weight": matrix(width, width, 1.5),
            f"blk.{layer}.attn_k.weight": matrix(kv, width, 1.5),
            f"blk.{layer}.attn_v.weight": matrix(kv, width),
            f"blk.{layer}.attn_output.weight": matrix(width, width, later),
            f"blk.{layer}.ffn_norm.weight": np.ones(width, np.float32),
            f"blk.{layer}.ffn_gate.weight": matrix(inner, width),
            f"blk.{layer}.ffn_up.weight": matrix(inner, width),
            f"blk.{layer}.ffn_down.weight": matrix(width, inner, later),
        }
    return tensors


def write(path, tokens, tensors, layers, width, context):
    heads = max(2, width // 64) if width >= 128 else width // HEAD
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_name(path.stem)
    writer.add_context_length(context)
    writer.add_embedding_length(width)
    writer.add_block_count(layers)
    writer.add_feed_forward_length(2 * width)
    writer.add_head_count(heads)
    writer.add_head_count_kv(heads // 2)
    writer.add_rope_dimension_count(width // heads)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_file_type(gguf.LlamaFileType.ALL_F32)
    writer.add_tokenizer_model("llama")
    writer.add_tokenizer_pre("default")
    writer.add_token_list([text for text, _, _ in tokens])
    writer.add_token_scores([score for _, score, _ in tokens])
    writer.add_token_types([kind for _, _, kind in tokens])
    writer.add_unk_token_id(0)
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_add_bos_token(True)
    for name, tensor in tensors.items():
        writer.add_tensor(name, tensor)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path(__file__).parents[1] / "src/test/resources/redraft/gguf")
    parser.add_argument("--width", type=int, default=32)
    parser.add_argument("--layers", type=int, default=2)
    parser.add_argument("--draft-layers", type=int, default=1)
    parser.add_argument("--context", type=int, default=512)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    tokens = vocabulary()
    tensors = weights(np.random.default_rng(SEED), options.layers, options.width, len(tokens))
    for name, layers in (("target", options.layers), ("draft", options.draft_layers)):
        kept = {key: value for key, value in tensors.items() if not key.startswith("blk.") or int(key.split(".")[1]) < layers}
        write(options.out / f"{name}.gguf", tokens, kept, layers, options.width, options.context)


if __name__ == "__main__":
    main()
