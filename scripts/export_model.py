#!/usr/bin/env python3
"""Exports a target and its drafts to ONNX with Hugging Face Optimum, as a model directory that Redraft runs.

    python3 -m pip install -r scripts/requirements-export.txt
    python3 scripts/export_model.py --target Qwen/Qwen2.5-1.5B --draft Qwen/Qwen2.5-0.5B --out models/qwen
    scripts/redraft inspect models/qwen

A model is a name of the hub or a local folder with config.json, weights and a fast tokenizer. The export is fp32 with
a KV cache. Its logits are compared with PyTorch's, in one pass and in passes with a cache, and the tokenizers with one
another, before pair.json is written; nothing stays behind that failed.
"""

import argparse
import hashlib
import json
import shutil
import sys
import tempfile
from pathlib import Path

import numpy as np

CHECK_TEXT = "A ferry carries nine passengers: def f(x): return x + 1, and then it was late."
KEPT = ("config.json", "generation_config.json", "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json",
        "chat_template.jinja")


def fail(message):
    sys.exit(f"export_model.py: {message}")


def export(source, folder, trust_remote_code):
    """Writes model.onnx (and model.onnx_data where it is large) and the files of Transformers beside it."""
    from optimum.exporters.onnx import main_export

    try:
        main_export(source, folder, task="text-generation-with-past", library_name="transformers", do_validation=False,
                    trust_remote_code=trust_remote_code)
    except Exception as e:  # a model, a network or a disk: the reason is in the message
        fail(f"{source} cannot be exported: {type(e).__name__}: {str(e).splitlines()[0] if str(e) else ''}")
    for file in folder.iterdir():
        if file.name not in KEPT and not file.name.startswith("model.onnx"):
            file.unlink()
    if not (folder / "tokenizer.json").exists():
        fail(f"{source} has no fast tokenizer (tokenizer.json), which Redraft needs")


def check_logits(source, folder, tolerance, trust_remote_code):
    """Largest difference between PyTorch's logits and the export's, for one pass and for passes of three rows."""
    import onnxruntime
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    tokens = AutoTokenizer.from_pretrained(folder)(CHECK_TEXT)["input_ids"][:32]
    model = AutoModelForCausalLM.from_pretrained(source, torch_dtype=torch.float32,
                                                 trust_remote_code=trust_remote_code).eval()
    with torch.no_grad():
        expected = model(torch.tensor([tokens])).logits[0].numpy()
    parameters = sum(p.numel() for p in model.parameters())
    del model
    session = onnxruntime.InferenceSession(str(folder / "model.onnx"), providers=["CPUExecutionProvider"])
    inputs = {i.name: i for i in session.get_inputs()}
    outputs = [o.name for o in session.get_outputs()]
    worst = 0.0
    for rows in (len(tokens), 3):
        past = {n: np.zeros([1 if isinstance(s, str) and d == 0 else 0 if isinstance(s, str) else s
                             for d, s in enumerate(i.shape)], dtype=np.float32)
                for n, i in inputs.items() if n.startswith("past")}
        for start in range(0, len(tokens), rows):
            ids = np.array([tokens[start : start + rows]], dtype=np.int64)
            total = start + ids.shape[1]
            feeds = {"input_ids": ids, **past}
            if "attention_mask" in inputs:
                feeds["attention_mask"] = np.ones((1, total), dtype=np.int64)
            if "position_ids" in inputs:
                feeds["position_ids"] = np.arange(start, total, dtype=np.int64)[None]
            result = dict(zip(outputs, session.run(outputs, feeds)))
            worst = max(worst, float(np.abs(result["logits"][0] - expected[start:total]).max()))
            past = {n: result[n.replace("past_key_values", "present")] for n in past}
    spread = float(expected.std())
    if worst > tolerance * spread:
        fail(f"{source}: the export's logits differ from PyTorch's by up to {worst:.2g}, where logits spread by "
             f"{spread:.2g}; not written (--tolerance allows more)")
    print(f"{source}: {parameters:,} parameters, logits within {worst:.2g} of PyTorch's (they spread by {spread:.2g})")
    return parameters


