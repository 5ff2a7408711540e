#!/usr/bin/env python3
"""Makes src/test/resources/redraft/importing: what servers and libraries write of texts of the shipped traces.

    python3 -m pip install numpy==2.4.6 onnxruntime==1.32.0 tokenizers pydantic msgspec safetensors torch==2.8.0
    python3 -m pip download --no-deps vllm==0.33.0 sglang==0.5.23
    python3 scripts/make_import_fixtures.py vllm-*.whl sglang-*.whl

No server is run: the numbers are those of the shipped pair, computed by ONNX Runtime on the recorded tokens, so that an
import can be held against the recording. They are written by the packages' own classes, which are taken out of the
wheels without the rest: vLLM's response models (pydantic), SGLang's entries (msgspec), safetensors and NumPy.
llama.cpp's file is written as tools/perplexity/perplexity.cpp writes it.
"""

import ast
import gzip
import json
import sys
import time
import uuid
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import msgspec
import numpy as np
import onnxruntime
import pydantic
import safetensors.torch
import tokenizers
import torch

ROOT = Path(__file__).parent.parent
OUT = ROOT / "src/test/resources/redraft/importing"
TOKENIZER = tokenizers.Tokenizer.from_file(str(ROOT / "models/tiny/tokenizer.json"))
SESSIONS = {
    name: onnxruntime.InferenceSession(str(ROOT / f"models/tiny/{name}.onnx"), providers=["CPUExecutionProvider"])
    for name in ("target", "draft")
}


def texts(trace):
    """Sequences of a shipped trace by id and sample."""
    lines = [json.loads(line) for line in gzip.open(ROOT / f"traces/{trace}.jsonl.gz")]
    return {(one["id"], one["sample"]): one for one in lines[1:-1]}


def logits(model, tokens):
    """[tokens, vocabulary] in fp32: row t is of the token after the first t + 1."""
    session = SESSIONS[model]
    feeds = {}
    for one in session.get_inputs():
        if one.name == "input_ids":
            feeds[one.name] = np.array([tokens], np.int64)
        elif one.name == "position_ids":
            feeds[one.name] = np.arange(len(tokens), dtype=np.int64)[None]
        elif one.name == "attention_mask":
            feeds[one.name] = np.ones((1, len(tokens)), np.int64)
        else:
            shape = [{0: 1}.get(i, 0) if not isinstance(size, int) else size for i, size in enumerate(one.shape)]
            feeds[one.name] = np.zeros(shape, np.float32)
    return session.run(None, feeds)[0][0]


def log_softmax(rows):
    rows = rows.astype(np.float64)
    rows = rows - rows.max(-1, keepdims=True)
    return rows - np.log(np.exp(rows).sum(-1, keepdims=True))


def transformed(rows, temperature, top_p):
    """Log-probabilities after temperature and top-p; -inf for what is cut off."""
    logprobs = log_softmax(rows / temperature)
    for row in logprobs:
        order = np.argsort(row)  # ascending: mass up to 1 - top_p is dropped
        dropped = order[np.exp(row[order]).cumsum() <= 1 - top_p]
        row[dropped] = -np.inf
    return log_softmax(logprobs)


# ---- vLLM


def models(wheel, files, known):
    """Classes of a wheel, without what its modules import."""
    namespace = {"Any": Any, "Literal": Literal, "BaseModel": pydantic.BaseModel, "Field": pydantic.Field} | known
    with zipfile.ZipFile(wheel) as archive:
        for file, names in files.items():
            for node in ast.parse(archive.read(file)).body:
                if isinstance(node, ast.ClassDef) and node.name in names:
                    module = ast.Module(body=[node], type_ignores=[])
                    exec(compile(module, file, "exec"), namespace)
    return namespace


