#!/usr/bin/env python3
"""Distils a small draft from a target: some of its own layers under its own embedding and vocabulary projection, trained
on what the target itself answers.

    python3 -m pip install -r scripts/requirements-export.txt
    python3 scripts/distil_draft.py --target FOLDER/MODEL.gguf --layers 0,1,2,29 --minutes 60 --out out/smollm2-4-layers \
        --maths gsm8k_train.jsonl --dialogue taskmaster4.jsonl --drama tinyshakespeare.txt --code /usr/lib/python3.11

The target (a folder, a name of the hub or a GGUF file) answers beginnings of the training texts of scripts/train_pair.py,
each as one user message of its chat template, at temperature 1. The draft learns the target's distribution at every token
of its answers: KL(p, q) over the target's 256 most probable tokens and one for all others. Answering and learning take
turns until the minutes are over; answers of every round but the first are for training, those of the first say how well
the draft drafts: the overlap Σ min(p, q), which is what the token rule accepts. The embedding stays the target's.

It is no recipe of an exact kind: how far training gets in its minutes depends on the machine.
"""

import argparse
import json
import random
import time
from pathlib import Path

import torch
import torch.nn.functional as F
from export_model import Source
from train_pair import read_documents

TOP = 256


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--target", required=True)
    parser.add_argument("--layers", default="0,1,2,29", help="of the target, in order")
    parser.add_argument("--out", type=Path, required=True)
    for domain in ("maths", "dialogue", "drama"):
        parser.add_argument(f"--{domain}", type=Path, required=True)
    parser.add_argument("--code", type=Path, required=True, help="folder of Python files")
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--batch", type=int, default=48, help="answers of a round")
    parser.add_argument("--tokens", type=int, default=160, help="of an answer, at most")
    parser.add_argument("--learning-rate", type=float, default=4e-4)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


def load(model):
    from transformers import AutoModelForCausalLM, AutoTokenizer

    location = Source(model).location()
    return AutoModelForCausalLM.from_pretrained(**location).eval(), AutoTokenizer.from_pretrained(**location)


def beginnings(arguments, tokenizer):
    """Prompts of all domains in turns, without end."""
    chance = random.Random(arguments.seed)
    documents = read_documents(arguments)
    while True:
        for domain, texts in documents.items():
            text = chance.choice(texts)
            if domain == "maths":
                text = text[: text.index("Answer:") + len("Answer:")]
            else:
                text = text[: chance.randint(80, 400)].rsplit("\n", 1)[0] + "\n"
            yield tokenizer.apply_chat_template([{"role": "user", "content": text}], add_generation_prompt=True)


@torch.no_grad()
def answer(target, prompts, end, tokens):
    """What the target answers, and its distribution at every token of it: (ids, start, top ids, ln p of these) each."""
    width = max(map(len, prompts))
    ids = torch.tensor([[end] * (width - len(p)) + p for p in prompts])
    mask = torch.tensor([[0] * (width - len(p)) + [1] * len(p) for p in prompts])
    cache, step, written, top = None, ids, [], []
    for _ in range(tokens):
        positions = (mask.cumsum(1) - 1).clamp(min=0)[:, -step.shape[1] :]
        out = target(input_ids=step, attention_mask=mask, position_ids=positions, past_key_values=cache, logits_to_keep=1)
        cache = out.past_key_values
        ln_p = out.logits[:, -1].float().log_softmax(-1)
        best = ln_p.topk(TOP)
        top.append((best.indices.int(), best.values.half()))
        step = torch.multinomial(ln_p.exp(), 1)
        written.append(step)
        mask = torch.cat([mask, torch.ones_like(step)], 1)
        if all((torch.cat(written, 1) == end).any(1)):
            break
    written = torch.cat(written, 1)
    answers = []
    for i, prompt in enumerate(prompts):
        ends = (written[i] == end).nonzero()
        n = int(ends[0]) + 1 if len(ends) else written.shape[1]
        answers.append((prompt + written[i, :n].tolist(), len(prompt),
                        torch.stack([t[0][i] for t in top[:n]]), torch.stack([t[1][i] for t in top[:n]])))
    return answers


