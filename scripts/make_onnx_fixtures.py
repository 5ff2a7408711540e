#!/usr/bin/env python3
"""Makes src/test/resources/redraft/onnx: small models of random weights, exported by the exporters that people use.

    python3 -m pip install -r scripts/requirements-export.txt onnxruntime-genai==0.11.4
    python3 scripts/make_onnx_fixtures.py

One folder a way of exporting, each a pair: its own model as target, `draft` as draft. Names say what differs:

    gpt2 gpt-neox llama qwen2   Optimum, fp32 (qwen2: two embeddings more than the tokenizer has tokens, as in Qwen)
    bloom                       Optimum, no position_ids
    deepseek                    Optimum, keys and values of different sizes (latent attention)
    no-cache                    Optimum without a cache (task text-generation)
    merged                      Optimum's merged decoder (use_cache_branch)
    fp16                        llama with every tensor in fp16 (onnxruntime)
    int8                        llama, dynamically quantised (onnxruntime)
    int8-outliers               the same, where one channel is far larger than the others, as in trained models
    external                    gpt2 with its weights in model.onnx_data
    gqa gqa-int4                onnxruntime-genai's model builder: GroupQueryAttention; int4 weights
    gqa-fixed                   gqa with a cache of a fixed size
    By hand, from the files above: int32 (int32 inputs), bf16 (bf16 cache and logits), last-row (logits of the last row),
    fused (key and value of a layer in one tensor past_N, layers with different numbers of heads), unmasked (fused,
    traced with one row, so that the rows of a pass see each other, as in some exports of 2023).

expected.json holds PyTorch's logits of a short text (ONNX Runtime's own for int8 and int4).
"""

import argparse
import hashlib
import json
import shutil
import tempfile
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
import transformers
from onnx import TensorProto, helper, numpy_helper

VOCABULARY = 288
CONTEXT = 64
END, START, STOP = "<|end|>", "<|im_start|>", "<|im_end|>"
EVERY_NTH_TOKEN = 7
TEXT = "the ferry carries nine passengers on each crossing"
CHAT_TEMPLATE = (
    "{%- if messages[0].role != 'system' -%}{{ '<|im_start|>system\\nBe brief.<|im_end|>\\n' }}{%- endif -%}\n"
    "{%- for message in messages %}\n"
    "    {%- if message.content is not string %}{{ raise_exception('text only') }}{% endif %}\n"
    "    {{- '<|im_start|>' + message['role'] + '\\n' + message['content'] | trim + '<|im_end|>' + '\\n' }}\n"
    "{%- endfor %}\n"
    "{%- if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"
)


# What templates of the hub do, in our own words: loops, slices, namespaces, macros, Python's string methods.
CHAT_TEMPLATES = {
    "marked": CHAT_TEMPLATE,
    "lines": """{% for message in messages %}
{% if message['role'] == 'user' %}
{{ '<|user|>\n' + message['content'] + eos_token }}
{% elif message['role'] == 'system' %}
{{ '<|system|>\n' + message['content'] + eos_token }}
{% endif %}
{% if loop.last and add_generation_prompt %}
{{ '<|assistant|>' }}
{% endif %}
{% endfor %}
""",
    "backwards": """{{- bos_token }}
{%- if tools is defined and tools %}{{- tools | tojson }}{%- endif %}
{%- set ns = namespace(open=true, last=messages|length - 1) %}
{%- for message in messages[::-1] %}
    {%- set index = (messages|length - 1) - loop.index0 %}
    {%- if ns.open and message.role == "user" and message.content is string and not(message.content.startswith('<tool>') and message.content.endswith('</tool>')) %}
        {%- set ns.open = false %}
        {%- set ns.last = index %}
    {%- endif %}
{%- endfor %}
{%- if messages[0]['role'] == 'system' %}
    {%- set first = messages[0]['content']|trim %}
    {%- set messages = messages[1:] %}
{%- else %}
    {%- set first = "" %}
{%- endif %}
{%- if not date_string is defined %}{%- set date_string = "26 Jul 2024" %}{%- endif %}
{{- "<|head|>" + date_string + "\n\n" + first + ns.last|string }}
{%- for message in messages %}
    {%- if not (message.role == 'tool' or 'tool_calls' in message) %}
        {{- '<|' + message['role'] + '|>\n\n' + message['content'] | trim + '<|eot|>' }}
    {%- endif %}
{%- endfor %}
{%- if enable_thinking is defined and enable_thinking is false %}{{- '<think>' }}{%- endif %}
{%- if add_generation_prompt %}{{- '<|assistant|>\n\n' }}{%- endif %}
""",
    "turns": """{%- macro say(who, what='nothing') -%}[{{ who }}: {{ what }}]{%- endmacro %}
{%- set turns = messages if messages[0]['role'] != 'system' else messages[1:] -%}
{%- for m in turns -%}
{%- if (m['role'] == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('turns must alternate') }}{% endif -%}
{{ say(m['role'], m['content'].strip()) }}{{ ' [INST] ' ~ m.content.split(' ')[0] ~ (' yes' if add_generation_prompt else ' no') }}
{%- if m['content'] is none %}none{% endif -%}
{%- for k, v in m.items() %}{{ k }}{% if not loop.last %},{% endif %}{% endfor %}
{%- endfor -%}
{{ ['a', 'b'] | join(', ') }}
""",
}


