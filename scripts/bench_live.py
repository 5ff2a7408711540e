#!/usr/bin/env python3
"""The side of other programs in `scripts/bench live`: plain and assisted generation of Hugging Face Transformers, and
plain generation of ONNX Runtime GenAI, whichever of them can be imported.

Says first which ways there are, then answers each line {"way", "prompt"} on standard input with {"nanos", "tokens"}.
"""

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path


def transformers_ways(arguments):
    import torch
    from transformers import AutoModelForCausalLM

    torch.set_num_threads(arguments.threads)
    target, draft = (AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
                     for folder in (arguments.hf_target, arguments.hf_draft))
    draft.generation_config.num_assistant_tokens = arguments.draft_length
    draft.generation_config.num_assistant_tokens_schedule = "constant"
    draft.generation_config.assistant_confidence_threshold = 0  # or it drafts as many as it is sure of

    def generate(prompt, **options):
        with torch.inference_mode():
            ids = torch.tensor([prompt])
            text = target.generate(ids, attention_mask=torch.ones_like(ids), do_sample=False,
                                   min_new_tokens=arguments.tokens, max_new_tokens=arguments.tokens, **options)
        return text[0, len(prompt):].tolist()

    return {"plain, Transformers": generate,
            "speculative, Transformers": lambda prompt: generate(prompt, assistant_model=draft)}


def genai_ways(arguments):
    import onnxruntime_genai as genai

    config = json.loads((arguments.onnx.parent / "config.json").read_text())
    heads, layers, hidden = config["num_attention_heads"], config["num_hidden_layers"], config["hidden_size"]
    folder = tempfile.TemporaryDirectory()  # its configuration beside the model, which stays as it lies there
    for file in arguments.onnx.parent.glob(arguments.onnx.name + "*"):
        (Path(folder.name) / file.name).symlink_to(file.resolve())
    decoder = {
        "filename": arguments.onnx.name, "head_size": config.get("head_dim") or hidden // heads,
        "hidden_size": hidden, "num_attention_heads": heads, "num_hidden_layers": layers,
        "num_key_value_heads": config.get("num_key_value_heads", heads),
        "session_options": {"intra_op_num_threads": arguments.threads},
        "inputs": {"input_ids": "input_ids", "attention_mask": "attention_mask", "position_ids": "position_ids",
                   "past_key_names": "past_key_values.%d.key", "past_value_names": "past_key_values.%d.value"},
        "outputs": {"logits": "logits", "present_key_names": "present.%d.key",
                    "present_value_names": "present.%d.value"}}
    model = {"type": config["model_type"], "context_length": config["max_position_embeddings"],
             "vocab_size": config["vocab_size"], "bos_token_id": 0, "eos_token_id": config["vocab_size"] - 1,
             "pad_token_id": 0, "decoder": decoder}
    (Path(folder.name) / "genai_config.json").write_text(
        json.dumps({"model": model, "search": {"do_sample": False, "past_present_share_buffer": False}}))
    loaded = genai.Model(folder.name)

    def generate(prompt, _folder=folder):
        parameters = genai.GeneratorParams(loaded)
        parameters.set_search_options(max_length=len(prompt) + arguments.tokens,
                                      min_length=len(prompt) + arguments.tokens)
        generator = genai.Generator(loaded, parameters)
        generator.append_tokens(prompt)
        while not generator.is_done():
            generator.generate_next_token()
        return [int(token) for token in generator.get_sequence(0)[len(prompt):]]

    return {"plain, ONNX Runtime GenAI": generate}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--draft-length", type=int, required=True)
    parser.add_argument("--tokens", type=int, required=True)
    parser.add_argument("--hf-target", type=Path)
    parser.add_argument("--hf-draft", type=Path)
    parser.add_argument("--onnx", type=Path)
    arguments = parser.parse_args()
    ways = {}
    for wanted, make in ((arguments.hf_target, transformers_ways), (arguments.onnx, genai_ways)):
        try:
            ways |= make(arguments) if wanted else {}
        except ImportError as e:
            print(f"bench_live.py: without {make.__name__}: {e}", file=sys.stderr)
    print(json.dumps({"ways": list(ways)}), flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        started = time.perf_counter_ns()
        tokens = ways[request["way"]](request["prompt"])
        print(json.dumps({"nanos": time.perf_counter_ns() - started, "tokens": tokens}), flush=True)


if __name__ == "__main__":
    main()