def vocabulary(folder):
    """Token by id, from tokenizer.json."""
    tokenizer = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))
    model = tokenizer["model"]["vocab"]
    pairs = ((i, t[0]) for i, t in enumerate(model)) if isinstance(model, list) else ((i, t) for t, i in model.items())
    return dict(pairs) | {t["id"]: t["content"] for t in tokenizer["added_tokens"]}


def check_tokenizers(target, draft):
    """Ids that both name must be the same token; ids of one alone are padding of the other."""
    a, b = vocabulary(target), vocabulary(draft)
    for i in sorted(a.keys() & b.keys()):
        if a[i] != b[i]:
            fail(f"token {i} is {a[i]!r} in {target.name} and {b[i]!r} in {draft.name}; a draft must share the target's "
                 "tokenizer")


def context_length(folder):
    config = json.loads((folder / "config.json").read_text())
    for field in ("max_position_embeddings", "n_positions", "n_ctx"):
        if isinstance(config.get(field), int):
            return config[field]
    return None


def sha256(path):
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def entry(root, folder, parameters, arguments):
    context = context_length(folder) or arguments.context
    if context is None:
        fail(f"{folder.name}: config.json names no context length; give it with --context")
    return {"name": folder.name, "file": f"{folder.name}/model.onnx", "sha256": sha256(folder / "model.onnx"),
            "parameters": parameters, "contextLength": min(context, arguments.context or context)}


def tokenizer_entry(root, folder):
    return {"file": f"{folder.name}/tokenizer.json", "sha256": sha256(folder / "tokenizer.json"),
            "vocabularySize": max(vocabulary(folder)) + 1}


def folder_name(source):
    return Path(source.rstrip("/")).name or fail(f"'{source}' names no model")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--target", required=True, metavar="MODEL")
    parser.add_argument("--draft", required=True, action="append", metavar="MODEL", help="once for each draft")
    parser.add_argument("--out", required=True, type=Path, metavar="DIR", help="must not exist yet")
    parser.add_argument("--licence", default="", metavar="SPDX", help="of the weights, for pair.json")
    parser.add_argument("--context", type=int, metavar="N",
                        help="most tokens of one text, where that should be less than the model allows")
    parser.add_argument("--tolerance", type=float, default=1e-3, metavar="X",
                        help="of logits, as a part of their standard deviation (default: %(default)s)")
    parser.add_argument("--trust-remote-code", action="store_true", help="run code that comes with the model")
    arguments = parser.parse_args()
    if arguments.out.exists():
        fail(f"{arguments.out} exists already; name another folder, or remove it")
    sources = [arguments.target, *arguments.draft]
    names = [folder_name(s) for s in sources]
    if len(set(names)) < len(names):
        fail(f"two models would be called {max(names, key=names.count)}; a draft is another model than the target")
    arguments.out.absolute().parent.mkdir(parents=True, exist_ok=True)
    root = Path(tempfile.mkdtemp(prefix=f".{arguments.out.name}.", dir=arguments.out.absolute().parent))
    try:
        folders = [root / name for name in names]
        parameters = []
        for source, folder in zip(sources, folders):
            export(source, folder, arguments.trust_remote_code)
            check_tokenizers(folders[0], folder)
            parameters.append(check_logits(source, folder, arguments.tolerance, arguments.trust_remote_code))
        entries = [entry(root, f, p, arguments) for f, p in zip(folders, parameters)]
        shared = tokenizer_entry(root, folders[0])
        for folder, model in zip(folders[1:], entries[1:]):
            own = tokenizer_entry(root, folder)
            if own["sha256"] != shared["sha256"]:
                model["tokenizer"] = own
        named = {e["file"] for e in entries} | {shared["file"]} | {e["tokenizer"]["file"] for e in entries if "tokenizer" in e}
        others = sorted(f"{f.parent.name}/{f.name}" for folder in folders for f in folder.iterdir())
        pair = {"name": arguments.out.name, "licence": arguments.licence, "tokenizer": shared, "target": entries[0],
                "drafts": entries[1:],
                "otherFiles": [{"file": f, "sha256": sha256(root / f)} for f in others if f not in named]}
        (root / "pair.json").write_text(json.dumps(pair, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        root.chmod(0o755)
        root.rename(arguments.out)
    finally:
        shutil.rmtree(root, ignore_errors=True)
    print(f"{arguments.out}: {len(sources)} models; try scripts/redraft inspect {arguments.out}")


if __name__ == "__main__":
    main()
