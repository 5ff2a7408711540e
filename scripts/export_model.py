#!/usr/bin/env python3
"""Exports a target and its drafts to ONNX with Hugging Face Optimum, as a model directory that Redraft runs.

    python3 -m pip install -r scripts/requirements-export.txt
    python3 scripts/export_model.py --target Qwen/Qwen2.5-1.5B --draft Qwen/Qwen2.5-0.5B --out models/qwen
    scripts/redraft inspect models/qwen

A MODEL is a name of the hub, a local folder with config.json, weights and a fast tokenizer, or a GGUF file of either
(FOLDER/FILE.gguf, OWNER/NAME/FILE.gguf), whose weights are dequantised. Further pairs:

    --target M --draft M --quantise int8    the target drafts for itself in int8 (M-int8)
    --target M --layers 6                   the target's first 6 layers draft for it (M-6-layers)
    --target M-Q8_0.gguf --draft D.gguf     from GGUF files
    --target M                              no draft

The export is fp32 with a KV cache; --quantise stores drafts in int8 (dynamic quantisation of ONNX Runtime) or int4
(weights alone, in blocks of 32). Weights that are equal, such as tied embeddings, are stored once. Tokenizers and room
on the disk are compared before anything is exported; the export's logits are compared with PyTorch's, in one pass and in
passes with a cache, before pair.json is written. Nothing stays behind that failed.
"""

import argparse
import copy
import hashlib
import json
import logging
import re
import shutil
import signal
import sys
import tempfile
import warnings
from dataclasses import dataclass
from pathlib import Path

CHECK_TEXT = "A ferry carries nine passengers: def f(x): return x + 1, and then it was late."
KEPT = ("config.json", "generation_config.json", "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json",
        "chat_template.jinja")
TASK = "text-generation-with-past"
INT4_BLOCK = 32  # weights of one scale, as in llama.cpp's Q4_0
ONE_FILE = 1_900_000_000  # bytes; protobuf holds no more than 2 GiB
ROOM = 2.2  # sizes of a model in fp32 that its export needs for a while: Optimum writes it twice, tied weights apart


def fail(message):
    sys.exit(f"export_model.py: {message}")


def reason(error):
    """An exception in one line."""
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0]}" if lines else type(error).__name__


def size_text(size):
    return f"{size / 1e9:.2f} GB" if size >= 1e9 else f"{size / 1e6:.1f} MB"


@dataclass(frozen=True)
class Source:
    """Where weights come from: all layers of a model, or the first ones."""

    model: str
    layers: int | None = None

    @property
    def name(self):
        stem = Path(self.model).name.removesuffix(".gguf")
        return f"{stem}-{self.layers}-layers" if self.layers else stem

    def location(self):
        """Arguments of from_pretrained."""
        path = Path(self.model)
        if path.suffix == ".gguf":
            return {"pretrained_model_name_or_path": str(path.parent), "gguf_file": path.name}
        return {"pretrained_model_name_or_path": self.model}

    def check(self):
        """Refuses what is neither a model here nor the name of one on the hub."""
        path = Path(self.model)
        if not self.name:
            fail(f"'{self.model}' names no model")
        if path.is_dir():
            if not (path / "config.json").is_file():
                fail(f"{self.model} is no model: it holds no config.json; for a GGUF file in it, name the file")
            if not any(path.glob("*.safetensors")) and not any(path.glob("pytorch_model*.bin")):
                fail(f"{self.model} holds no weights (*.safetensors or pytorch_model*.bin); fetch them too")
        elif path.is_file():
            if path.suffix != ".gguf":
                fail(f"{self.model} is a file; name the folder that it is in, or a .gguf file")
        else:
            repository = path.parent if path.suffix == ".gguf" else path
            if not re.fullmatch(r"(?!\.)[\w.-]+(/[\w.-]+)?", str(repository)):
                fail(f"{self.model} does not exist, and is no name of the hub (OWNER/NAME)")