def distributions(draft, answers, pad):
    """ln p and ln q of the target's most probable tokens and of all others together, at every token of the answers."""
    width = max(len(a[0]) for a in answers)
    ids = torch.tensor([a[0] + [pad] * (width - len(a[0])) for a in answers])
    hidden = draft.model(input_ids=ids).last_hidden_state  # padding stands behind, where causal attention never looks
    rows = torch.cat([hidden[i, a[1] - 1 : len(a[0]) - 1] for i, a in enumerate(answers)])
    ln_q = draft.lm_head(rows).float().log_softmax(-1).gather(1, torch.cat([a[2] for a in answers]).long())
    ln_p = torch.cat([a[3].float() for a in answers])

    def with_others(ln):
        return torch.cat([ln, (1 - ln.exp().sum(1, keepdim=True)).clamp(min=1e-6).log()], 1)

    return with_others(ln_p), with_others(ln_q)


@torch.no_grad()
def overlap(draft, answers, pad):
    ln_p, ln_q = distributions(draft, answers, pad)
    return torch.minimum(ln_p.exp(), ln_q.exp()).sum(1).mean().item()


def main():
    arguments = parse_arguments()
    torch.manual_seed(arguments.seed)
    torch.set_num_threads(arguments.threads)
    target, tokenizer = load(arguments.target)
    end = target.generation_config.eos_token_id or target.config.eos_token_id
    layers = [int(layer) for layer in arguments.layers.split(",")]
    draft, _ = load(arguments.target)
    draft.model.layers = torch.nn.ModuleList(draft.model.layers[layer] for layer in layers)
    for i, layer in enumerate(draft.model.layers):
        layer.self_attn.layer_idx = i
    draft.config.num_hidden_layers = len(layers)
    draft.model.embed_tokens.weight.requires_grad_(False)
    target = target.bfloat16()
    learned = [p for p in draft.parameters() if p.requires_grad]
    optimiser = torch.optim.AdamW(learned, lr=arguments.learning_rate, betas=(0.9, 0.98), weight_decay=0.01)
    prompts = beginnings(arguments, tokenizer)
    chance = random.Random(arguments.seed)
    held_out, answers, steps, log = None, [], 0, []
    started = time.monotonic()

    def done():
        return (time.monotonic() - started) / 60 / arguments.minutes

    while done() < 1:
        before = time.monotonic()
        batch = answer(target, [next(prompts) for _ in range(arguments.batch)], end, arguments.tokens)
        if held_out is None:
            held_out = batch
            continue
        answers += batch
        answering, before, losses = time.monotonic() - before, time.monotonic(), []
        while done() < 1 and time.monotonic() - before < 2 * answering:
            for group in optimiser.param_groups:  # up for the first 50 steps, down to 0 at the end
                group["lr"] = arguments.learning_rate * min(1, (steps + 1) / 50) * max(0.02, 1 - done())
            with torch.autocast("cpu", torch.bfloat16):
                ln_p, ln_q = distributions(draft, chance.sample(answers, min(16, len(answers))), end)
                loss = (ln_p.exp() * (ln_p - ln_q)).sum(1).mean()
            optimiser.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(learned, 1.0)
            optimiser.step()
            losses.append(loss.item())
            steps += 1
        if not losses:
            break
        with torch.autocast("cpu", torch.bfloat16):
            log.append({"minutes": round(done() * arguments.minutes, 1), "answers": len(answers),
                        "tokens": sum(len(a[2]) for a in answers), "steps": steps,
                        "kl": round(sum(losses) / len(losses), 4), "overlap": round(overlap(draft, held_out, end), 4)})
        print(json.dumps(log[-1]), flush=True)
        draft.save_pretrained(arguments.out)
        tokenizer.save_pretrained(arguments.out)
        (arguments.out / "distilled.json").write_text(json.dumps({"layers": layers, "log": log}, indent=1) + "\n")


if __name__ == "__main__":
    main()