def vllm_models(wheel):
    entrypoints = "vllm/entrypoints/"
    unread = {name: dict for name in ("WeightVersionSpan", "PerRequestMetrics", "PromptTokenUsageInfo",
                                    "CompletionTokenUsageInfo", "PlaceholderRangeInfo")}
    known = unread | {"OpenAIBaseModel": pydantic.BaseModel, "time": time, "dataclass": dataclass, "field": field,
                    "random_uuid": lambda: uuid.uuid4().hex, "NonNegativeInt": int, "AllResponse": Any,
                    "field_validator": pydantic.field_validator}
    return models(wheel, {
        "vllm/logprobs.py": {"Logprob"},
        entrypoints + "serve/engine/protocol.py": {"UsageInfo"},
        entrypoints + "openai/completion/protocol.py":
            {"CompletionLogProbs", "CompletionResponseChoice", "CompletionResponse"},
        entrypoints + "scale_out/token_in_token_out/protocol.py":
            {"GenerateLogProb", "GenerateLogProbsContent", "GenerateLogProbs", "GenerateChoiceBase",
             "GenerateTokensChoice", "GenerateResponseBase", "GenerateTokensResponse"},
        entrypoints + "launchers/run_batch.py": {"BatchResponseData", "BatchRequestOutput"},
    }, known)


class Vllm:
    def __init__(self, wheel):
        self.m = vllm_models(wheel)

    def logprob(self, row, token):
        rank = int((row >= row[token]).sum())  # vLLM's rule: ties give the largest rank
        value = float(np.float32(row[token]))
        return self.m["Logprob"](max(value, -9999.0), rank, TOKENIZER.decode([token], skip_special_tokens=False))

    def usage(self, prompt, generated):
        return self.m["UsageInfo"](prompt_tokens=prompt, completion_tokens=generated, total_tokens=prompt + generated)

    def generation(self, index, prompt, path, rows, eos):
        names = [f"token_id:{token}" for token in path]
        logprobs = [self.logprob(row, token).logprob for row, token in zip(rows, path)]
        return self.m["CompletionResponseChoice"](
            index=index, text=TOKENIZER.decode(path), finish_reason="stop" if eos else "length", token_ids=path,
            prompt_token_ids=prompt,
            logprobs=self.m["CompletionLogProbs"](
                text_offset=[0] * len(path), token_logprobs=logprobs, tokens=names,
                top_logprobs=[{name: value} for name, value in zip(names, logprobs)]))

    def scoring(self, text, rows, count):
        """prompt_logprobs=count of a text, with the one token that has to be generated."""
        prompt = [None]
        for row, token in zip(rows, text[1:]):
            named = [token] + [int(one) for one in np.argsort(-row, kind="stable")[:count] if one != token]
            prompt.append({one: self.logprob(row, one) for one in named})
        token = int(rows[-1].argmax())
        return self.m["CompletionResponseChoice"](
            index=0, text=TOKENIZER.decode([token]), finish_reason="length", token_ids=[token],
            prompt_token_ids=text, prompt_logprobs=prompt)

    def completion(self, name, choices, prompt, generated):
        return self.m["CompletionResponse"](
            id=f"cmpl-{name}", created=0, model="tiny", choices=choices, usage=self.usage(prompt, generated))

    def batch(self, name, body):
        response = self.m["BatchResponseData"](request_id=f"vllm-batch-{name}", body=body)
        return self.m["BatchRequestOutput"](id=f"vllm-{name}", custom_id=name, response=response, error=None)

    def forced(self, name, prompt, path, rows):
        content = [self.m["GenerateLogProbsContent"](
            token_id=token, logprob=self.logprob(row, token).logprob, rank=self.logprob(row, token).rank)
            for row, token in zip(rows, path)]
        return self.m["GenerateTokensResponse"](
            request_id=name, model="tiny", created=0, prompt_token_ids=prompt,
            choices=[self.m["GenerateTokensChoice"](
                index=0, finish_reason="length", token_ids=path,
                logprobs=self.m["GenerateLogProbs"](content=content))])


def save(file, objects):
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("".join(one.model_dump_json(exclude_none=False) + "\n" for one in objects))


