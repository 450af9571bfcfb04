/// Row kernels that the Swift compiler would not vectorise for the machine at hand.
///
/// Every function is plain C, compiled for several x86-64 levels and chosen at run time. All levels give equal bits: sums run
/// over a fixed number of lanes whatever the vector width is, and multiplications and additions fuse only where the source
/// says so (one polynomial, and products; the oldest level has no such instruction, and its products round twice).
/// bf16 values travel as their 16 bits. Rounding to bf16 is to nearest, ties to even.
/// Letters: T tokens (rows), D width of the residual stream, d head dimension, F features, V vocabulary.
#pragma once
#include <stddef.h>
#include <stdint.h>

// MARK: Instruction sets

/// Name of the one that kernels of the calling thread use: the best that this machine has, unless one was asked for.
const char *clearbox_instruction_set(void);
/// Names of all that this machine has, lowest first; NULL past the last.
const char *clearbox_instruction_set_at(size_t index);
/// Computes with another one, on all threads, or on the calling thread alone until NULL is given; 0 when the machine
/// lacks it. Packed weights serve under the one that packed them.
int clearbox_use_instruction_set(const char *name);
int clearbox_try_instruction_set(const char *name);

// MARK: What the CPU can do

/// 10⁹ operations per second of one core in its best millisecond, nothing in memory, a multiply-add being two: float32
/// multiply-adds, dot products of bf16 pairs, and of four 8-bit integers each. 0 where the CPU has no such instruction.
/// float32 is in vectors of the instruction set in force. AMX is not among them.
double clearbox_peak_f32(double seconds);
double clearbox_peak_bf16(double seconds);
double clearbox_peak_int8(double seconds);

typedef enum { CLEARBOX_F32, CLEARBOX_BF16, CLEARBOX_F16 } clearbox_float_type;

// MARK: Matrix products with packed weights, on the calling thread

/// Rows of W that one panel holds. Packed weights take (N rounded up to panels)·K numbers.
size_t clearbox_panel(void);
/// Bytes that int8 weights, [n, k], take when they are packed.
size_t clearbox_int8_packed(size_t n, size_t k);
/// Packs W, [n, k]; one of the strides is 1.
void clearbox_pack_bf16(const uint16_t *w, size_t n, size_t k, size_t rowStride, size_t columnStride, uint16_t *panels);
void clearbox_pack_f32(const float *w, size_t n, size_t k, size_t rowStride, size_t columnStride, float *panels);
/// Packs W, [n, k] with rows `stride` elements apart.
void clearbox_pack_int8(const int8_t *w, size_t n, size_t k, size_t stride, int8_t *panels);

/// Elements of scratch that a product with [n, k] weights needs.
size_t clearbox_product_scratch(size_t n, size_t k);
size_t clearbox_int8_product_scratch(size_t k);

/// out[m, n] = x[m, k]·W[n, k]ᵀ in float32, each number a chain of fused multiply-adds in order of k, rounded once when
/// `outType` is bf16. x, panels and out are bf16 or float32 each. The panels were packed with `depth` columns; from the
/// pointer on, n rows of W (the first one starts a panel) and k of the columns are used.
void clearbox_product(const void *x, clearbox_float_type xType, size_t xStride, size_t m, const void *panels, clearbox_float_type type, size_t depth, size_t n, size_t k, void *out, clearbox_float_type outType, size_t outStride, float *scratch);
/// The same in exact integers.
void clearbox_int8_product(const int8_t *x, size_t xStride, size_t m, const int8_t *panels, size_t n, size_t k, int32_t *out, size_t outStride, int32_t *scratch);

// MARK: Conversions

void clearbox_bf16_to_f32(const uint16_t *x, float *out, size_t count);
void clearbox_f32_to_bf16(const float *x, uint16_t *out, size_t count);

// MARK: Decoder layer, in bf16 and in float32

/// out = x · rsqrt(mean(x²) + eps) · gain per row, one rounding at the end. gain = 1 + w, float32.
void clearbox_rms_norm_bf16(const uint16_t *x, const float *gain, float eps, size_t rows, size_t width, uint16_t *out);
void clearbox_rms_norm_f32(const float *x, const float *gain, float eps, size_t rows, size_t width, float *out);

/// x += norm(branch): the branch's normalised output is rounded, added to the stream, and rounded again.
void clearbox_add_rms_norm_bf16(uint16_t *x, const uint16_t *branch, const float *gain, float eps, size_t rows, size_t width);
void clearbox_add_rms_norm_f32(float *x, const float *branch, const float *gain, float eps, size_t rows, size_t width);

