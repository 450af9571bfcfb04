"""A small Gemma-like tokenizer in its three forms, and the ids it gives.

usage: tokenizer_small.py OUTPUT_FOLDER
  small.json          BPE with byte fallback, trained on the hard texts; merges as pairs; added tokens with every flag
  small-strings.json  the same with merges as strings, ignore_merges on, no byte fallback
  small.gguf          the vocabulary as GGUF metadata
  texts.jsonl         what is encoded
  ids.json            per form and text: SHA-256 of the ids as int32, little endian; by tokenizers (JSON) and by transformers (GGUF)
"""

import hashlib
import json
import os
import random
import sys

import numpy as np
from gguf import GGUFWriter
from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

sys.path.insert(0, os.path.dirname(__file__))
from tokenizer_texts import documents

out = sys.argv[1]
special = ["<pad>", "<eos>", "<bos>", "<unk>", "<mask>"]
bytes_ = [f"<0x{b:02X}>" for b in range(256)]
runs = ["\n" * n for n in range(1, 9)] + ["▁" * n for n in range(2, 9)]

t = Tokenizer(models.BPE(unk_token="<unk>", byte_fallback=True, fuse_unk=True))
t.normalizer = normalizers.Replace(" ", "▁")
t.pre_tokenizer = pre_tokenizers.Split("▁", "merged_with_next")
t.decoder = decoders.Sequence([decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()])
trainer = trainers.BpeTrainer(vocab_size=2500, special_tokens=special + bytes_, limit_alphabet=1000, max_token_length=16, show_progress=False)
t.train_from_iterator(documents(600_000, 7), trainer)
t.pre_tokenizer = pre_tokenizers.Split(" ", "merged_with_previous")  # training done: from here as Gemma has it
t.post_processor = processors.TemplateProcessing(single="<bos> $A", pair="<bos> $A <bos> $B", special_tokens=[("<bos>", 2)])

spec = json.loads(t.to_str())
spec["added_tokens"] = [a for a in spec["added_tokens"] if a["content"] in special]  # bytes are plain pieces
t = Tokenizer.from_str(json.dumps(spec))
t.add_tokens([AddedToken(r, normalized=False) for r in runs[:8]])
t.add_tokens([
    AddedToken("[left]", lstrip=True, normalized=False), AddedToken("[right]", rstrip=True, normalized=False),
    AddedToken("[both]", lstrip=True, rstrip=True, normalized=False), AddedToken("word", single_word=True, normalized=False),
    AddedToken("two words", normalized=True), AddedToken("▁mark", normalized=True, single_word=True), AddedToken("[le", normalized=False),
    AddedToken("naïve", normalized=True, rstrip=True),
])
t.add_special_tokens([AddedToken("<start_of_turn>", normalized=False), AddedToken("<end>", normalized=False, rstrip=True)])
t.save(f"{out}/small.json", pretty=False)

spec = json.loads(t.to_str())
spec["model"] |= {"ignore_merges": True, "byte_fallback": False, "merges": [" ".join(m) for m in spec["model"]["merges"]]}
json.dump(spec, open(f"{out}/small-strings.json", "w"), ensure_ascii=False, separators=(",", ":"))
strings = Tokenizer.from_file(f"{out}/small-strings.json")

vocab = sorted(json.loads(t.to_str())["model"]["vocab"].items(), key=lambda kv: kv[1])
tokens = [k for k, _ in vocab]
assert [i for _, i in vocab] == list(range(len(vocab)))
tokens += [r for r in runs if r not in tokens] + ["<start_of_turn>", "<unused1>"]
types = []
for token in tokens:
    if token in bytes_:
        types.append(6)
    elif token in special or token.startswith("<unused") or token == "<start_of_turn>":
        types.append(3)
    elif token in runs or token == "[multimodal]":
        types.append(4)
    else:
        types.append(1)
writer = GGUFWriter(f"{out}/small.gguf", "gemma3")
writer.add_tokenizer_model("llama")
writer.add_tokenizer_pre("default")
writer.add_token_list([" " * len(x) if set(x) == {"▁"} and len(x) > 1 else x for x in tokens])
writer.add_token_scores([-1000.0 if k != 1 else -float(i) for i, k in enumerate(types)])
writer.add_token_types(types)
writer.add_bos_token_id(2), writer.add_eos_token_id(1), writer.add_unk_token_id(3), writer.add_pad_token_id(0)
writer.add_add_bos_token(True), writer.add_add_eos_token(False), writer.add_add_space_prefix(False)
writer.write_header_to_file(), writer.write_kv_data_to_file(), writer.write_tensors_to_file(), writer.close()

from transformers.integrations.gguf.gguf_tokenizer_mapping import convert_gguf_tokenizer, get_gguf_tokenizer

architecture, parts, _ = get_gguf_tokenizer(f"{out}/small.gguf")
from_gguf, _ = convert_gguf_tokenizer(architecture, parts)

r = random.Random(4)
flagged = ["[left]", "[right]", "[both]", "word", "two words", " mark", "▁mark", "mark", "[le", "<end>", "naïve", "<start_of_turn>", "<eos>", " ", "  ", "\n", "\t",
           "a", "é", "_", "1", "\u200d", "\u0301", "x ", "\u3000", "."]
texts = list(documents(60_000, 2)) + ["".join(r.choice(flagged) for _ in range(r.randint(1, 14))) for _ in range(400)]
with open(f"{out}/texts.jsonl", "w", encoding="utf-8") as file:
    for text in texts:
        file.write(json.dumps({"text": text}, ensure_ascii=False) + "\n")


def digest(ids):
    return hashlib.sha256(np.array(ids, dtype="<i4").tobytes()).hexdigest()


def all_digests(tokenizer):
    return [digest(tokenizer.encode(text, add_special_tokens=False).ids) for text in texts]


json.dump({
    "small.json": all_digests(t), "small-strings.json": all_digests(strings), "small.gguf": all_digests(from_gguf),
    "decoded": hashlib.sha256("\x1e".join(t.decode(t.encode(x).ids, skip_special_tokens=False) for x in texts).encode()).hexdigest(),
    "decoded_skipping": hashlib.sha256("\x1e".join(t.decode(t.encode(x).ids) for x in texts).encode()).hexdigest(),
}, open(f"{out}/ids.json", "w"), indent=0)