class Reading:
    """What is known of a source before its weights are read: configuration, tokenizer, number of parameters."""

    def __init__(self, source, trust_remote_code):
        import torch
        from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer

        source.check()
        self.source = source
        self.options = source.location() | {"trust_remote_code": trust_remote_code}
        try:
            self.config = AutoConfig.from_pretrained(**self.options)
            self.check_kind()
            self.tokenizer = AutoTokenizer.from_pretrained(**self.options)
        except Exception as e:  # a file, a network or the hub: the reason is in the message
            fail(f"{source.model} cannot be read: {reason(e)}")
        if not self.tokenizer.is_fast:
            fail(f"{source.model} has no fast tokenizer (tokenizer.json), which Redraft needs")
        self.check_vocabulary()
        self.keep_first_layers()
        with torch.device("meta"):
            model = AutoModelForCausalLM.from_config(self.config, trust_remote_code=trust_remote_code)
        self.parameters = sum(p.numel() for p in model.parameters())

    def check_kind(self):
        from optimum.exporters.onnx import model_configs  # noqa: F401, which tells the manager what can be exported
        from optimum.exporters.tasks import TasksManager

        kind = self.config.model_type
        if self.config.is_encoder_decoder:
            fail(f"{self.source.model} ({kind}) is an encoder with a decoder; Redraft runs decoders alone")
        if getattr(self.config, "quantization_config", None) and "gguf_file" not in self.options:
            fail(f"{self.source.model} holds quantised weights; name the model that it was made from (--quantise makes "
                 "int8 and int4)")
        try:
            tasks = TasksManager.get_supported_tasks_for_model_type(kind, "onnx", library_name="transformers")
        except KeyError:
            fail(f"{self.source.model} is of the kind '{kind}', which Optimum cannot export; name a model of another kind")
        if TASK not in tasks:
            fail(f"{self.source.model} is of the kind '{kind}', which Optimum does not export as a decoder of text")

    def keep_first_layers(self):
        """Cuts the configuration to the first layers; weights of further ones are then not read."""
        if not self.source.layers:
            return
        config = self.config.get_text_config()
        if self.source.layers >= config.num_hidden_layers:
            fail(f"--layers {self.source.layers}: {self.source.model} has {config.num_hidden_layers}; a copy has fewer")
        config.num_hidden_layers = self.source.layers
        if getattr(config, "layer_types", None):
            config.layer_types = config.layer_types[: self.source.layers]

    def tokenizer_json(self):
        """tokenizer.json without the added tokens that the model does not know, and their number.

        Transformers gives GGUF files of a kind the special tokens of that kind, whether or not the file has them.
        """
        tokenizer = json.loads(self.tokenizer.backend_tokenizer.to_str())
        size = self.config.get_text_config().vocab_size
        known = [t for t in tokenizer["added_tokens"] if t["id"] < size]
        return tokenizer | {"added_tokens": known}, len(tokenizer["added_tokens"]) - len(known)

    def vocabulary(self):
        """Token by id."""
        tokenizer, _ = self.tokenizer_json()
        model = tokenizer["model"]["vocab"]
        pairs = ((i, t[0]) for i, t in enumerate(model)) if isinstance(model, list) else ((i, t) for t, i in model.items())
        return dict(pairs) | {t["id"]: t["content"] for t in tokenizer["added_tokens"]}

    def check_vocabulary(self):
        tokens, size = max(self.vocabulary()) + 1, self.config.get_text_config().vocab_size
        if tokens > size:
            fail(f"{self.source.model} has a tokenizer of {tokens} tokens and a vocabulary of {size}; a model may have more "
                 "tokens than its tokenizer, not fewer")

    def save_tokenizer(self, folder):
        self.tokenizer.save_pretrained(folder)
        tokenizer, unknown = self.tokenizer_json()
        if unknown:
            print(f"{self.source.name}: {unknown} added tokens, which the model does not know, are left out")
            (folder / "tokenizer.json").write_text(json.dumps(tokenizer, indent=2, ensure_ascii=False), encoding="utf-8")

    def context_length(self, most):
        config = self.config.get_text_config()
        for field in ("max_position_embeddings", "n_positions", "n_ctx"):
            if isinstance(getattr(config, field, None), int):
                return min(getattr(config, field), most or sys.maxsize)
        return most or fail(f"{self.source.model}: config.json names no context length; give it with --context")

    def load(self):
        """The model in PyTorch, fp32."""
        import torch
        from transformers import AutoModelForCausalLM

        try:
            model, loading = AutoModelForCausalLM.from_pretrained(
                **self.options, config=copy.deepcopy(self.config), dtype=torch.float32, output_loading_info=True)
        except Exception as e:  # as above
            fail(f"{self.source.model} cannot be read: {reason(e)}")
        if loading["missing_keys"]:
            fail(f"{self.source.model} lacks the weights {sorted(loading['missing_keys'])[0]}"
                 f" ({len(loading['missing_keys'])} are missing); fetch it again")
        return model.eval()