/// Per-head RMSNorm followed by rotary embedding (halves rotated, not interleaved), in place.
/// x: rows of `stride` elements with `heads` consecutive heads of d elements each; cosine and sine: [rows, d/2].
void clearbox_head_norm_rope_bf16(uint16_t *x, size_t rows, size_t stride, size_t heads, size_t d, const float *gain, float eps, const float *cosine, const float *sine);
void clearbox_head_norm_rope_f32(float *x, size_t rows, size_t stride, size_t heads, size_t d, const float *gain, float eps, const float *cosine, const float *sine);

/// Causal softmax numerators of one row of scores: p[j] = exp(scale·s[j] − max) for j in [first, end), else 0; returns
/// the sum of the unrounded p.
float clearbox_softmax_row_bf16(const float *scores, float scale, size_t first, size_t end, size_t width, uint16_t *p);
float clearbox_softmax_row_f32(const float *scores, float scale, size_t first, size_t end, size_t width, float *p);

/// out = x · factor.
void clearbox_scale_row_bf16(const float *x, float factor, size_t count, uint16_t *out);
void clearbox_scale_row_f32(const float *x, float factor, size_t count, float *out);

/// out = gelu_tanh(gate) · up; rows of gateUp hold the gate's n values, then up's n values.
void clearbox_gelu_mul_bf16(const uint16_t *gateUp, size_t rows, size_t n, uint16_t *out);
void clearbox_gelu_mul_f32(const float *gateUp, size_t rows, size_t n, float *out);

// MARK: Language-model head, online over tiles of the vocabulary

/// Running statistics of one token's logits.
typedef struct {
  float maximum;
  int32_t argmax;  ///< lowest id of the maximum
  double sum;      ///< Σ exp(logit − maximum)
  double weighted; ///< Σ exp(logit − maximum)·(logit − maximum)
  float target;    ///< logit of the next token
} clearbox_logit_state;

/// Adds one row's tile. exponentials[i] = exp(logit − maximum) of the tile, against the maximum that the state then has;
/// returns what the sums so far were multiplied with, because the maximum grew.
float clearbox_logit_row_bf16(const uint16_t *logits, size_t width, int32_t firstId, int32_t target, clearbox_logit_state *state, float *exponentials);
float clearbox_logit_row_f32(const float *logits, size_t width, int32_t firstId, int32_t target, clearbox_logit_state *state, float *exponentials);

/// Σ exponentials·(baseline − condition), with the exponentials that the baseline's row left.
double clearbox_divergence_row_bf16(const uint16_t *baseline, const uint16_t *condition, const float *exponentials, size_t width);
double clearbox_divergence_row_f32(const float *baseline, const float *condition, const float *exponentials, size_t width);

// MARK: LLM.int8

/// hot[k] |= any |fp16(x[t, k])| ≥ threshold; rowMaximum[t] = max of |fp16(x)| below the threshold.
void clearbox_int8_scan(const uint16_t *x, size_t rows, size_t width, float threshold, float *rowMaximum, uint8_t *hot);
/// codes = round(fp16(x) · (127 / rowMaximum)), zero at elements at or above the threshold and where hot[k].
void clearbox_int8_quantize(const uint16_t *x, size_t rows, size_t width, float threshold, const float *rowMaximum, const uint8_t *hot, int8_t *codes);
/// out[t, n] of bitsandbytes' epilogue on its CPU path: bf(f(C)·(SCA·SCB)·6.200124e-05).
void clearbox_int8_epilogue_cpu(const int32_t *product, const float *rowScale, const float *columnScale, size_t rows, size_t width, uint16_t *out);
/// The same of its CUDA kernel: bf(h((f(C)·SCA)·SCB · 6.200012e-05)), through fp16.
void clearbox_int8_epilogue_cuda(const int32_t *product, const float *rowScale, const float *columnScale, size_t rows, size_t width, uint16_t *out);
/// out = bf(out + addend).
void clearbox_add_f32_to_bf16(uint16_t *out, const float *addend, size_t count);
/// out[t, j] = x[t, index[j]] for j < count, else 0; rows of `padded` elements.
void clearbox_gather_columns(const uint16_t *x, size_t rows, size_t width, const int32_t *index, size_t count, size_t padded, uint16_t *out);
/// out[n, j] = bf((codes[n, index[j]] · absmax[n]) / 127) likewise: the weights of LLM.int8's outlier columns.
void clearbox_gather_int8_columns(const int8_t *codes, const float *absmax, size_t rows, size_t width, const int32_t *index, size_t count, size_t padded, uint16_t *out);

