#!/usr/bin/env python3
"""Checks export_model.py by real runs: small models of random weights are made, exported, and run by Redraft.

    python3 -m pip install -r scripts/requirements-export.txt
    python3 scripts/check_export.py [WORD of the checks that are meant, such as gguf]
"""

import contextlib
import io
import json
import shutil
import signal
import subprocess
import sys
import tempfile
from collections import Counter, namedtuple
from pathlib import Path

import gguf
import numpy as np
import onnx
import torch
import transformers

import export_model

HOME = Path(__file__).resolve().parent.parent
END = "<|end|>"
VOCABULARY = 2048  # of the shipped pair's tokenizer
SMALL = dict(vocab_size=VOCABULARY, hidden_size=128, num_hidden_layers=4, num_attention_heads=4, num_key_value_heads=2,
             intermediate_size=256, max_position_embeddings=256, initializer_range=0.1, bos_token_id=0, eos_token_id=0,
             pad_token_id=0)


def make_source(folder, config, tokenizer=None):
    """A local folder as the hub has it: configuration, weights, tokenizer."""
    torch.manual_seed(1)
    model = transformers.AutoModelForCausalLM.from_config(config)
    model.save_pretrained(folder)
    (tokenizer or shipped_tokenizer()).save_pretrained(folder)
    return model


def shipped_tokenizer():
    file = HOME / "models" / "tiny" / "tokenizer.json"
    return transformers.PreTrainedTokenizerFast(tokenizer_file=str(file), eos_token=END)


def make_gguf(path, model, kind):
    """The same weights in one file, as llama.cpp has them: its names, rows of queries and keys of Llama in its order."""
    config, architecture = model.config, model.config.model_type
    writer = gguf.GGUFWriter(path, architecture)
    writer.add_context_length(config.max_position_embeddings)
    writer.add_embedding_length(config.hidden_size)
    writer.add_block_count(config.num_hidden_layers)
    writer.add_feed_forward_length(config.intermediate_size)
    writer.add_head_count(config.num_attention_heads)
    writer.add_head_count_kv(config.num_key_value_heads)
    writer.add_layer_norm_rms_eps(config.rms_norm_eps)
    writer.add_rope_freq_base(config.rope_theta)
    tokenizer = json.loads(shipped_tokenizer().backend_tokenizer.to_str())
    vocabulary = sorted(tokenizer["model"]["vocab"], key=tokenizer["model"]["vocab"].get)
    special = {t["content"] for t in tokenizer["added_tokens"]}
    writer.add_tokenizer_model("gpt2")
    writer.add_token_list(vocabulary)
    writer.add_token_types([gguf.TokenType.CONTROL if t in special else gguf.TokenType.NORMAL for t in vocabulary])
    writer.add_token_merges([" ".join(m) for m in tokenizer["model"]["merges"]])
    writer.add_bos_token_id(0)
    writer.add_eos_token_id(0)
    kind_of_model = next(a for a, n in gguf.MODEL_ARCH_NAMES.items() if n == architecture)
    names = gguf.get_tensor_name_map(kind_of_model, config.num_hidden_layers)
    for name, weights in model.state_dict().items():
        if name == "lm_head.weight" and config.tie_word_embeddings:
            continue
        weights = weights.numpy()
        for part, heads in (("q_proj", config.num_attention_heads), ("k_proj", config.num_key_value_heads)):
            if architecture == "llama" and part in name:
                weights = weights.reshape(heads, 2, -1, weights.shape[1]).swapaxes(1, 2).reshape(weights.shape)
        stored = kind if weights.ndim == 2 else gguf.GGMLQuantizationType.F32
        writer.add_tensor(names.get_name(name, (".weight", ".bias")),
                          gguf.quantize(np.ascontiguousarray(weights), stored), raw_dtype=stored)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def run(*arguments):
    """What one call of the script printed, and the line that it failed with, if it did."""
    sys.argv = ["export_model.py", *map(str, arguments)]
    with contextlib.redirect_stdout(io.StringIO()) as out:
        try:
            export_model.main()
        except SystemExit as e:
            return out.getvalue(), str(e.code)
    return out.getvalue(), None


