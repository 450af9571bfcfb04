// The numeric kernels: matrix products, quantizers' inner loops, sums over rows, an SAE's sparse code.
//
// Swift on top of `CKernels`, whose loops are compiled for several instruction sets and chosen when the program starts.
// Each function says shapes, rounding and order of summation; results do not depend on the number of threads.
//
// May import: CKernels, oneDNN (nobody else does), and no model.
//
//     Products/     `Multiplier`: bf16, float32 and int8 products by oneDNN or our own kernels, as a
//                   `KernelChoice` says; `KernelTable`, which choice fits which CPU; `PackedMatrix`, weights in the order that products read them
//     Arithmetic/   `BF16` and `F32`: what a decoder layer does between products, rounded where Hugging Face's model rounds
//     LLMInt8, Blockwise, SparseCode   inner loops of quantizers and autoencoders
//     SmallFloats   numbers of four and eight bits
//
// Start with `Products/Multiplier.swift` and `Arithmetic/Arithmetic.swift`.