def make_chat_expectations(folder):
    """Each template and what Transformers makes of one user message with it."""
    from transformers.utils.chat_template_utils import _compile_jinja_template

    folder.mkdir(parents=True)
    for name, template in CHAT_TEMPLATES.items():
        rendered = _compile_jinja_template(template).render(
            messages=[{"role": "user", "content": " What is {{ 1 + 1 }}?\n"}],
            add_generation_prompt=True, bos_token="<s>", eos_token="</s>")
        (folder / f"{name}.jinja").write_text(template)
        (folder / f"{name}.txt").write_text(rendered)


def make_refused(folder):
    """Models that no decoder's session can run, each some bytes long, named by what is wrong with them."""
    folder.mkdir(parents=True)
    f32, i64 = TensorProto.FLOAT, TensorProto.INT64
    ids, logits = ("input_ids", i64, ["b", "s"]), ("logits", f32, ["b", "s", 7])
    key, present = ("past_key_values.0.key", f32, ["b", 2, "p", 4]), ("present.0.key", f32, ["b", 2, "t", 4])
    cases = {
        "no-ids": ([("inputs_embeds", f32, ["b", "s", 8])], [logits]),
        "float-ids": ([("input_ids", f32, ["b", "s"])], [logits]),
        "image": ([ids, ("pixel_values", f32, ["b", 3, 8, 8])], [logits]),
        "no-logits": ([ids], [("last_hidden_state", f32, ["b", "s", 8])]),
        "int-logits": ([ids], [("logits", i64, ["b", "s", 7])]),
        "one-token": ([("input_ids", i64, [1, 1])], [logits]),
        "batch": ([("input_ids", i64, [4, "s"])], [logits]),
        "cache-rank": ([ids, ("past_key_values.0.key", f32, ["bh", "p", 4])],
                       [logits, ("present.0.key", f32, ["bh", "t", 4])]),
        "cache-unstated": ([ids, ("past_key_values.0.key", f32, ["b", "h", "p", "d"])],
                           [logits, ("present.0.key", f32, ["b", "h", "t", "d"])]),
        "cache-int8": ([ids, ("past_key_values.0.key", TensorProto.INT8, ["b", 2, "p", 4])],
                       [logits, ("present.0.key", TensorProto.INT8, ["b", 2, "t", 4])]),
        "cache-kept": ([ids, key], [logits]),
        "encoder": ([ids, ("encoder_hidden_states", f32, ["b", "e", 8]), key], [logits, present]),
        "dummy": ([ids, key], [logits, present]),  # a decoder by its signature, whose outputs stay as they are
    }
    for name, (inputs, outputs) in cases.items():
        nodes = []
        for output, kind, shape in outputs:
            fixed = [s if isinstance(s, int) else 1 for s in shape]
            value = numpy_helper.from_array(np.zeros(fixed, dtype=helper.tensor_dtype_to_np_dtype(kind)))
            nodes.append(helper.make_node("Constant", [], [output], value=value))
        graph = helper.make_graph(nodes, name, [helper.make_tensor_value_info(*i) for i in inputs],
                                  [helper.make_tensor_value_info(*o) for o in outputs])
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
        onnx.save(model, folder / f"{name}.onnx")


