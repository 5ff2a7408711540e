#!/usr/bin/env python3
"""Makes two Llama models of random weights, to time: a target of 135 million parameters, of the shape of SmolLM2-135M,
and a draft of 32 million that is its embedding and first layer.

    python3 scripts/make_bench_pair.py out/bench
    python3 scripts/export_model.py --target out/bench/llama-135m --draft out/bench/llama-32m --out models/bench
    REDRAFT_PYTHON=python3 scripts/bench live --models models/bench --hf-target out/bench/llama-135m \\
        --hf-draft out/bench/llama-32m

A pass takes the same time whatever the weights. The target's further layers add a millionth of what they would, so that
the draft is right about nearly every token; the shipped tokenizer names the first 2,048, and no text has others.
"""

import sys
from pathlib import Path

import torch
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

TOKENIZER = Path(__file__).parent.parent / "models" / "tiny" / "tokenizer.json"
TOKENS = 2048


def model(layers):
    return LlamaForCausalLM(LlamaConfig(
        vocab_size=49152, hidden_size=576, intermediate_size=1536, num_hidden_layers=layers, num_attention_heads=9,
        num_key_value_heads=3, max_position_embeddings=2048, tie_word_embeddings=True, bos_token_id=0, eos_token_id=0,
        pad_token_id=0)).eval()


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: make_bench_pair.py FOLDER")
    torch.manual_seed(0)
    target, draft = model(30), model(1)
    with torch.no_grad():
        target.model.embed_tokens.weight[TOKENS:] = 0
        for layer in target.model.layers[1:]:
            layer.self_attn.o_proj.weight.mul_(1e-6)  # not 0, or the export would store equal weights once
            layer.mlp.down_proj.weight.mul_(1e-6)
    draft.load_state_dict({name: weights for name, weights in target.state_dict().items()
                           if ".layers." not in name or ".layers.0." in name})
    tokenizer = PreTrainedTokenizerFast(tokenizer_file=str(TOKENIZER))
    for name, made in ("llama-135m", target), ("llama-32m", draft):
        made.generation_config.eos_token_id = None  # texts end at their limit
        made.save_pretrained(Path(sys.argv[1]) / name)
        tokenizer.save_pretrained(Path(sys.argv[1]) / name)
        print(f"{name}: {sum(p.numel() for p in made.parameters()):,} parameters")


if __name__ == "__main__":
    main()