def vllm(wheel, t0, t1):
    v = Vllm(wheel)
    out = OUT / "vllm"
    two = [cut(t1["dialogue-02", sample], 20) for sample in (0, 1)]
    whole = cut(t1["dialogue-01", 1], 40)
    lines = [
        v.batch("dialogue-02", v.completion("a", [
            v.generation(i, prompt, path, rows_of("target", prompt, path), False)
            for i, (prompt, path) in enumerate(two)], 21, 40)),
        v.batch("dialogue-01", v.completion("b", [
            v.generation(0, *whole, rows_of("target", *whole), True)], 23, 40)),
    ]
    # The target's own scoring, with the rounding of rows in half precision for that of other kernels.
    half = log_softmax(logits("target", sum(whole, [])).astype(np.float16).astype(np.float32))
    lines.append(v.batch("own", v.completion("c", [v.scoring(sum(whole, []), half, 0)], 63, 1)))
    save(out / "target.jsonl", lines)
    scored = []
    for name, text, count in (("s1", whole, 0), ("s3", two[1], 2), ("s2", two[0], 0)):  # another order
        rows = log_softmax(logits("draft", sum(text, [])))
        scored.append(v.batch(name, v.completion(name, [v.scoring(sum(text, []), rows, count)], len(rows), 1)))
    save(out / "draft.jsonl", scored)

    prompt, path = cut(t0["dialogue-02", 0], 16)
    save(out / "greedy-target.jsonl", [
        v.completion("g", [v.generation(0, prompt, path, rows_of("target", prompt, path), False)], 21, 16)])
    save(out / "greedy-draft.jsonl", [
        v.completion("h", [v.scoring(prompt + path, log_softmax(logits("draft", prompt + path)), 1)], 37, 1)])

    prompt, path = cut(t0["dialogue-02", 0], 6)
    for model in ("target", "draft"):
        rows = transformed(logits(model, prompt + path)[len(prompt) - 1 : -1], 0.7, 0.9)
        save(out / f"nucleus-{model}.jsonl", [v.forced("dialogue-02", prompt, path, rows)])


def cut(sequence, count):
    return sequence["promptTokens"], sequence["tokens"][:count]


def rows_of(model, prompt, path):
    return log_softmax(logits(model, prompt + path))[len(prompt) - 1 : -1]


# ---- SGLang


def sglang(wheel, t0, t1):
    with zipfile.ZipFile(wheel) as archive:  # field names as the package spells them
        source = archive.read("sglang/api/v1/api_types.py").decode()
    for field in ("input_token_logprobs", "output_token_logprobs", "input_top_logprobs", "prompt_tokens"):
        assert f"    {field}: " in source, field
    out = OUT / "sglang"
    out.mkdir(parents=True, exist_ok=True)

    def entry(value, token):
        return [None if value is None else float(np.float32(value)), token, None]

    def response(name, text, rows, generated, finish, top):
        """A response whose prompt is text without its last generated tokens; rows as of logits()."""
        start = len(text) - generated
        scored = list(zip(rows, text[1:]))
        meta = {
            "id": name, "finish_reason": finish, "prompt_tokens": start, "completion_tokens": generated,
            "input_token_logprobs": [entry(None, text[0])] + [entry(row[x], x) for row, x in scored[: start - 1]],
            "output_token_logprobs": [entry(row[x], x) for row, x in scored[start - 1 :]],
        }
        if top:
            best = [[int(x) for x in np.argsort(-row, kind="stable")[:top]] for row, _ in scored[: start - 1]]
            meta["input_top_logprobs"] = [None] + [
                [entry(row[x], x) for x in here] for (row, _), here in zip(scored, best)]
        line = {"text": TOKENIZER.decode(text[start:]), "output_ids": text[start:], "meta_info": meta}
        return msgspec.json.encode(line).decode() + "\n"

    def both(prefix, prompt, path, name, finish, top):
        text = prompt + path
        with open(out / f"{prefix}target.jsonl", "a") as file:
            file.write(response(name, text, log_softmax(logits("target", text)), len(path), finish, 0))
        rows = log_softmax(logits("draft", text))
        extra = text + [int(rows[-1].argmax())]
        with open(out / f"{prefix}draft.jsonl", "a") as file:
            file.write(response(name, extra, np.vstack([rows]), 1, {"type": "length", "length": 1}, top))

    for file in out.glob("*.jsonl"):
        file.unlink()
    both("", *cut(t1["dialogue-02", 0], 20), "dialogue-02", {"type": "length", "length": 20}, 0)
    both("", *cut(t1["dialogue-01", 1], 40), "dialogue-01", {"type": "stop", "matched": 0}, 0)
    both("greedy-", *cut(t0["dialogue-02", 0], 16), "dialogue-02", {"type": "length", "length": 16}, 1)