def make_tokenizer(folder):
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY,
        special_tokens=[END, START, STOP],
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    words = "the ferry carries passengers on each crossing in the morning and nine more return at noon".split()
    tokenizer.train_from_iterator([" ".join(words[i:] + words[:i]) for i in range(len(words))] * 3, trainer)
    fast = transformers.PreTrainedTokenizerFast(tokenizer_object=tokenizer, eos_token=END, model_max_length=CONTEXT)
    fast.chat_template = CHAT_TEMPLATE
    fast.save_pretrained(folder)
    return fast


def configurations(vocabulary):
    t = transformers
    ids = dict(bos_token_id=0, eos_token_id=0, pad_token_id=0)
    small = dict(vocab_size=vocabulary, hidden_size=16, num_hidden_layers=2, num_attention_heads=4,
                 max_position_embeddings=CONTEXT, initializer_range=0.35, **ids)
    grouped = dict(small, num_key_value_heads=2, intermediate_size=24)
    return {
        "draft": t.LlamaConfig(**dict(grouped, num_hidden_layers=1)),
        "gpt2": t.GPT2Config(vocab_size=vocabulary, n_positions=CONTEXT, n_embd=16, n_layer=2, n_head=4,
                             initializer_range=0.35, **ids),
        "gpt-neox": t.GPTNeoXConfig(**dict(small, intermediate_size=32)),
        "llama": t.LlamaConfig(**grouped),
        "qwen2": t.Qwen2Config(**dict(grouped, vocab_size=vocabulary + 2, tie_word_embeddings=True)),
        "bloom": t.BloomConfig(vocab_size=vocabulary, hidden_size=16, n_layer=2, n_head=4, initializer_range=0.35, **ids),
        "deepseek": t.DeepseekV3Config(**dict(
            small, num_key_value_heads=4, intermediate_size=24, first_k_dense_replace=2, kv_lora_rank=16,
            q_lora_rank=None, qk_nope_head_dim=8, qk_rope_head_dim=8, v_head_dim=4, n_routed_experts=None)),
        "gqa": t.LlamaConfig(**dict(grouped, head_dim=16)),
    }


def make_source(name, config, folder, tokenizer):
    """A local folder as the hub has it: configuration, weights, tokenizer."""
    torch.manual_seed(sum(map(ord, name)))
    model = transformers.AutoModelForCausalLM.from_config(config).eval()
    model.generation_config.eos_token_id = [0, tokenizer.convert_tokens_to_ids(STOP)]
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return model


def optimum(source, out, task="text-generation-with-past"):
    from optimum.exporters.onnx import main_export

    main_export(str(source), out, task=task, library_name="transformers", do_validation=False)
    return out / "model.onnx"


def merged(source, work, path):
    from optimum.exporters.onnx.convert import export
    from optimum.exporters.onnx.model_configs import LlamaOnnxConfig
    from optimum.onnx.graph_transformations import merge_decoders

    parts = []
    for past in (False, True):
        model = transformers.AutoModelForCausalLM.from_pretrained(source).eval()
        config = LlamaOnnxConfig(model.config, task="text-generation", use_past=True, use_past_in_inputs=past)
        parts.append(work / f"part{past}.onnx")
        export(model, config, parts[-1])
    merge_decoders(*parts, save_path=path, strict=False)


def genai(source, out, precision="fp32"):
    from onnxruntime_genai.models.builder import create_model

    create_model(None, str(source), str(out), precision, "cpu", str(out / "cache"))
    return out / "model.onnx"


