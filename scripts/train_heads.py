#!/usr/bin/env python3
"""Trains heads that draft several tokens in one pass, on the frozen draft of a pair of scripts/train_pair.py.

    python3 -m pip install -r scripts/requirements.txt onnxruntime
    python3 scripts/train_heads.py --pair models/tiny --heads 4 --tokens 160000 --out models/tiny/heads.onnx

The target writes texts after the tag of each domain at temperature 1. Head 1 is the draft itself; head i reads the same
state h of the draft and predicts the i-th token after it, knowing nothing of the tokens between, as in Medusa (Cai et al.
2024, arXiv:2401.10774): logits = E (h + silu(W h + b)) with the draft's own embedding E. It learns by cross-entropy on what
the target wrote. One text in eight is held out; nats per token of those are printed for each depth, beside those of the
depth-1 head and of the token frequencies. What comes out is an ONNX decoder like the draft's whose logits are
[batch, rows, heads, vocabulary].
"""

import argparse
import hashlib
import time
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
import torch.nn.functional as F
from onnx import TensorProto, helper, numpy_helper

END, TAGS = 0, (1, 2, 3, 4)  # ids that train_pair.py gives its special tokens


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pair", type=Path, required=True, help="model directory with target.onnx and draft.onnx")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--heads", type=int, default=4)
    parser.add_argument("--tokens", type=int, default=160_000, help="for the target to write (default: %(default)s)")
    parser.add_argument("--length", type=int, default=256, help="tokens of a text, at most (default: %(default)s)")
    parser.add_argument("--batch", type=int, default=64, help="texts written at a time (default: %(default)s)")
    parser.add_argument("--epochs", type=int, default=8)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args()


def session(model, threads):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def feeds(run, ids, cache):
    """The inputs of a pass over ids [B, rows] on top of a cache; None is an empty one."""
    batch, rows = ids.shape
    if cache is None:
        cache = {i.name: np.zeros((batch, i.shape[1], 0, i.shape[3]), np.float32) for i in run.get_inputs() if i.name.startswith("past")}
    past = next(iter(cache.values())).shape[2]
    return {"input_ids": ids, "attention_mask": np.ones((batch, past + rows), np.int64),
            "position_ids": np.broadcast_to(np.arange(past, past + rows), (batch, rows)).copy(), **cache}


def write(run, batch, length, chance):
    """Texts [batch, length] that the target writes after the tags; all END from its first END on."""
    names = [output.name for output in run.get_outputs()]
    text = [np.resize(TAGS, batch)]
    ended, cache = np.zeros(batch, bool), None
    while len(text) < length and not ended.all():
        made = dict(zip(names, run.run(None, feeds(run, text[-1][:, None].astype(np.int64), cache))))
        cache = {name.replace("present", "past_key_values"): made[name] for name in names if name.startswith("present")}
        logits = made["logits"][:, -1].astype(np.float64)
        token = (logits + chance.gumbel(size=logits.shape)).argmax(-1)  # a draw from softmax(logits)
        token[ended] = END
        ended |= token == END
        text.append(token)
    return np.pad(np.stack(text, 1), ((0, 0), (0, length - len(text))), constant_values=END)


def states(draft, texts, threads):
    """What the draft's vocabulary projection reads [texts, length, width] at every token."""
    model = onnx.ModelProto()
    model.CopyFrom(draft)
    model.graph.output.append(helper.make_tensor_value_info("final", TensorProto.FLOAT, None))
    run = session(model.SerializeToString(), threads)
    return np.concatenate([run.run(["final"], feeds(run, texts[i : i + 16].astype(np.int64), None))[0] for i in range(0, len(texts), 16)])


def pairs(states, texts, depth):
    """States and the token `depth` places after each, up to the first END."""
    lived = np.cumsum(texts == END, 1) - (texts == END) == 0  # up to and with the first END
    known = lived[:, depth:]
    return torch.from_numpy(states[:, : states.shape[1] - depth][known]), torch.from_numpy(texts[:, depth:][known].astype(np.int64))


def head(h, weight, bias):
    return h + F.silu(F.linear(h, weight, bias))


