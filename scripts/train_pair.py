#!/usr/bin/env python3
"""Trains a draft and a target language model that share a tokenizer, and exports both to ONNX.

One command goes from text to a model directory that `scripts/redraft` loads:

    python3 -m pip install -r scripts/requirements.txt
    python3 scripts/train_pair.py --maths gsm8k_train.jsonl --dialogue taskmaster4.jsonl \
        --drama tinyshakespeare.txt --code /usr/lib/python3.11 --out models/tiny

The stages are tokenizer, target, draft (on the text), distillation (draft towards the target's
distributions), export. Each stage writes a checkpoint under --work and is skipped or resumed when
the command is run again. Same seed, same text, same machine and thread count: same weights.
"""

import argparse
import hashlib
import json
import math
import os
import re
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

DOMAINS = ("maths", "dialogue", "drama", "code")
END = "<|end|>"
TAGS = {domain: f"<|{domain}|>" for domain in DOMAINS}
HELD_OUT_EVERY = 20  # every 20th document of a domain is kept for evaluation


# ---------------------------------------------------------------- text


def maths_documents(path):
    for line in open(path, encoding="utf-8"):
        row = json.loads(line)
        answer = re.sub(r"<<[^>]*>>", "", row["answer"])  # calculator annotations
        yield f"Question: {row['question']}\nAnswer: {answer}"


def dialogue_documents(path, conversations_per_document=5):
    conversations = []
    for line in open(path, encoding="utf-8"):
        turns = json.loads(line)["utterances"]
        conversations.append("".join(f"{t['speaker'].capitalize()}: {t['text'].strip()}\n" for t in turns))
    for start in range(0, len(conversations), conversations_per_document):
        yield "\n".join(conversations[start : start + conversations_per_document])


def drama_documents(path, minimum_characters=1500):
    speeches, size = [], 0
    for speech in open(path, encoding="utf-8").read().split("\n\n"):
        speeches.append(speech.strip())
        size += len(speech)
        if size >= minimum_characters:
            yield "\n\n".join(speeches) + "\n"
            speeches, size = [], 0
    if speeches:
        yield "\n\n".join(speeches) + "\n"


def code_documents(folder, minimum_characters=1500):
    skipped = {"test", "tests", "site-packages", "dist-packages", "lib2to3", "idlelib", "__pycache__", "encodings"}
    for root, folders, files in os.walk(folder):
        folders[:] = sorted(f for f in folders if f not in skipped)
        for name in sorted(files):
            if not name.endswith(".py"):
                continue
            text = Path(root, name).read_text(encoding="utf-8", errors="replace")
            blocks, size = [], 0
            for block in re.split(r"(?m)^(?=def |class |@)", text):  # cut between top-level definitions
                blocks.append(block)
                size += len(block)
                if size >= minimum_characters:
                    yield "".join(blocks)
                    blocks, size = [], 0
            if blocks:
                yield "".join(blocks)


def read_documents(arguments):
    readers = {"maths": maths_documents, "dialogue": dialogue_documents, "drama": drama_documents, "code": code_documents}
    return {domain: list(readers[domain](getattr(arguments, domain))) for domain in DOMAINS}


def train_tokenizer(documents, vocabulary_size, characters_per_domain=1_500_000):
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary_size,
        special_tokens=[END, *TAGS.values()],
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    sample = []
    for domain in DOMAINS:
        size = 0
        for index, document in enumerate(documents[domain]):
            if index % HELD_OUT_EVERY != 0 and size < characters_per_domain:
                sample.append(document)
                size += len(document)
    tokenizer.train_from_iterator(sample, trainer)
    return tokenizer


def encode(tokenizer, documents):
    """Per domain: (training stream, list of held-out documents), each document as tag, text, end."""
    end = tokenizer.token_to_id(END)
    streams = {}
    for domain in DOMAINS:
        tag = tokenizer.token_to_id(TAGS[domain])
        encoded = [[tag, *e.ids, end] for e in tokenizer.encode_batch(documents[domain])]
        held_out = [np.array(ids) for i, ids in enumerate(encoded) if i % HELD_OUT_EVERY == 0]
        training = [ids for i, ids in enumerate(encoded) if i % HELD_OUT_EVERY != 0]
        order = np.random.default_rng(0).permutation(len(training))
        streams[domain] = (np.concatenate([training[i] for i in order]), held_out)
    return streams


# ---------------------------------------------------------------- model