def exported(out, *arguments):
    """The pair that was written, after Redraft has inspected it and generated with it."""
    printed, failure = run("--out", out, *arguments)
    assert failure is None, failure
    print(printed, end="")
    for command in (["inspect", out], ["generate", "--models", out, "--prompt", "Hello", "--max-new-tokens", "20"]):
        done = subprocess.run([HOME / "scripts" / "redraft", *command], capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        print("".join(f"    {x}\n" for x in done.stdout.splitlines() if x.startswith(("model ", "verdict", "20 tokens"))), end="")
    pair = json.loads((out / "pair.json").read_text())
    listed = {pair["tokenizer"]["file"]} | {f["file"] for f in [pair["target"], *pair["drafts"], *pair["otherFiles"]]}
    listed |= {d["tokenizer"]["file"] for d in pair["drafts"] if "tokenizer" in d}
    assert listed == {str(f.relative_to(out)) for f in out.rglob("*") if f.is_file()} - {"pair.json"}
    return pair


def refused(out, why, *arguments):
    _, failure = run("--out", out, *arguments)
    print(failure)
    assert failure and why in failure and len(failure.splitlines()) == 1, failure
    assert not list(out.parent.glob(f"*{out.name}*")), "something was left"


def nodes(out, name):
    return Counter(n.op_type for n in onnx.load(out / name / "model.onnx").graph.node)


def logits(out, name):
    return export_model.onnx_logits(out / name, list(range(5, 37)), 32)


# ---------------------------------------------------------------- what must be true


def int8_drafts_of_the_target_itself_and_of_its_first_layers(work):
    """Four layers of seven products each, and the head: 29; two layers: 15."""
    out = work / "int8"
    pair = exported(out, "--target", work / "llama", "--draft", work / "llama", "--layers", 2, "--quantise", "int8")
    assert [d["name"] for d in pair["drafts"]] == ["llama-int8", "llama-2-layers-int8"]
    assert nodes(out, "llama-int8")["MatMulInteger"] == 29 and nodes(out, "llama-2-layers-int8")["MatMulInteger"] == 15
    assert nodes(out, "llama-int8")["DynamicQuantizeLinear"] > 0


def int4_draft_of_a_tied_model(work):
    """Gemma's embedding scales its rows. The full model has no more bytes than parameters need."""
    out = work / "int4"
    exported(out, "--target", work / "gemma3", "--draft", work / "gemma3", "--quantise", "int4")
    assert nodes(out, "gemma3-int4")["MatMulNBits"] == 29
    weights = [t for t in onnx.load(out / "gemma3" / "model.onnx").graph.initializer if VOCABULARY in t.dims]
    assert len(weights) == 1


def layers_in_full_precision_of_a_tied_model(work):
    out = work / "layers"
    pair = exported(out, "--target", work / "gpt2", "--layers", 1)
    assert [d["name"] for d in pair["drafts"]] == ["gpt2-1-layers"]
    assert pair["target"]["parameters"] - pair["drafts"][0]["parameters"] == 3 * (12 * 128 * 128 + 13 * 128)


def no_draft_and_weights_beside_the_file(work):
    export_model.ONE_FILE, limit = 1_000_000, export_model.ONE_FILE
    pair = exported(work / "alone", "--target", work / "llama")
    export_model.ONE_FILE = limit
    assert pair["drafts"] == [] and any(f["file"] == "llama/model.onnx_data" for f in pair["otherFiles"])


def gguf_files(work):
    """The same numbers as the folder has that the file was made from; Q8_0 loses some."""
    for kind in ("llama", "qwen2"):
        out = work / f"gguf-{kind}"
        exported(out, "--target", work / kind, "--draft", work / f"{kind}-F32.gguf", "--draft", work / f"{kind}-Q8_0.gguf")
        full = logits(out, kind)
        assert np.abs(full - logits(out, f"{kind}-F32")).max() < 1e-4
        assert 1e-4 < np.abs(full - logits(out, f"{kind}-Q8_0")).max() < 1
    pair = exported(work / "gguf", "--gguf", work / "qwen2-Q8_0.gguf", "--layers", 2, "--quantise", "int8")
    assert (pair["target"]["name"], pair["target"]["contextLength"]) == ("qwen2-Q8_0", 256)


def refusals_are_one_line(work):
    out, llama = work / "refused", work / "llama"
    (work / "empty").mkdir()
    refused(out, "holds no config.json", "--target", work / "empty")
    shutil.copy(llama / "config.json", work / "empty")
    refused(out, "holds no weights", "--target", work / "empty")
    refused(out, "does not exist", "--target", work / "nowhere")
    refused(out, "is a file", "--target", llama / "config.json")
    (work / "broken.gguf").write_bytes(b"GGUF" + bytes(100))
    refused(out, "broken.gguf cannot be read", "--target", work / "broken.gguf")
    for name, config, why in (("t5", transformers.T5Config(), "encoder with a decoder"),
                              ("vit", transformers.ViTConfig(), "does not export as a decoder of text"),
                              ("xglm", transformers.XGLMConfig(), "'xglm', which Optimum cannot export")):
        shutil.copytree(llama, work / name)
        config.save_pretrained(work / name)
        refused(out, why, "--target", work / name)
    refused(out, "two models would be called llama", "--target", llama, "--draft", llama)
    refused(out, "--layers 4", "--target", llama, "--layers", 4)
    other = shipped_tokenizer().train_new_from_iterator(["ferry passengers at noon"] * 9, 300)
    make_source(work / "stranger", transformers.LlamaConfig(**SMALL), other)
    refused(out, "a draft must share", "--target", llama, "--draft", work / "stranger")
    shutil.copytree(llama, work / "deeper")
    transformers.LlamaConfig(**dict(SMALL, num_hidden_layers=5)).save_pretrained(work / "deeper")
    refused(out, "lacks the weights model.layers.4.", "--target", work / "deeper")
    refused(out, "--tolerance allows more", "--target", llama, "--tolerance", 0)
    usage, shutil.disk_usage = shutil.disk_usage, lambda _: namedtuple("Usage", "free")(10**6)
    refused(out, "has 1.0 MB free", "--target", llama)
    shutil.disk_usage = usage


def stopping_leaves_nothing(work):
    script = [sys.executable, "-u", HOME / "scripts" / "export_model.py", "--target", work / "llama", "--out", work / "stopped"]
    for stop in (signal.SIGINT, signal.SIGTERM):
        running = subprocess.Popen(script, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        while "are exported" not in running.stdout.readline():
            pass
        running.send_signal(stop)
        _, failure = running.communicate()
        print(failure, end="")
        assert running.returncode == 1 and failure == "export_model.py: stopped; nothing was written\n", failure
        assert not list(work.glob("*stopped*"))


def main():
    words = sys.argv[1:]
    work = Path(tempfile.mkdtemp())
    try:
        make_source(work / "llama", transformers.LlamaConfig(**SMALL))
        make_source(work / "qwen2", transformers.Qwen2Config(**SMALL, tie_word_embeddings=True))
        make_source(work / "gemma3", transformers.Gemma3TextConfig(
            **SMALL, head_dim=32, layer_types=["sliding_attention", "full_attention"] * 2))
        make_source(work / "gpt2", transformers.GPT2Config(
            vocab_size=VOCABULARY, n_positions=256, n_embd=128, n_layer=4, n_head=4, bos_token_id=0, eos_token_id=0))
        for name in ("llama", "qwen2"):
            model = transformers.AutoModelForCausalLM.from_pretrained(work / name)
            for kind in (gguf.GGMLQuantizationType.F32, gguf.GGMLQuantizationType.Q8_0):
                make_gguf(work / f"{name}-{kind.name}.gguf", model, kind)
        for case in (int8_drafts_of_the_target_itself_and_of_its_first_layers, int4_draft_of_a_tied_model,
                     layers_in_full_precision_of_a_tied_model, gguf_files, refusals_are_one_line, stopping_leaves_nothing,
                     no_draft_and_weights_beside_the_file):
            if words and not any(w in case.__name__ for w in words):
                continue
            print(f"-- {case.__name__.replace('_', ' ')}", flush=True)
            case(work)
    finally:
        shutil.rmtree(work)
    print("all is well")


if __name__ == "__main__":
    main()
