#!/bin/sh
# What a wheel must do on a machine with nothing but Debian's python3-venv. The sources lie in /source.
# usage: inside-root.sh WHEEL
set -eu

sample=/source/docs/sample-report
now() { date +%s%N; }
say() { echo "   $1: $((($(now) - $2) / 1000000)) ms"; }
cd /tmp
. /etc/os-release
echo "== $PRETTY_NAME, $(ldd --version | head -1)"
! command -v swift >/dev/null

begun=$(now)
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check "$1"
venv/bin/clearbox figure $sample/gemma-3-270m.h5 --kind fvu -o fvu.svg
say "from nothing to the first figure" "$begun"
cmp fvu.svg $sample/figures/fvu.svg

for try in 1 2 3; do
  begun=$(now)
  venv/bin/clearbox --version >/dev/null
  say "start-up" "$begun"
  begun=$(now)
  venv/lib/python3*/site-packages/clearbox/_shipped/bin/clearbox --version >/dev/null
  say "start-up without Python" "$begun"
done

begun=$(now)
venv/bin/clearbox render $sample/gemma-3-270m.h5 --author /source/studies/gemma-3-270m.author.yaml --out report >/dev/null
say "render" "$begun"
cmp report/report.md $sample/report.md
venv/bin/clearbox diff $sample/gemma-3-270m.h5 report/gemma-3-270m.h5 --gate 'cross_entropy * identical' | tail -3

goldens=/source/Tests/ExperimentsTests/Goldens
PYTHONDONTWRITEBYTECODE=1 venv/bin/python /source/tools/synthetic/article.py small \
  --tokenizer $goldens/tokenizer/small.json --parquet $goldens/corpus/corpus.parquet
cat >small.yaml <<'YAML'
title: A stand-in for Gemma 3 4B, 64 numbers wide
models:
  - name: small
    checkpoint: small/models/google/gemma-3-4b-pt
    layer: 17
    sae: small/models/google/gemma-scope-2-4b-pt/resid_post/layer_17_width_16k_l0_medium
corpus: { path: small/datasets/NeelNanda/pile-10k/data/train-00000-of-00001-4746b8785c874cc7.parquet, text: text }
packing: { style: article, length: 128, batch: 4 }
experiments: [accuracy, sae, stabilization, noise_floor]
conditions: [bf16, int8, nf4]
tokens: { headline: 2000 }
seed: 0
YAML
begun=$(now)
venv/bin/clearbox run small.yaml --out run | tail -4
say "a small run" "$begun"
venv/bin/clearbox verify run | tail -1
venv/bin/python -c "
import clearbox, glob
run = clearbox.open(glob.glob('run/*.h5')[0])
print('  ', run, '; version', clearbox.version())
assert 'svg' in run.figure('fvu').svg and len(run.numbers()) > 50"