@dataclass(frozen=True)
class Shape:
    vocabulary: int
    context: int
    layers: int
    width: int
    heads: int
    kv_heads: int
    feed_forward: int
    rope_base: float = 10000.0

    @property
    def head_size(self):
        return self.width // self.heads


class Block(nn.Module):
    def __init__(self, s):
        super().__init__()
        self.shape = s
        kv = s.kv_heads * s.head_size
        self.attention_norm = nn.Parameter(torch.ones(s.width))
        self.query = nn.Linear(s.width, s.width, bias=False)
        self.key = nn.Linear(s.width, kv, bias=False)
        self.value = nn.Linear(s.width, kv, bias=False)
        self.output = nn.Linear(s.width, s.width, bias=False)
        self.feed_forward_norm = nn.Parameter(torch.ones(s.width))
        self.gate = nn.Linear(s.width, s.feed_forward, bias=False)
        self.up = nn.Linear(s.width, s.feed_forward, bias=False)
        self.down = nn.Linear(s.feed_forward, s.width, bias=False)

    def forward(self, x, cos, sin):
        s = self.shape
        batch, length, width = x.shape
        h = rms_norm(x, self.attention_norm)
        split = lambda y, heads: y.view(batch, length, heads, s.head_size).transpose(1, 2)
        q = rotate(split(self.query(h), s.heads), cos, sin)
        k = rotate(split(self.key(h), s.kv_heads), cos, sin)
        v = split(self.value(h), s.kv_heads)
        k, v = (y.repeat_interleave(s.heads // s.kv_heads, dim=1) for y in (k, v))
        mixed = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.output(mixed.transpose(1, 2).reshape(batch, length, width))
        h = rms_norm(x, self.feed_forward_norm)
        return x + self.down(F.silu(self.gate(h)) * self.up(h))


class Decoder(nn.Module):
    """Llama-style decoder: RMSNorm, rotary positions, SwiGLU, grouped KV heads, tied embeddings."""

    def __init__(self, shape, generator):
        super().__init__()
        self.shape = shape
        self.embedding = nn.Embedding(shape.vocabulary, shape.width)
        self.blocks = nn.ModuleList(Block(shape) for _ in range(shape.layers))
        self.final_norm = nn.Parameter(torch.ones(shape.width))
        cos, sin = rotary_tables(shape)
        self.register_buffer("cos", cos, persistent=False)
        self.register_buffer("sin", sin, persistent=False)
        with torch.no_grad():
            for name, parameter in self.named_parameters():
                if parameter.ndim == 2:
                    std = 0.02 if "embedding" in name else 0.5 / math.sqrt(parameter.shape[1])
                    if name.endswith(("output.weight", "down.weight")):
                        std /= math.sqrt(2 * shape.layers)
                    parameter.normal_(0, std, generator=generator)

    def forward(self, tokens):
        length = tokens.shape[1]
        x = self.embedding(tokens)
        for block in self.blocks:
            x = block(x, self.cos[:length], self.sin[:length])
        return F.linear(rms_norm(x, self.final_norm), self.embedding.weight)


def rms_norm(x, weight):
    return F.rms_norm(x, (x.shape[-1],), weight.to(x.dtype), eps=1e-5)


def rotary_tables(shape):
    frequencies = shape.rope_base ** (-torch.arange(0, shape.head_size, 2, dtype=torch.float64) / shape.head_size)
    angles = torch.outer(torch.arange(shape.context, dtype=torch.float64), frequencies)  # [context, headSize / 2]
    return angles.cos().float(), angles.sin().float()


def rotate(x, cos, sin):
    """Rotary positions (Su et al., arXiv:2104.09864), halves layout as in Llama's Hugging Face weights."""
    a, b = x.float().chunk(2, dim=-1)
    return torch.cat((a * cos - b * sin, b * cos + a * sin), dim=-1).to(x.dtype)


def parameter_count(model):
    return sum(p.numel() for p in model.parameters())


# ---------------------------------------------------------------- training


class Muon(torch.optim.Optimizer):
    """Momentum whose matrix updates are orthogonalised by a Newton-Schulz iteration (Jordan et al. 2024)."""

    def __init__(self, parameters, momentum=0.95, weight_decay=0.01):
        super().__init__(parameters, dict(lr=0.0, momentum=momentum, weight_decay=weight_decay))

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            for p in group["params"]:
                buffer = self.state[p].setdefault("momentum", torch.zeros_like(p))
                buffer.lerp_(p.grad, 1 - group["momentum"])
                update = orthogonalise(p.grad.lerp(buffer, group["momentum"]))
                p.mul_(1 - group["lr"] * group["weight_decay"])
                p.add_(update, alpha=-group["lr"] * math.sqrt(max(1.0, p.shape[0] / p.shape[1])))


def orthogonalise(matrix, iterations=5):
    tall = matrix.shape[0] > matrix.shape[1]
    x = (matrix.T if tall else matrix).bfloat16()
    x = x / (x.norm() + 1e-7)
    for _ in range(iterations):
        square = x @ x.T
        x = 3.4445 * x + (-4.7750 * square + 2.0315 * square @ square) @ x
    return (x.T if tall else x).float()


def learning_rate_scale(step, steps, warmup=100, decay=0.5):
    """Trapezoid: linear warm-up, flat, then linear decay to a fiftieth over the last half."""
    return max(0.02, min(1.0, (step + 1) / warmup, (steps - step) / (decay * steps)))


def sample_batch(streams, mixture, batch, length, generator):
    """[batch, length + 1] tokens: windows at random places of the domains, drawn by the mixture."""
    rows = []
    for domain in generator.choice(len(DOMAINS), size=batch, p=mixture):
        stream = streams[DOMAINS[domain]][0]
        start = generator.integers(0, len(stream) - length)
        rows.append(stream[start : start + length + 1])
    return torch.from_numpy(np.stack(rows))


def train(name, model, streams, arguments, tokens, muon_rate, adam_rate, teacher=None, evaluate=None):
    """Trains for `tokens` tokens, resuming from the stage's checkpoint; with a teacher, towards its distributions."""
    device = arguments.device
    matrices = [p for n, p in model.named_parameters() if p.ndim == 2 and "embedding" not in n]
    others = [p for n, p in model.named_parameters() if p.ndim != 2 or "embedding" in n]
    muon = Muon(matrices)
    adam = torch.optim.AdamW(others, betas=(0.9, 0.95), weight_decay=0.0)
    batch, length = arguments.batch, model.shape.context
    steps = max(1, round(tokens / (batch * length)))
    checkpoint = arguments.work / f"{name}.pt"
    first, average = 0, None
    if checkpoint.exists():
        state = torch.load(checkpoint, map_location=device, weights_only=True)
        if state["steps"] != steps:
            raise SystemExit(f"{checkpoint} was written for {state['steps']} steps, this run has {steps}: "
                             "give the same token counts, or another --work folder")
        model.load_state_dict(state["model"])
        muon.load_state_dict(state["muon"])
        adam.load_state_dict(state["adam"])
        first = state["step"]

    def save(step):
        temporary = checkpoint.with_suffix(".tmp")
        torch.save({"model": model.state_dict(), "muon": muon.state_dict(), "adam": adam.state_dict(),
                    "step": step, "steps": steps}, temporary)
        temporary.replace(checkpoint)

    started = last_saved = time.time()
    for step in range(first, steps):
        scale = learning_rate_scale(step, steps)
        muon.param_groups[0]["lr"] = muon_rate * scale
        adam.param_groups[0]["lr"] = adam_rate * scale
        generator = np.random.default_rng([arguments.seed, len(name), step])
        window = sample_batch(streams, arguments.mixture, batch, length, generator).to(device)
        inputs, labels = window[:, :-1], window[:, 1:]
        with torch.autocast(device.split(":")[0], torch.bfloat16):
            logits = model(inputs)
            if teacher is not None:
                with torch.no_grad():
                    teacher_logits = teacher(inputs)
        logits = logits.float().flatten(0, 1)
        if teacher is None:
            loss = F.cross_entropy(logits, labels.flatten())
        else:  # forward divergence KL(p || q), up to the entropy of p
            loss = F.cross_entropy(logits, teacher_logits.float().flatten(0, 1).softmax(-1))
        loss.backward()
        torch.nn.utils.clip_grad_norm_(others, 1.0)
        muon.step()
        adam.step()
        model.zero_grad(set_to_none=True)
        average = loss.item() if average is None else 0.95 * average + 0.05 * loss.item()
        if (step + 1) % 20 == 0 or step + 1 == steps:
            rate = (step + 1 - first) * batch * length / (time.time() - started)
            left = (steps - step - 1) * batch * length / rate
            print(f"{name}: step {step + 1}/{steps}, loss {average:.3f} nats per token, "
                  f"{rate:,.0f} tokens/s, {left / 60:.1f} min left", flush=True)
        if evaluate is not None and (step + 1) % arguments.evaluate_every == 0 and step + 1 < steps:
            print(f"{name}: held out {describe(evaluate(model))}", flush=True)
        if step + 1 == steps or time.time() - last_saved > 120:
            save(step + 1)
            last_saved = time.time()
    return steps


# ---------------------------------------------------------------- evaluation


def held_out_windows(streams, length, per_domain):
    """Per domain: [n, length + 1] windows over the held-out documents joined, the first `per_domain` of them."""
    windows = {}
    for domain in DOMAINS:
        joined = np.concatenate(streams[domain][1])
        count = min(per_domain, (len(joined) - 1) // length)
        windows[domain] = torch.from_numpy(np.stack([joined[i * length : (i + 1) * length + 1] for i in range(count)]))
    return windows


@torch.no_grad()
def held_out_nats(model, windows, device):
    result = {}
    for domain, rows in windows.items():
        total = 0.0
        for chunk in rows.split(4):
            chunk = chunk.to(device)
            total += F.cross_entropy(model(chunk[:, :-1]).flatten(0, 1), chunk[:, 1:].flatten(), reduction="sum").item()
        result[domain] = total / (rows.shape[0] * (rows.shape[1] - 1))
    return result


@torch.no_grad()
def held_out_overlap(target, draft, windows, device):
    """Mean over positions of sum_v min(p(v), q(v)) at temperature 1: Leviathan's alpha on held-out text."""
    result = {}
    for domain, rows in windows.items():
        total = 0.0
        for chunk in rows.split(4):
            inputs = chunk[:, :-1].to(device)
            total += torch.minimum(target(inputs).softmax(-1), draft(inputs).softmax(-1)).sum().item()
        result[domain] = total / (rows.shape[0] * (rows.shape[1] - 1))
    return result


def bigram_nats(streams, windows, vocabulary):
    """Held-out nats of a bigram interpolated with a unigram, the weight chosen for each domain on its own text."""
    pairs = np.ones((vocabulary, vocabulary), dtype=np.float32) * 1e-3
    for domain in DOMAINS:
        stream = streams[domain][0]
        np.add.at(pairs, (stream[:-1], stream[1:]), 1)
    unigram = pairs.sum(0) / pairs.sum()
    bigram = pairs / pairs.sum(1, keepdims=True)
    result = {}
    for domain, rows in windows.items():
        previous, following = rows[:, :-1].numpy().ravel(), rows[:, 1:].numpy().ravel()
        result[domain] = min(
            float(-np.log(w * bigram[previous, following] + (1 - w) * unigram[following]).mean())
            for w in (0.5, 0.7, 0.8, 0.9, 0.95, 0.99)
        )
    return result


def describe(by_domain):
    return ", ".join(f"{domain} {value:.3f}" for domain, value in by_domain.items())


# ---------------------------------------------------------------- export


@torch.no_grad()
def round_weights_to_fp16(model):
    """The files store half precision; every figure of the model card is for these rounded weights."""
    for parameter in model.parameters():
        parameter.copy_(parameter.half().float())


def export_onnx(model, path):
    """Writes the decoder with a KV cache, inputs and outputs named as Hugging Face Optimum names them.

    Matrices are stored in fp16 and cast to fp32 in the graph; ONNX Runtime folds the casts at load.
    """
    from onnx import TensorProto, checker, helper, numpy_helper, save

    s = model.shape
    nodes, initializers = [], []
    state = {name: value.detach().cpu().numpy() for name, value in model.state_dict().items()}

    def constant(name, array):
        initializers.append(numpy_helper.from_array(np.asarray(array), name))
        return name

    def node(operator, inputs, name, **attributes):
        nodes.append(helper.make_node(operator, inputs, [name], name=name, **attributes))
        return name

    def weight(name, transpose=True):
        array = state[name].T if transpose else state[name]
        stored = constant(name + ".fp16", np.ascontiguousarray(array).astype(np.float16))
        return node("Cast", [stored], name, to=TensorProto.FLOAT)

    def rms(x, name, output):
        scale = constant(name, state[name])
        square = node("Mul", [x, x], output + ".square")
        mean = node("ReduceMean", [square, axis_last], output + ".mean", keepdims=1)
        root = node("Sqrt", [node("Add", [mean, epsilon], output + ".shifted")], output + ".root")
        return node("Mul", [node("Div", [x, root], output + ".unit"), scale], output)

    def heads(x, count, output):
        shaped = node("Reshape", [x, constant(output + ".shape", np.array([0, 0, count, s.head_size]))], output + ".split")
        return node("Transpose", [shaped], output, perm=[0, 2, 1, 3])

    def rope(x, output):
        left = node("Slice", [x, zero1, half, axis3], output + ".left")
        right = node("Slice", [x, half, full, axis3], output + ".right")
        swapped = node("Concat", [node("Neg", [right], output + ".negated"), left], output + ".swapped", axis=3)
        return node("Add", [node("Mul", [x, cos], output + ".cos"), node("Mul", [swapped, sin], output + ".sin")], output)

    def attend(weights, values, o):
        # Columns of the result in groups of 32: ONNX Runtime then sums over the whole context (up to 512) in one
        # block whatever the number of rows and threads, so that logits do not depend on how rows were grouped.
        groups = [
            node("MatMul", [weights, node("Slice", [values, start, end, axis3], f"{o}values{i}")], f"{o}mixed{i}")
            for i, (start, end) in enumerate(column_groups)
        ]
        return groups[0] if len(groups) == 1 else node("Concat", groups, o + "mixed", axis=3)

    axis_last = constant("axis_last", np.array([-1]))
    axis3 = constant("axis3", np.array([3]))
    zero1 = constant("zero1", np.array([0]))
    half = constant("half", np.array([s.head_size // 2]))
    full = constant("full", np.array([s.head_size]))
    column_groups = [(constant(f"group{i}.start", np.array([i])), constant(f"group{i}.end", np.array([i + 32])))
                     for i in range(0, s.head_size, 32)]
    epsilon = constant("epsilon", np.array(1e-5, dtype=np.float32))
    zero, one = constant("zero", np.array(0)), constant("one", np.array(1))

    # Row i of this call stands at column total - rows + i; it sees the columns up to its own that the mask allows.
    rows = node("Gather", [node("Shape", ["input_ids"], "input_shape"), one], "rows")
    total = node("Gather", [node("Shape", ["attention_mask"], "mask_shape"), one], "total")
    row_places = node("Range", [node("Sub", [total, rows], "past"), total, one], "row_places")
    columns = node("Range", [zero, total, one], "columns")
    causal = node("LessOrEqual", [columns, node("Unsqueeze", [row_places, constant("axis1", np.array([1]))], "row_column")], "causal")
    allowed = node("Unsqueeze", [node("Cast", ["attention_mask"], "mask_bool", to=TensorProto.BOOL), constant("axes12", np.array([1, 2]))], "allowed")
    visible = node("And", [causal, allowed], "visible")
    bias = node("Where", [visible, constant("seen", np.array(0, np.float32)), constant("hidden", np.array(-1e9, np.float32))], "bias")  # [B, 1, rows, total]

    tables = {k: torch.cat([t, t], dim=-1).numpy() for k, t in zip(("cos", "sin"), rotary_tables(s))}
    gather = lambda key: node("Unsqueeze", [node("Gather", [constant(key + ".table", tables[key]), "position_ids"], key + ".rows"), constant(key + ".axis", np.array([1]))], key)
    cos, sin = gather("cos"), gather("sin")  # [B, 1, rows, headSize]

    embedding = weight("embedding.weight", transpose=False)
    x = node("Gather", [embedding, "input_ids"], "embedded")
    inputs = [
        helper.make_tensor_value_info(name, TensorProto.INT64, ["batch_size", length])
        for name, length in (("input_ids", "sequence_length"), ("attention_mask", "past_sequence_length + sequence_length"), ("position_ids", "sequence_length"))
    ]
    outputs = [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch_size", "sequence_length", s.vocabulary])]
    group = s.heads // s.kv_heads
    for layer in range(s.layers):
        b, o = f"blocks.{layer}.", f"layer{layer}."
        h = rms(x, b + "attention_norm", o + "attention_input")
        q = rope(heads(node("MatMul", [h, weight(b + "query.weight")], o + "q"), s.heads, o + "q_heads"), o + "q_placed")
        k = rope(heads(node("MatMul", [h, weight(b + "key.weight")], o + "k"), s.kv_heads, o + "k_heads"), o + "k_placed")
        v = heads(node("MatMul", [h, weight(b + "value.weight")], o + "v"), s.kv_heads, o + "v_heads")
        cache = {}
        for kind, new in (("key", k), ("value", v)):
            past, present = f"past_key_values.{layer}.{kind}", f"present.{layer}.{kind}"
            cache[kind] = node("Concat", [past, new], present, axis=2)
            sizes = lambda length: ["batch_size", s.kv_heads, length, s.head_size]
            inputs.append(helper.make_tensor_value_info(past, TensorProto.FLOAT, sizes("past_sequence_length")))
            outputs.append(helper.make_tensor_value_info(present, TensorProto.FLOAT, sizes("past_sequence_length + sequence_length")))
        keys, values = cache["key"], cache["value"]
        if group > 1 and s.kv_heads > 1:  # one KV head broadcasts over the query heads by itself
            repeat = constant(o + "repeat", np.repeat(np.arange(s.kv_heads), group))
            keys, values = (node("Gather", [y, repeat], o + n, axis=1) for y, n in ((keys, "keys"), (values, "values")))
        scale = constant(o + "scale", np.array(1 / math.sqrt(s.head_size), np.float32))
        scores = node("MatMul", [node("Mul", [q, scale], o + "q_scaled"), node("Transpose", [keys], o + "keys_t", perm=[0, 1, 3, 2])], o + "scores")
        weights = node("Softmax", [node("Add", [scores, bias], o + "scores_masked")], o + "weights", axis=-1)
        mixed = node("Transpose", [attend(weights, values, o)], o + "mixed_t", perm=[0, 2, 1, 3])
        joined = node("Reshape", [mixed, constant(o + "joined_shape", np.array([0, 0, s.width]))], o + "joined")
        x = node("Add", [x, node("MatMul", [joined, weight(b + "output.weight")], o + "attention")], o + "middle")
        h = rms(x, b + "feed_forward_norm", o + "feed_forward_input")
        gate = node("MatMul", [h, weight(b + "gate.weight")], o + "gate")
        silu = node("Mul", [gate, node("Sigmoid", [gate], o + "sigmoid")], o + "silu")
        product = node("Mul", [silu, node("MatMul", [h, weight(b + "up.weight")], o + "up")], o + "product")
        x = node("Add", [x, node("MatMul", [product, weight(b + "down.weight")], o + "down")], o + "output")
    final = rms(x, "final_norm", "final")
    head = node("Transpose", [embedding], "head", perm=[1, 0])
    node("MatMul", [final, head], "logits")

    graph = helper.make_graph(nodes, "decoder", inputs, outputs, initializers)
    proto = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], producer_name="redraft train_pair")
    proto.ir_version = 9
    checker.check_model(proto)
    save(proto, path)


def run_onnx(path, shape, tokens, chunks):
    """Logits [len(tokens), vocabulary] of the exported model, scoring the tokens in the given chunk sizes."""
    import onnxruntime

    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    empty = np.zeros((1, shape.kv_heads, 0, shape.head_size), np.float32)
    cache = {f"past_key_values.{l}.{k}": empty for l in range(shape.layers) for k in ("key", "value")}
    logits, done = [], 0
    for chunk in chunks:
        ids = np.array([tokens[done : done + chunk]], np.int64)
        feeds = {"input_ids": ids, "attention_mask": np.ones((1, done + chunk), np.int64),
                 "position_ids": np.arange(done, done + chunk, dtype=np.int64)[None], **cache}
        result = dict(zip([o.name for o in session.get_outputs()], session.run(None, feeds)))
        cache = {name: result[name.replace("past_key_values", "present")] for name in cache}
        logits.append(result["logits"][0])
        done += chunk
    return np.concatenate(logits)


def check_export(model, path, tokens):
    """The exported graph agrees with PyTorch on the whole text, scored at once and in unequal chunks."""
    expected = model(torch.tensor([tokens])).detach().numpy()[0]
    for chunks in ([len(tokens)], [5, 2, len(tokens) - 8, 1]):
        worst = np.abs(run_onnx(path, model.shape, tokens, chunks) - expected).max()
        print(f"{path.name}: largest logit difference from PyTorch {worst:.1e} (chunks {chunks})")
        if worst > 1e-4:
            raise SystemExit(f"{path}: logits differ from PyTorch's by {worst}, allowed 1e-4")
    return expected


def sha256(path):
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


CARD = """# The shipped pair `{name}`

Two Llama-style byte-level decoders (RMSNorm, rotary positions, SwiGLU, grouped KV heads, tied embeddings) that share
one tokenizer of {vocabulary} tokens, trained by `scripts/train_pair.py` (seed {seed}). They are small on purpose: real
distributions from real training, at a size that a repository can carry. They are no use as assistants.

| model | parameters | layers | width | heads (KV) | feed-forward | context | trained on | file |
|---|---|---|---|---|---|---|---|---|
{models}

Weights are stored in fp16 and cast to fp32 in the graph. Every figure below is for the stored weights.

## Text

| domain | tag | origin | licence | training tokens | share of batches |
|---|---|---|---|---|---|
{texts}

Every {every}th document was held out. A document is its domain's tag, the text, and `{end}`.

## Held-out quality

Nats per token on the held-out documents of each domain (lower is better; the bigram is interpolated with a unigram at
the weight best for it), and the mean overlap Σ min(p, q) of the draft's and the target's distributions at temperature 1,
on windows of {context} tokens.

| domain | bigram | draft | target | overlap | tokens scored |
|---|---|---|---|---|---|
{quality}

`logits-check.json` holds PyTorch's logits of both models on a short text, with which the Java side is tested.

## Made by

    python3 scripts/train_pair.py --maths gsm8k_train.jsonl --dialogue taskmaster4.jsonl --drama tinyshakespeare.txt \\
        --code PYTHON_LIBRARY --out models/{name} --seed {seed} --mixture {mixture} --batch {batch} --context {context} \\
        --target-tokens {target_tokens:.4g} --draft-tokens {draft_tokens:.4g} --distil-tokens {distil_tokens:.4g}

## Licence

The weights are released under Apache-2.0, as the project is; the text itself is not part of the project.
"""

ORIGINS = {
    "maths": ("openai/grade-school-math, training split", "MIT"),
    "dialogue": ("google-research-datasets/Taskmaster, TM-4", "CC BY 4.0"),
    "drama": ("karpathy/char-rnn, Tiny Shakespeare", "public domain"),
    "code": ("Python's standard library", "PSF-2.0"),
}


def export(arguments, tokenizer, streams, target, draft, trained):
    out = arguments.out
    out.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(out / "tokenizer.json"))
    text = f"{TAGS['maths']}Question: A baker has 12 trays of 6 rolls. How many rolls are there?\nAnswer: 12 * 6 ="
    tokens = tokenizer.encode(text).ids
    check = {"tokens": tokens, "models": []}
    entries, windows = {}, held_out_windows(streams, target.shape.context, per_domain=64)
    for role, model in (("target", target), ("draft", draft)):
        model.to("cpu")
        path = out / f"{role}.onnx"
        export_onnx(model, path)
        logits = check_export(model, path, tokens)
        every = 32
        check["models"].append({"file": path.name, "everyNthToken": every,
                                "logits": [[round(float(v), 6) for v in row[::every]] for row in logits]})
        entries[role] = {"name": f"{arguments.name}-{role}", "file": path.name, "sha256": sha256(path),
                         "parameters": parameter_count(model), "contextLength": model.shape.context}
    (out / "logits-check.json").write_text(json.dumps(check, separators=(",", ":")) + "\n")
    pair = {
        "name": arguments.name,
        "licence": "Apache-2.0",
        "tokenizer": {"file": "tokenizer.json", "sha256": sha256(out / "tokenizer.json"),
                      "vocabularySize": tokenizer.get_vocab_size()},
        "endTokens": [tokenizer.token_to_id(END)],
        "target": entries["target"],
        "drafts": [entries["draft"]],
    }
    (out / "pair.json").write_text(json.dumps(pair, indent=2) + "\n")

    nats = {"bigram": bigram_nats(streams, windows, target.shape.vocabulary),
            "draft": held_out_nats(draft, windows, "cpu"), "target": held_out_nats(target, windows, "cpu")}
    overlap = held_out_overlap(target, draft, windows, "cpu")
    row = lambda *cells: "| " + " | ".join(str(c) for c in cells) + " |"
    models = []
    for role, model in (("target", target), ("draft", draft)):
        s = model.shape
        models.append(row(f"{arguments.name}-{role}", f"{parameter_count(model):,}", s.layers, s.width, f"{s.heads} ({s.kv_heads})",
                          s.feed_forward, s.context, trained[role], f"`{role}.onnx`, {(out / f'{role}.onnx').stat().st_size / 1e6:.1f} MB"))
    texts = [row(d, f"`{TAGS[d]}`".replace("|", "\\|"), *ORIGINS[d], f"{len(streams[d][0]):,}", f"{arguments.mixture[i]:.0%}") for i, d in enumerate(DOMAINS)]
    quality = [row(d, f"{nats['bigram'][d]:.3f}", f"{nats['draft'][d]:.3f}", f"{nats['target'][d]:.3f}", f"{overlap[d]:.3f}",
                   f"{windows[d].shape[0] * target.shape.context:,}") for d in DOMAINS]
    (out / "README.md").write_text(CARD.format(
        name=arguments.name, vocabulary=tokenizer.get_vocab_size(), seed=arguments.seed, every=HELD_OUT_EVERY, end=END,
        context=target.shape.context, mixture=" ".join(f"{share:.2f}" for share in arguments.mixture), batch=arguments.batch,
        target_tokens=arguments.target_tokens, draft_tokens=arguments.draft_tokens, distil_tokens=arguments.distil_tokens, models="\n".join(models), texts="\n".join(texts), quality="\n".join(quality)))
    print("\n".join(quality))


# ---------------------------------------------------------------- command


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for domain, what in (("maths", "JSON Lines of question and answer"), ("dialogue", "JSON Lines of utterances"),
                         ("drama", "plain text, speeches apart by blank lines"), ("code", "folder of Python files")):
        parser.add_argument(f"--{domain}", required=True, type=Path, help=what)
    parser.add_argument("--out", required=True, type=Path, help="model directory to write")
    parser.add_argument("--name", help="name of the pair (default: the name of --out)")
    parser.add_argument("--work", type=Path, default=Path("target/train"), help="checkpoints (default: %(default)s)")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--threads", type=int, help="CPU threads (default: all cores)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--vocabulary", type=int, default=2048)
    parser.add_argument("--context", type=int, default=512)
    parser.add_argument("--batch", type=int, default=12, help="windows of --context tokens a step (default: %(default)s)")
    parser.add_argument("--mixture", type=float, nargs=4, default=[0.34, 0.10, 0.14, 0.42], metavar="SHARE",
                        help=f"share of batches of {', '.join(DOMAINS)} (default: %(default)s)")
    parser.add_argument("--target-tokens", type=float, default=18e6)
    parser.add_argument("--draft-tokens", type=float, default=12e6)
    parser.add_argument("--distil-tokens", type=float, default=8e6)
    parser.add_argument("--evaluate-every", type=int, default=500, metavar="STEPS")
    arguments = parser.parse_args()
    arguments.name = arguments.name or arguments.out.name
    arguments.work.mkdir(parents=True, exist_ok=True)
    arguments.mixture = [share / sum(arguments.mixture) for share in arguments.mixture]
    return arguments


def main():
    arguments = parse_arguments()
    if arguments.threads:
        torch.set_num_threads(arguments.threads)
    torch.manual_seed(arguments.seed)

    documents = read_documents(arguments)
    tokenizer_file = arguments.work / "tokenizer.json"
    if tokenizer_file.exists():
        from tokenizers import Tokenizer

        tokenizer = Tokenizer.from_file(str(tokenizer_file))
    else:
        tokenizer = train_tokenizer(documents, arguments.vocabulary)
        tokenizer.save(str(tokenizer_file))
    streams = encode(tokenizer, documents)
    print("training tokens: " + ", ".join(f"{d} {len(streams[d][0]):,}" for d in DOMAINS), flush=True)

    target_shape = Shape(arguments.vocabulary, arguments.context, layers=6, width=320, heads=5, kv_heads=1, feed_forward=864)
    draft_shape = Shape(arguments.vocabulary, arguments.context, layers=2, width=128, heads=2, kv_heads=1, feed_forward=256)
    generator = torch.Generator().manual_seed(arguments.seed)
    target = Decoder(target_shape, generator).to(arguments.device)
    draft = Decoder(draft_shape, generator).to(arguments.device)
    print(f"target {parameter_count(target):,} parameters {asdict(target_shape)}")
    print(f"draft {parameter_count(draft):,} parameters {asdict(draft_shape)}", flush=True)

    windows = held_out_windows(streams, arguments.context, per_domain=8)
    evaluate = lambda model: held_out_nats(model, windows, arguments.device)
    target_steps = train("target", target, streams, arguments, arguments.target_tokens, 0.02, 3e-3, evaluate=evaluate)
    round_weights_to_fp16(target)
    draft_steps = train("draft", draft, streams, arguments, arguments.draft_tokens, 0.02, 6e-3, evaluate=evaluate)
    distil_steps = train("distil", draft, streams, arguments, arguments.distil_tokens, 0.01, 3e-3, teacher=target.eval(), evaluate=evaluate)
    round_weights_to_fp16(draft)

    tokens_per_step = arguments.batch * arguments.context
    export(arguments, tokenizer, streams, target, draft, {
        "target": f"{target_steps:,} steps of {tokens_per_step:,} tokens",
        "draft": f"{draft_steps:,} steps of {tokens_per_step:,} tokens, then {distil_steps:,} distilled from the target",
    })


if __name__ == "__main__":
    main()
