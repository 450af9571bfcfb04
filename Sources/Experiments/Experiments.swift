// From a study file to a run file: checkpoint, tokenizer, text, the shared forward pass under every condition, and the
// experiments that look on.
//
// May import: Kernels, Measures, RunFile, Hub, Parquet, Codecs, NumpyRandom. Analysis, Plot and Report never import it:
// they know runs, not models.
//
//     Study/         a YAML file as a checked value
//     Checkpoints/   GGUF files and Hugging Face folders as named tensors; Tokenizers/; Corpus/ packs text into chunks
//     Gemma3/        the decoder layer and the head, once for every arithmetic
//     Compression/   one type per method, and the list of them: docs/compression-methods.md
//     SAEs/          autoencoders of every published form, run sparsely
//     Measurements/  one file per experiment, and the list of them: docs/experiments.md
//     Sweep/         `ModelRun` (one model from its files to its run file) and `Sweep` (blocks of chunks, layer by layer, in
//                    all conditions side by side)
//     Execution/     tasks on threads and their scratch memory; Profile/ where the time went; KernelSelection/ which
//                    kernels multiply
//
// Start with `Sweep/Sweep.swift`, then `Gemma3/DecoderLayer.swift`.