def check_tokenizers(target, draft):
    """Ids that both name must be the same token; ids of one alone are padding of the other."""
    a, b = target.vocabulary(), draft.vocabulary()
    for i in sorted(a.keys() & b.keys()):
        if a[i] != b[i]:
            fail(f"token {i} is {a[i]!r} in {target.source.model} and {b[i]!r} in {draft.source.model}; a draft must share "
                 "the target's tokenizer")


def check_room(folder, readings, models):
    """Refuses a disk without room; the estimate is of the largest moment."""
    weights = {source: 4 * r.parameters for source, r in readings.items()}
    needed = sum(weights[source] for source, _ in models) + ROOM * max(weights.values())
    free = shutil.disk_usage(folder).free
    print(f"up to {size_text(needed)} of {folder} are needed, {size_text(free)} are free")
    if needed > free:
        fail(f"{folder} has {size_text(free)} free, where up to {size_text(needed)} are needed; make room, or name another "
             "disk with --out")


def export(model, folder):
    """Writes model.onnx as Optimum does (and its weights beside it where they are large), tied weights apart."""
    from optimum.exporters.onnx import onnx_export_from_model
    from optimum.exporters.utils import DisableCompileContextManager

    model.config.use_cache = True
    model.config._name_or_path = str(folder)  # where Optimum looks for a tokenizer to copy; there is none yet
    with DisableCompileContextManager():
        onnx_export_from_model(model, folder, task=TASK, do_validation=False, no_post_process=True)


def quantise(path, kind):
    """The exported model with weights of fewer bits."""
    import onnx

    if kind == "int8":
        from onnxruntime.quantization import QuantType, quantize_dynamic

        quantised = path.with_name("quantised.onnx")
        large = sum(f.stat().st_size for f in path.parent.glob("model.onnx*")) > ONE_FILE
        # uint8 by uint8 saturates on no processor; uint8 by int8 does without VNNI.
        quantize_dynamic(path, quantised, weight_type=QuantType.QUInt8, use_external_data_format=large)
        return onnx.load(quantised)
    from onnxruntime.quantization.matmul_nbits_quantizer import MatMulNBitsQuantizer

    quantizer = MatMulNBitsQuantizer(onnx.load(path), bits=4, block_size=INT4_BLOCK, is_symmetric=True)
    quantizer.process()
    return quantizer.model.model


def share_equal_weights(model):
    """Stores matrices once that are equal, or equal when transposed, as tied embeddings are.

    A Transpose of stored weights is folded when the model is loaded: passes do not see it.
    """
    import numpy as np
    from onnx import helper, numpy_helper

    graph = model.graph
    gathered = {n.input[0] for n in graph.node if n.op_type == "Gather"}
    kept, replacement, transposes = {}, {}, []
    # Embeddings first: rows are gathered from what is stored.
    for tensor in sorted((t for t in graph.initializer if len(t.dims) == 2), key=lambda t: t.name not in gathered):
        matrix = numpy_helper.to_array(tensor)
        equals = kept.setdefault((tensor.data_type, matrix.diagonal().tobytes()), [])  # that of the transposed, too
        for name, other in equals:
            if np.array_equal(matrix, other):
                replacement[tensor.name] = name
            elif np.array_equal(matrix, other.T):
                replacement[tensor.name] = f"{name}.transposed"
                transpose = helper.make_node("Transpose", [name], [f"{name}.transposed"], perm=[1, 0])
                if transpose not in transposes:
                    transposes.append(transpose)
            else:
                continue
            break
        else:
            equals.append((tensor.name, matrix))
    for node in graph.node:
        node.input[:] = [replacement.get(n, n) for n in node.input]
    stored = [t for t in graph.initializer if t.name not in replacement]
    del graph.initializer[:]
    graph.initializer.extend(stored)
    for transpose in transposes:
        graph.node.insert(0, transpose)


def write(model, folder):
    import onnx

    large = sum(len(t.raw_data) for t in model.graph.initializer) > ONE_FILE
    onnx.save(model, folder / "model.onnx", save_as_external_data=large, location="model.onnx_data")