def train(h, labels, embedding, epochs, generator):
    width = h.shape[1]
    weight, bias = torch.zeros(width, width, requires_grad=True), torch.zeros(width, requires_grad=True)
    optimiser = torch.optim.AdamW([weight, bias], lr=4e-3, weight_decay=0.01)
    batch = 2048
    steps = epochs * (len(h) // batch)
    for step in range(steps):
        if step % (len(h) // batch) == 0:
            order = torch.randperm(len(h), generator=generator)
        chosen = order[step % (len(h) // batch) * batch :][:batch]
        optimiser.param_groups[0]["lr"] = 4e-3 * min(1, (step + 1) / 20) * max(0.02, 1 - step / steps)
        loss = F.cross_entropy(head(h[chosen], weight, bias) @ embedding.T, labels[chosen])
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    return weight.detach().half().float(), bias.detach()


def export(draft, trained, path):
    """The draft with logits [batch, rows, heads, vocabulary]: its states and the heads' beside each other, projected at once."""
    model = onnx.ModelProto()
    model.CopyFrom(draft)
    graph = model.graph
    assert graph.node[-1].output[0] == "logits" and graph.node[-1].input[0] == "final"
    del graph.node[-1]
    nodes, first = [], helper.make_node("Unsqueeze", ["final", "heads.axis"], ["head1"], name="head1")
    graph.initializer.append(numpy_helper.from_array(np.array([2]), "heads.axis"))
    for i, (weight, bias) in enumerate(trained, 2):
        name = f"head{i}"
        graph.initializer.append(numpy_helper.from_array(weight.T.contiguous().half().numpy(), name + ".weight.fp16"))
        graph.initializer.append(numpy_helper.from_array(bias.numpy(), name + ".bias"))

        def node(operator, inputs, suffix, **attributes):
            nodes.append(helper.make_node(operator, inputs, [name + suffix], name=name + suffix, **attributes))
            return name + suffix

        gate = node("Add", [node("MatMul", ["final", node("Cast", [name + ".weight.fp16"], ".weight", to=TensorProto.FLOAT)], ".product"), name + ".bias"], ".gate")
        silu = node("Mul", [gate, node("Sigmoid", [gate], ".sigmoid")], ".silu")
        node("Unsqueeze", [node("Add", ["final", silu], ".state"), "heads.axis"], "")
    count = 1 + len(trained)
    nodes.append(helper.make_node("Concat", [f"head{i}" for i in range(1, count + 1)], ["heads"], name="heads", axis=2))
    nodes.append(helper.make_node("MatMul", ["heads", "head"], ["logits"], name="logits"))
    graph.node.extend([first, *nodes])
    shape = graph.output[0].type.tensor_type.shape
    last = shape.dim.add()
    last.CopyFrom(shape.dim[2])
    shape.dim[2].dim_value = count
    model.producer_name = "redraft train_heads"
    onnx.checker.check_model(model)
    onnx.save(model, path)


def main():
    arguments = parse_arguments()
    torch.manual_seed(arguments.seed)
    torch.set_num_threads(arguments.threads)
    chance = np.random.default_rng(arguments.seed)
    started = time.monotonic()
    target = session(str(arguments.pair / "target.onnx"), arguments.threads)
    texts, tokens = [], 0
    while tokens < arguments.tokens:
        texts.append(write(target, arguments.batch, arguments.length, chance))
        tokens += int((texts[-1] != END).sum())
        print(f"{tokens:,} tokens after {time.monotonic() - started:.0f} s", flush=True)
    texts = np.concatenate(texts)
    draft = onnx.load(arguments.pair / "draft.onnx")
    hidden = states(draft, texts, arguments.threads)
    embedding = torch.from_numpy(numpy_helper.to_array(next(i for i in draft.graph.initializer if i.name == "embedding.weight.fp16")).astype(np.float32))
    held_out = np.arange(len(texts)) // len(TAGS) % 8 == 7  # of all tags alike
    frequencies = torch.bincount(torch.from_numpy(texts[~held_out].ravel().astype(np.int64)), minlength=len(embedding)).float() + 0.1
    generator = torch.Generator().manual_seed(arguments.seed)
    trained = []
    for depth in range(1, arguments.heads + 1):
        h, labels = pairs(hidden[held_out], texts[held_out], depth)
        nats = lambda states: F.cross_entropy(states @ embedding.T, labels).item()
        unigram = F.nll_loss((frequencies / frequencies.sum()).log().expand(len(labels), -1), labels).item()
        if depth > 1:
            trained.append(train(*pairs(hidden[~held_out], texts[~held_out], depth), embedding, arguments.epochs, generator))
        own = nats(head(h, *trained[-1])) if depth > 1 else nats(h)
        print(f"depth {depth}: {own:.3f} nats held out over {len(labels):,} tokens; head 1 {nats(h):.3f}, frequencies {unigram:.3f}; "
              f"{time.monotonic() - started:.0f} s", flush=True)
    export(draft, trained, arguments.out)
    run = session(str(arguments.out), 1)
    made = run.run(["logits"], feeds(run, texts[:1, :32].astype(np.int64), None))[0]
    expected = torch.stack([torch.from_numpy(hidden[:1, :32])] + [head(torch.from_numpy(hidden[:1, :32]), *each) for each in trained], 2) @ embedding.T
    difference = float((torch.from_numpy(made) - expected).abs().max())
    assert difference < 1e-3, f"the exported logits differ by {difference}"
    weights = sum(int(np.prod(i.dims)) for i in onnx.load(arguments.out).graph.initializer if "weight" in i.name or "norm" in i.name or "bias" in i.name)
    print(f"{arguments.out}: {arguments.out.stat().st_size:,} bytes, {weights:,} parameters, "
          f"sha256 {hashlib.sha256(arguments.out.read_bytes()).hexdigest()}")


if __name__ == "__main__":
    main()