# ---------------------------------------------------------------- changes by hand


def cast(model, name, to, is_input):
    """Makes an input or output of another type, with a Cast between it and the graph."""
    graph = model.graph
    info = next(i for i in (graph.input if is_input else graph.output) if i.name == name)
    inner = name + ".inner"
    own = info.type.tensor_type.elem_type
    for node in graph.node:
        names = node.input if is_input else node.output
        names[:] = [inner if n == name else n for n in names]
        if not is_input:
            node.input[:] = [inner if n == name else n for n in node.input]
    if is_input:
        graph.node.insert(0, helper.make_node("Cast", [name], [inner], to=own))
    else:
        graph.node.append(helper.make_node("Cast", [inner], [name], to=to))
    info.type.tensor_type.elem_type = to
    return model


def int32_inputs(model):
    for name in [i.name for i in model.graph.input if i.type.tensor_type.elem_type == TensorProto.INT64]:
        cast(model, name, TensorProto.INT32, True)
    return model


def bf16_ends(model):
    for is_input, values in ((True, model.graph.input), (False, model.graph.output)):
        for name in [i.name for i in values if i.type.tensor_type.elem_type == TensorProto.FLOAT]:
            cast(model, name, TensorProto.BFLOAT16, is_input)
    return model


def last_row(model):
    graph = model.graph
    for node in graph.node:
        node.output[:] = ["logits.all" if n == "logits" else n for n in node.output]
    for name, value in (("last.start", -1), ("last.end", np.iinfo(np.int64).max), ("last.axis", 1)):
        graph.initializer.append(numpy_helper.from_array(np.array([value], dtype=np.int64), name))
    graph.node.append(helper.make_node("Slice", ["logits.all", "last.start", "last.end", "last.axis"], ["logits"]))
    return model


def fixed_cache(model):
    for info in [*model.graph.input, *model.graph.output]:
        if "key" in info.name or "value" in info.name:
            dims = info.type.tensor_type.shape.dim
            dims[0].dim_value, dims[2].dim_value = 1, CONTEXT
    return model


class Fused(torch.nn.Module):
    """A decoder whose layers have 1 and 3 heads, with the cache of a layer in one tensor [2, batch, heads, past, size]."""

    def __init__(self, width=24, heads=(1, 3), size=8):
        super().__init__()
        self.heads, self.size = heads, size
        self.embedding = torch.nn.Embedding(VOCABULARY, width)
        self.places = torch.nn.Embedding(CONTEXT, width)
        self.mixers = torch.nn.ModuleList(torch.nn.Linear(width, 3 * h * size) for h in heads)
        self.outputs = torch.nn.ModuleList(torch.nn.Linear(h * size, width) for h in heads)
        self.norm = torch.nn.LayerNorm(width)

    def forward(self, input_ids, position_ids, *pasts):
        x = self.embedding(input_ids) + self.places(position_ids)
        presents = []
        for heads, mixer, output, past in zip(self.heads, self.mixers, self.outputs, pasts):
            mixed = mixer(x).view(x.shape[0], x.shape[1], 3, heads, self.size).permute(2, 0, 3, 1, 4)
            present = torch.cat((past, mixed[1:]), dim=3)
            presents.append(present)
            scores = mixed[0] @ present[0].transpose(-1, -2) / self.size**0.5
            total, rows = present.shape[3], x.shape[1]
            columns = torch.arange(total).view(1, 1, 1, total)
            if rows > 1:  # a trace keeps the branch that it took
                scores = scores.masked_fill(columns > torch.arange(total - rows, total).view(1, 1, rows, 1), -1e9)
            x = x + output((scores.softmax(-1) @ present[1]).transpose(1, 2).flatten(2))
        return self.norm(x) @ self.embedding.weight.T, *presents