def onnx_logits(folder, tokens, rows):
    """Logits of all tokens, in passes of some rows. [tokens, vocabulary]"""
    import numpy as np
    import onnxruntime

    session = onnxruntime.InferenceSession(str(folder / "model.onnx"), providers=["CPUExecutionProvider"])
    inputs = {i.name: i for i in session.get_inputs()}
    outputs = [o.name for o in session.get_outputs()]
    past = {n: np.zeros([1 if isinstance(s, str) and d == 0 else 0 if isinstance(s, str) else s
                         for d, s in enumerate(i.shape)], dtype=np.float32)
            for n, i in inputs.items() if n.startswith("past")}
    logits = []
    for start in range(0, len(tokens), rows):
        ids = np.array([tokens[start : start + rows]], dtype=np.int64)
        total = start + ids.shape[1]
        feeds = {"input_ids": ids, **past}
        if "attention_mask" in inputs:
            feeds["attention_mask"] = np.ones((1, total), dtype=np.int64)
        if "position_ids" in inputs:
            feeds["position_ids"] = np.arange(start, total, dtype=np.int64)[None]
        result = dict(zip(outputs, session.run(outputs, feeds)))
        logits.append(result["logits"][0])
        past = {n: result[n.replace("past_key_values", "present")] for n in past}
    return np.concatenate(logits)


def torch_logits(model, tokens):
    import torch

    with torch.no_grad():
        return model(torch.tensor([tokens])).logits[0].numpy()


def log_probabilities(logits):
    import numpy as np

    logits = logits.astype(np.float64)
    logits -= logits.max(axis=-1, keepdims=True)
    return logits - np.log(np.exp(logits).sum(axis=-1, keepdims=True))


def check_logits(name, folder, tokens, expected, quantised, tolerance):
    """Compares with PyTorch's logits, in one pass and in passes of three rows; says how far apart they are."""
    import numpy as np

    passes = [onnx_logits(folder, tokens, rows) for rows in (len(tokens), 3)]
    if not all(np.isfinite(p).all() for p in passes):
        fail(f"{name}: the export gives logits that are no numbers; not written")
    if quantised:
        agreement = min(float((p.argmax(-1) == expected.argmax(-1)).mean()) for p in passes)
        full = log_probabilities(expected)
        divergence = max(float((np.exp(full) * (full - log_probabilities(p))).sum(-1).mean()) for p in passes)
        if agreement == 0:
            fail(f"{name}: {quantised} finds the model's likeliest token in none of {len(tokens)} rows; not written (try "
                 "another --quantise)")
        return f"its likeliest token is the full model's in {agreement:.0%} of {len(tokens)} rows, KL {divergence:.2g} nat"
    worst = max(float(np.abs(p - expected).max()) for p in passes)
    spread = float(expected.std())
    if worst > tolerance * spread:
        fail(f"{name}: the export's logits differ from PyTorch's by up to {worst:.2g}, where logits spread by {spread:.2g}; "
             "not written (--tolerance allows more)")
    return f"logits within {worst:.2g} of PyTorch's (they spread by {spread:.2g})"


def export_all(reading, variants, root, arguments):
    """Exports a source once, and writes each variant of it: the quantisation and the folder."""
    import onnx

    work = root / "work"
    work.mkdir()
    tokens = reading.tokenizer(CHECK_TEXT)["input_ids"][:32]
    print(f"{reading.source.name}: {reading.parameters:,} parameters are exported", flush=True)
    model = reading.load()
    expected = torch_logits(model, tokens)
    try:
        export(model, work)
    except Exception as e:  # Optimum, PyTorch's exporter or the disk
        fail(f"{reading.source.model} cannot be exported: {reason(e)}")
    del model
    reading.save_tokenizer(work)
    for quantised, folder in variants:
        folder.mkdir()
        graph = quantise(work / "model.onnx", quantised) if quantised else onnx.load(work / "model.onnx")
        share_equal_weights(graph)
        write(graph, folder)
        del graph
        for file in KEPT:
            if (work / file).exists():
                shutil.copy(work / file, folder)
        distance = check_logits(folder.name, folder, tokens, expected, quantised, arguments.tolerance)
        print(f"{folder.name}: {size_text(sum(f.stat().st_size for f in folder.glob('model.onnx*')))}, {distance}", flush=True)
    shutil.rmtree(work)


