"""Measures a transformers model under bitsandbytes with a SAELens autoencoder, and writes clearbox's run file.

usage: run_file_from_pytorch.py MODEL SAE_RELEASE SAE_ID LAYER TEXT OUTPUT
For example: google/gemma-3-270m gemma-scope-2-270m-pt-res layer_9_width_16k_l0_medium 9 text.txt mine.h5
TEXT: documents, an empty line between two. Needs torch, transformers, bitsandbytes, sae-lens, a GPU, and clearbox.
"""

import sys
from pathlib import Path

import clearbox
import torch
from sae_lens import SAE
from transformers import AutoModelForCausalLM, AutoTokenizer, BitsAndBytesConfig

LENGTH, BATCH = 512, 4


def batches(tokenizer, text):
    """One stream of documents, each after BOS, in chunks of LENGTH, BATCH chunks at a time."""
    stream = [id for document in text.split("\n\n") for id in tokenizer(document).input_ids]
    chunks = torch.tensor(stream[: len(stream) // LENGTH * LENGTH]).view(-1, LENGTH)
    return chunks.split(BATCH)


def bits(model):
    """Per parameter, over the whole model. A 4-bit weight lies two to a byte."""
    count = sum(weight.numel() * (2 if "4bit" in type(weight).__name__ else 1) for weight in model.parameters())
    return 8 * model.get_memory_footprint() / count


def main(name, release, sae_id, layer, text, output):
    tokenizer = AutoTokenizer.from_pretrained(name)
    sae = SAE.from_pretrained(release, sae_id, device="cuda")
    nf4 = BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=torch.bfloat16,
    )
    settings = {"bf16": None, "int8": BitsAndBytesConfig(load_in_8bit=True), "nf4": nf4}
    models = {
        condition: AutoModelForCausalLM.from_pretrained(
            name, dtype=torch.bfloat16, device_map="cuda", quantization_config=setting
        )
        for condition, setting in settings.items()
    }
    conditions = {condition: bits(model) for condition, model in models.items()}
    described = {"sae": {"name": sae_id}, "corpus": {"name": text}}
    texts = tokenizer.convert_ids_to_tokens
    with (
        torch.no_grad(),
        clearbox.RunWriter(
            output, model=name, layer=int(layer), conditions=conditions, bos=tokenizer.bos_token_id, texts=texts,
            description=described,
        ) as run,
    ):  # fmt: skip
        for ids in batches(tokenizer, Path(text).read_text()):
            run.batch(ids)
            for condition, model in models.items():
                out = model(ids.cuda(), output_hidden_states=True)
                # The embedding comes first; the last layer's state would have the final norm in it.
                x = out.hidden_states[int(layer) + 1].float()
                code = sae.encode(x)
                run.add(condition, logits=out.logits, x=x, reconstruction=sae.decode(code), l0=(code != 0).sum(-1))


if __name__ == "__main__":
    if len(sys.argv) != 7:
        sys.exit(__doc__)
    main(*sys.argv[1:])