# ---- rows


def llama_cpp(t1):
    """Two chunks, each prompt and path of a text, so that its second half is drawn from the target."""
    out = OUT / "llama.cpp"
    out.mkdir(parents=True, exist_ok=True)
    chunks = [sum(cut(t1["dialogue-02", sample], 19), []) for sample in (0, 1)]
    context = len(chunks[0])
    first = context // 2
    for model in ("target", "draft"):
        data = b"_logits_" + np.array([context, 2048, len(chunks)] + sum(chunks, []), "<i4").tobytes()
        for chunk in chunks:
            for row in logits(model, chunk)[first : context - 1]:
                largest, least = float(row.max()), max(float(row.min()), float(row.max()) - 16)
                scale = np.float32((largest - least) / 65535)
                minimum = np.float32(least - largest - np.log(np.exp(row.astype(np.float64) - largest).sum()))
                steps = np.where(row > least, np.rint((row - np.float32(least)) / scale), 0)
                data += np.array([scale, minimum], "<f4").tobytes() + steps.astype("<u2").tobytes()
        (out / f"{model}.bin.gz").write_bytes(gzip.compress(data, mtime=0))


def tensors(t0, t1):
    one, two, greedy = cut(t1["dialogue-02", 0], 6), cut(t1["dialogue-02", 1], 4), cut(t0["dialogue-02", 0], 6)
    out = OUT / "safetensors"
    out.mkdir(parents=True, exist_ok=True)
    for model, dtype in (("target", torch.float32), ("draft", torch.float16)):
        held = {}
        for name, (prompt, path) in (("one", one), ("two", two)):
            rows = logits(model, prompt + path)[len(prompt) - 1 : -1]
            held |= {f"{name}.logits": torch.tensor(rows).to(dtype), f"{name}.tokens": torch.tensor(path),
                     f"{name}.prompt": torch.tensor(prompt, dtype=torch.int32)}
        safetensors.torch.save_file(held, out / f"{model}.safetensors")
        prompt, path = greedy
        rows = torch.tensor(logits(model, prompt + path)[len(prompt) - 1 : -1])
        safetensors.torch.save_file({"logits": rows.bfloat16(), "tokens": torch.tensor(path)},
                                    out / f"greedy-{model}.safetensors")
    out = OUT / "npy"
    out.mkdir(parents=True, exist_ok=True)
    prompt, path = greedy
    for model, dtype in (("target", np.float32), ("draft", np.float16)):
        np.save(out / f"{model}.npy", logits(model, prompt + path)[len(prompt) - 1 : -1].astype(dtype))
        np.save(out / f"{model}.tokens.npy", np.array(path))
    np.save(out / "target.prompt.npy", np.array(prompt, np.int32))


def main():
    vllm_wheel, sglang_wheel = sys.argv[1:]
    t0, t1 = texts("tiny-t0"), texts("tiny-t1")
    vllm(vllm_wheel, t0, t1)
    sglang(sglang_wheel, t0, t1)
    llama_cpp(t1)
    tensors(t0, t1)


if __name__ == "__main__":
    main()