// MARK: Quantizing weights

/// Block-wise 4-bit codes against 15 ascending thresholds (code = how many lie strictly below x/absmax).
void clearbox_blockwise_codes(const uint16_t *x, size_t count, size_t block, const float *thresholds, uint8_t *codes, float *absmax);
/// out = bf(levels[code] · absmax).
void clearbox_blockwise_dequantize_bf16(const uint8_t *codes, size_t count, size_t block, const float *levels, const float *absmax, uint16_t *out);
void clearbox_blockwise_dequantize_f32(const uint8_t *codes, size_t count, size_t block, const float *levels, const float *absmax, float *out);
/// Row-wise int8 codes of bitsandbytes: absmax of fp16(w), codes = round(fp16(w) · (127 / absmax)).
void clearbox_int8_weight_rows(const uint16_t *w, size_t rows, size_t width, int8_t *codes, float *absmax);

/// Blocks of one of llama.cpp's formats, by ggml's number of it, from whole blocks of numbers: the bits that llama-quantize
/// writes without an importance matrix. Returns 0 for a format that is not written here.
int clearbox_ggml_encode(int32_t type, const float *x, size_t count, uint8_t *blocks);

// MARK: Sparse autoencoder and its sums

/// JumpReLU of one row: keeps pre[i] where pre[i] > max(threshold[i], 0); returns how many, ascending in `index`.
int32_t clearbox_jump_relu_row(const float *pre, const float *bias, const float *threshold, size_t count, int32_t *index, float *value);
/// Gated features of one row: keeps m[i] = pre[i]·scale[i] + magnitudeBias[i] where pre[i] + gateBias[i] > 0 and m[i] > 0;
/// returns how many, ascending in `index`.
int32_t clearbox_gated_row(const float *pre, const float *gateBias, const float *scale, const float *magnitudeBias, size_t count, int32_t *index, float *value);
/// Offers z[i] = (pre[i] + bias[i])·scale[i] (scale NULL: 1) of features first ..< first + count to a row's k places; by |z|
/// where `magnitude` is set. What is not above zero never enters; of equals the lower feature stays. Call with ascending
/// features, `size` places taken so far; returns how many are taken now. The places are in no useful order.
int32_t clearbox_top_k_row(const float *pre, const float *bias, const float *scale, size_t count, int32_t first, int32_t magnitude, int32_t k, int32_t size, int32_t *index, float *value);
/// out += Σ value[j] · decoder[index[j], :], in order of j; the decoder, [features, width], need not be aligned.
void clearbox_sparse_add_row(const int32_t *index, const float *value, int32_t active, const void *decoder, clearbox_float_type type, size_t width, float *out);
/// Sums over one row, in double: Σ(x−y)², Σx², Σx, Σx·y.
typedef struct { double squaredError, squaredNorm, sum, dot; } clearbox_row_sums;
/// Directions of a sketch.
#define CLEARBOX_SKETCH_WIDTH 32
/// Of a shift Δ = y − x: sum += Δ, sketch += Δ·(Ωᵀ Δ)ᵀ with Ω [width, 32] in `directions`; returns ‖Δ‖².
double clearbox_sketch_row(const float *x, const float *y, const double *directions, size_t width, double *sum, double *sketch);
clearbox_row_sums clearbox_compare_rows(const float *x, const float *y, size_t width);

// MARK: The bootstrap's inner loops: each sum is taken in the order of chunks, products rounded before they are added

// Weight rows come in groups of eight, side by side: weights[chunk][8].

/// sums[k][8] = sum over chunks c of weights[c][8] * table[c][k], table being [chunks][width].
void clearbox_weighted_sums(
    const double *weights, const double *table, size_t chunks, size_t width, double *sums);

/// norms[8] += the part of |sum over chunks c of weights[c] * S_c|^2 that lies in rows first to end of the inner products
/// S_a . S_b, b <= a: the rows of a lower triangle, of which `products` holds these alone. Over all rows from zero it is
/// the whole.
void clearbox_squared_norms(const double *weights, const double *products, size_t first, size_t end, double *norms);

/// Rows first ..< first + rows of the lower triangle S_a . S_b of all vectors, each `dimension` long, and no others: four
/// partial sums of every fourth product, added up in order, then what is left over. Four rows at once are the fastest.
void clearbox_gram_rows(
    const double *vectors, size_t first, size_t rows, size_t dimension, double *products);