def fused(path, tokens, traced_rows):
    torch.manual_seed(5)
    model = Fused().eval()
    pasts = [torch.zeros(2, 1, h, 3, model.size) for h in model.heads]
    axes = {"input_ids": {0: "batch", 1: "rows"}, "position_ids": {0: "batch", 1: "rows"},
            "logits": {0: "batch", 1: "rows"}}
    for i in range(len(pasts)):
        axes[f"past_{i}"] = {1: "batch", 3: "past"}
        axes[f"present_{i}"] = {1: "batch", 3: "total"}
    ids = torch.tensor([[5, 6][:traced_rows]])
    torch.onnx.export(model, (ids, ids, *pasts), path, dynamo=False, opset_version=17, dynamic_axes=axes,
                      input_names=["input_ids", "position_ids", "past_0", "past_1"],
                      output_names=["logits", "present_0", "present_1"])
    with torch.no_grad():
        empty = [torch.zeros(2, 1, h, 0, model.size) for h in model.heads]
        return model(torch.tensor([tokens]), torch.arange(len(tokens))[None], *empty)[0][0].numpy()


# ---------------------------------------------------------------- files


def onnxruntime_logits(path, tokens):
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    feeds = {}
    for i in session.get_inputs():
        if i.name == "input_ids":
            feeds[i.name] = np.array([tokens], dtype=np.int64)
        elif i.name == "attention_mask":
            feeds[i.name] = np.ones((1, len(tokens)), dtype=np.int64)
        elif i.name == "position_ids":
            feeds[i.name] = np.arange(len(tokens), dtype=np.int64)[None]
        else:
            feeds[i.name] = np.zeros((1, i.shape[1], 0, i.shape[3]), dtype=np.float32)
    return session.run(["logits"], feeds)[0][0]


def outliers(graph, factor=16):
    """The same model, the first channel of every matrix product `factor` times larger and its weights smaller."""
    weights = {i.name: i for i in graph.graph.initializer}
    nodes = []
    for node in graph.graph.node:
        if node.op_type == "MatMul" and node.input[1] in weights:
            weight = weights[node.input[1]]
            values = numpy_helper.to_array(weight).copy()
            scale = np.ones(values.shape[0], dtype=np.float32)
            scale[0] = factor
            weight.CopyFrom(numpy_helper.from_array(values / scale[:, None], weight.name))
            graph.graph.initializer.append(numpy_helper.from_array(scale, f"{weight.name}.scale"))
            nodes.append(helper.make_node("Mul", [node.input[0], f"{weight.name}.scale"], [f"{node.output[0]}.scaled"]))
            node.input[0] = f"{node.output[0]}.scaled"
        nodes.append(node)
    del graph.graph.node[:]
    graph.graph.node.extend(nodes)
    return graph


def torch_logits(model, tokens):
    with torch.no_grad():
        return model(torch.tensor([tokens])).logits[0].numpy()


def sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def parameters(path):
    return sum(int(np.prod(i.dims)) for i in onnx.load(path, load_external_data=False).graph.initializer)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path("src/test/resources/redraft/onnx"))
    out = parser.parse_args().out
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    make_chat_expectations(out / "chat")
    make_refused(out / "refused")
    work = Path(tempfile.mkdtemp())
    tokenizer = make_tokenizer(work / "tokenizer")
    tokens = tokenizer(TEXT)["input_ids"]
    models, sources = {}, {}
    for name, config in configurations(len(tokenizer)).items():
        sources[name] = work / "source" / name
        models[name] = make_source(name, config, sources[name], tokenizer)

    def place(name, model, logits, extra=()):
        """Puts one model (a path, or a graph) into its folder with pair.json and expected.json."""
        folder = out / name
        folder.mkdir(exist_ok=True)
        target = folder / "model.onnx"
        if isinstance(model, Path):
            shutil.copy(model, target)
        else:
            onnx.save(model, target)
        for file in extra:
            shutil.copy(file, folder)
        further = [{"file": f.name, "sha256": sha256(f)} for f in extra]
        tokenizer_file = out / "draft" / "tokenizer.json"

        def entry(label, path):
            relative = path.name if path.parent == folder else f"{path.parent.name}/{path.name}"  # tests copy that folder in
            return {"name": label, "file": relative, "sha256": sha256(path), "parameters": parameters(path),
                    "contextLength": CONTEXT}

        if name != "draft":
            pair = {"name": name, "licence": "Apache-2.0",
                    "tokenizer": {"file": "draft/tokenizer.json", "sha256": sha256(tokenizer_file),
                                  "vocabularySize": len(tokenizer)},
                    "target": entry(name, target),
                    "drafts": [entry("draft", out / "draft" / "model.onnx")]}
            if further:
                pair["otherFiles"] = further
            (folder / "pair.json").write_text(json.dumps(pair, indent=2) + "\n")
        rows = [[round(float(x), 5) for x in row[::EVERY_NTH_TOKEN]] for row in logits]
        (folder / "expected.json").write_text(
            json.dumps({"tokens": tokens, "everyNthToken": EVERY_NTH_TOKEN, "logits": rows}) + "\n")
        print(f"{name:14}{target.stat().st_size / 1000:8.0f} kB")

    (out / "draft").mkdir()
    for file in ("tokenizer.json", "tokenizer_config.json", "chat_template.jinja"):
        shutil.copy(work / "tokenizer" / file, out / "draft")
    shutil.copy(sources["draft"] / "generation_config.json", out / "draft")
    exported = {}
    for name in ("draft", "gpt2", "gpt-neox", "llama", "qwen2", "bloom", "deepseek"):
        exported[name] = optimum(sources[name], work / "optimum" / name)
        place(name, exported[name], torch_logits(models[name], tokens))

    llama = torch_logits(models["llama"], tokens)
    place("no-cache", optimum(sources["llama"], work / "no-cache", "text-generation"), llama)
    merged(sources["llama"], work, work / "merged.onnx")
    place("merged", work / "merged.onnx", llama)

    from onnxruntime.quantization import QuantType, quantize_dynamic
    from onnxruntime.transformers.float16 import convert_float_to_float16

    place("fp16", convert_float_to_float16(onnx.load(exported["llama"])), llama)
    quantize_dynamic(exported["llama"], work / "int8.onnx", weight_type=QuantType.QUInt8)
    place("int8", work / "int8.onnx", onnxruntime_logits(work / "int8.onnx", tokens))
    onnx.save(outliers(onnx.load(exported["llama"])), work / "outliers.onnx")
    quantize_dynamic(work / "outliers.onnx", work / "int8-outliers.onnx", weight_type=QuantType.QUInt8)
    place("int8-outliers", work / "int8-outliers.onnx", onnxruntime_logits(work / "int8-outliers.onnx", tokens))

    (work / "external").mkdir()
    onnx.save(onnx.load(exported["gpt2"]), work / "external" / "model.onnx", save_as_external_data=True,
              location="model.onnx_data", size_threshold=256)
    place("external", work / "external" / "model.onnx", torch_logits(models["gpt2"], tokens),
          [work / "external" / "model.onnx_data"])

    gqa = torch_logits(models["gqa"], tokens)

    built = onnx.load(genai(sources["gqa"], work / "gqa"))  # its weights, which it writes beside it, are read in
    place("gqa", built, gqa)
    place("gqa-fixed", fixed_cache(built), gqa)
    int4 = onnx.load(genai(sources["gqa"], work / "gqa-int4", "int4"))
    onnx.save(int4, work / "int4.onnx")
    place("gqa-int4", int4, onnxruntime_logits(work / "int4.onnx", tokens))

    place("int32", int32_inputs(onnx.load(exported["llama"])), llama)
    place("bf16", bf16_ends(onnx.load(exported["llama"])), llama)
    place("last-row", last_row(onnx.load(exported["llama"])), llama)
    for name, rows in (("fused", 2), ("unmasked", 1)):
        logits = fused(work / f"{name}.onnx", tokens, rows)
        place(name, work / f"{name}.onnx", logits)
    total = sum(f.stat().st_size for f in out.rglob("*") if f.is_file())
    print(f"{'all':14}{total / 1000:8.0f} kB")


if __name__ == "__main__":
    main()