def sha256(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def manifest(root, name, licence, folders, readings, context):
    """pair.json: the first folder is the target's."""

    def file(path):
        return {"file": str(path.relative_to(root)), "sha256": sha256(path)}

    tokenizers = [file(f / "tokenizer.json") | {"vocabularySize": max(r.vocabulary()) + 1} for f, r in zip(folders, readings)]
    models = [{"name": f.name} | file(f / "model.onnx")
              | {"parameters": r.parameters, "contextLength": r.context_length(context)}
              | ({"tokenizer": t} if t["sha256"] != tokenizers[0]["sha256"] else {})
              for f, r, t in zip(folders, readings, tokenizers)]
    named = {e["file"] for e in models} | {tokenizers[0]["file"]} | {e["tokenizer"]["file"] for e in models if "tokenizer" in e}
    others = [file(path) for folder in folders for path in sorted(folder.iterdir())]
    return {"name": name, "licence": licence, "tokenizer": tokenizers[0], "target": models[0], "drafts": models[1:],
            "otherFiles": [o for o in others if o["file"] not in named]}


def export_pair(arguments):
    out = arguments.out.absolute()
    if out.exists():
        fail(f"{arguments.out} exists already; name another folder, or remove it")
    target = Source(arguments.target)
    # A source and its quantisation, the target first.
    models = [(target, None)]
    models += [(Source(d), arguments.quantise) for d in arguments.draft]
    models += [(Source(arguments.target, n), arguments.quantise) for n in arguments.layers]
    names = [f"{s.name}-{q}" if q else s.name for s, q in models]
    if len(set(names)) < len(names):
        fail(f"two models would be called {max(names, key=names.count)}; a draft is another model than the target, or "
             "the same one with --quantise")
    readings = {}
    for source, _ in models:
        if source not in readings:
            readings[source] = Reading(source, arguments.trust_remote_code)
            readings[source].context_length(arguments.context)
            check_tokenizers(readings[target], readings[source])
    out.parent.mkdir(parents=True, exist_ok=True)
    check_room(out.parent, readings, models)
    root = Path(tempfile.mkdtemp(prefix=f".{out.name}.", dir=out.parent))
    try:
        folders = [root / n for n in names]
        for source, reading in readings.items():
            variants = [(q, f) for (s, q), f in zip(models, folders) if s == source]
            export_all(reading, variants, root, arguments)
        pair = manifest(root, out.name, arguments.licence, folders, [readings[s] for s, _ in models], arguments.context)
        (root / "pair.json").write_text(json.dumps(pair, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        root.chmod(0o755)
        root.rename(out)
    finally:
        shutil.rmtree(root, ignore_errors=True)
    print(f"{arguments.out}: {', '.join(names)}; try scripts/redraft inspect {arguments.out}")


def positive(text):
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"'{text}' is not a number of at least 1")
    return int(text)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--target", "--gguf", required=True, metavar="MODEL",
                        help="a GGUF file is known by its suffix; --gguf FILE says the same")
    parser.add_argument("--draft", default=[], action="append", metavar="MODEL", help="once for each draft, or not at all")
    parser.add_argument("--layers", default=[], action="append", type=positive, metavar="N",
                        help="a draft of the target's first N layers; once for each")
    parser.add_argument("--quantise", choices=("int8", "int4"), help="how the drafts' weights are stored (default: fp32)")
    parser.add_argument("--out", required=True, type=Path, metavar="DIR", help="must not exist yet")
    parser.add_argument("--licence", default="", metavar="SPDX", help="of the weights, for pair.json")
    parser.add_argument("--context", type=positive, metavar="N",
                        help="most tokens of one text, where that should be less than the model allows")
    parser.add_argument("--tolerance", type=float, default=1e-3, metavar="X",
                        help="of logits in fp32, as a part of their standard deviation (default: %(default)s)")
    parser.add_argument("--trust-remote-code", action="store_true", help="run code that comes with the model")
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")  # of tracing; what an export gives is compared
    logging.disable(logging.WARNING)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        export_pair(arguments)
    except KeyboardInterrupt:
        fail("stopped; nothing was written")
    except ImportError as e:
        fail(f"{reason(e)}; python3 -m pip install -r scripts/requirements-export.txt")
    except Exception as e:  # a disk, or what no check foresaw
        fail(reason(e))


if __name__ == "__main__":
    main()
