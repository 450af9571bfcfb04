// How llama.cpp finds the codes and scales of its K-quants: eight sub-blocks side by side, each in llama.cpp's own order of
// operations, so that results are its own bit for bit.
//
// Source: llama.cpp, ggml-quants.c (make_qkx2_quants, make_q3_quants, make_qx_quants), MIT licence, Georgi Gerganov and others.
#pragma once
#include "arithmetic.h"

// Vectors wider than the machine's are passed between inlined functions alone.
#pragma clang diagnostic ignored "-Wpsabi"

/// A number of each of eight sub-blocks.
typedef float eight __attribute__((vector_size(32)));
typedef int32_t eight_whole __attribute__((vector_size(32)));

#define ALL(x) ((eight){x, x, x, x, x, x, x, x})

INLINE eight pick(eight_whole where, eight a, eight b) { return (eight)((where & (eight_whole)a) | (~where & (eight_whole)b)); }
INLINE eight_whole pick_whole(eight_whole where, eight_whole a, eight_whole b) { return (where & a) | (~where & b); }
INLINE eight magnitude(eight x) { return (eight)((eight_whole)x & 0x7fffffff); }
INLINE eight floats_of(eight_whole x) { return __builtin_convertvector(x, eight); }
INLINE int any(eight_whole where) {
  int found = 0;
  for (int l = 0; l < 8; l++) found |= where[l];
  return found;
}

/// Nearest integer, ties to even, for |x| < 2²²; beyond it what llama.cpp's nearest_int makes of it.
INLINE int32_t nearest_whole(float x) { return (int32_t)(bits_of(x + 12582912.0f) & 0x7fffff) - 0x400000; }
INLINE eight_whole nearest_within(eight x, int least, int most) {
  eight_whole code = ((eight_whole)(x + 12582912.0f) & 0x7fffff) - 0x400000;
  code = pick_whole(code > most, code - code + most, code);
  return pick_whole(code < least, code - code + least, code);
}

/// x ≈ scale·code − minimum with codes of 0 … most: the best of `steps` + 2 grids by the weighted sum of errors, which are
/// absolute or squared. Grid i divides the range into first + step·i + most parts.
INLINE void fit_with_minimum(const eight *x, const eight *weights, int n, int most, float first, float step, int steps, int absolute, eight_whole *codes, eight *scaleOut, eight *minimumOut) {
  eight least = x[0], largest = x[0], sum_w = weights[0], sum_x = sum_w * x[0];
  for (int i = 1; i < n; i++) {
    least = pick(x[i] < least, x[i], least);
    largest = pick(x[i] > largest, x[i], largest);
    sum_w += weights[i];
    sum_x += weights[i] * x[i];
  }
  least = pick(least > 0, ALL(0), least);
  const eight_whole flat = largest == least;
  eight inverse = (float)most / (largest - least), scale = 1.0f / inverse, minimum = least, best = ALL(0);
  for (int i = 0; i < n; i++) {
    codes[i] = nearest_within(inverse * (x[i] - minimum), 0, most);
    eight difference = scale * floats_of(codes[i]) + minimum - x[i];
    best += weights[i] * (absolute ? magnitude(difference) : difference * difference);
  }
  for (int s = 0; s <= steps; s++) {
    inverse = (first + step * (float)s + (float)most) / (largest - minimum);
    eight sum_l = ALL(0), sum_l2 = ALL(0), sum_xl = ALL(0);
    eight_whole tried[32];
    for (int i = 0; i < n; i++) {
      tried[i] = nearest_within(inverse * (x[i] - minimum), 0, most);
      eight l = floats_of(tried[i]), wl = weights[i] * l;
      sum_l += wl;
      sum_l2 += wl * l;
      sum_xl += wl * x[i];
    }
    eight determinant = sum_w * sum_l2 - sum_l * sum_l;
    eight new_scale = (sum_w * sum_xl - sum_x * sum_l) / determinant;
    eight new_minimum = (sum_l2 * sum_x - sum_l * sum_xl) / determinant;
    const eight_whole above = new_minimum > 0;
    new_minimum = pick(above, ALL(0), new_minimum);
    new_scale = pick(above, sum_xl / sum_l2, new_scale);
    eight error = ALL(0);
    for (int i = 0; i < n; i++) {
      eight difference = new_scale * floats_of(tried[i]) + new_minimum - x[i];
      error += weights[i] * (absolute ? magnitude(difference) : difference * difference);
    }
    const eight_whole better = (determinant > 0) & (error < best);
    if (!any(better)) continue;
    for (int i = 0; i < n; i++) codes[i] = pick_whole(better, tried[i], codes[i]);
    best = pick(better, error, best);
    scale = pick(better, new_scale, scale);
    minimum = pick(better, new_minimum, minimum);
  }
  for (int i = 0; i < n; i++) codes[i] &= ~flat;
  *scaleOut = pick(flat, ALL(0), scale);
  *minimumOut = -pick(flat, least, minimum);
}

/// The number of largest magnitude, with its sign; `zero` where all are next to nothing.
INLINE eight extreme(const eight *x, int n, eight_whole *zero) {
  eight most = ALL(0), largest = ALL(0);
  for (int i = 0; i < n; i++) {
    eight_whole more = magnitude(x[i]) > most;
    most = pick(more, magnitude(x[i]), most);
    largest = pick(more, x[i], largest);
  }
  *zero = most < 1e-15f;
  return largest;
}

/// x ≈ scale·(code − 4) with codes of 0 … 7: each code in turn is moved where that lowers the weighted squared error.
INLINE eight fit_three_bits(const eight *x, eight_whole *codes) {
  enum { n = 16, half = 4 };
  eight_whole zero;
  eight inverse = -(float)half / extreme(x, n, &zero), sum_lx = ALL(0), sum_l2 = ALL(0);
  for (int i = 0; i < n; i++) {
    codes[i] = nearest_within(inverse * x[i], -half, half - 1);
    eight l = floats_of(codes[i]), w = x[i] * x[i];
    sum_lx += w * x[i] * l;
    sum_l2 += w * l * l;
  }
  for (int round = 0; round < 5; round++) {
    eight_whole changed = {0};
    for (int i = 0; i < n; i++) {
      eight w = x[i] * x[i], l = floats_of(codes[i]);
      eight lx = sum_lx - w * x[i] * l, l2 = sum_l2 - w * l * l;
      eight_whole moved = nearest_within(x[i] * l2 / lx, -half, half - 1);
      eight_whole better = (lx > 0) & (moved != codes[i]);
      l = floats_of(moved);
      lx += w * x[i] * l;
      l2 += w * l * l;
      better &= (l2 > 0) & (lx * lx * sum_l2 > sum_lx * sum_lx * l2);
      codes[i] = pick_whole(better, moved, codes[i]);
      sum_lx = pick(better, lx, sum_lx);
      sum_l2 = pick(better, l2, sum_l2);
      changed |= better;
    }
    if (!any(changed)) break;
  }
  for (int i = 0; i < n; i++) codes[i] = (codes[i] + half) & ~zero;
  return pick((sum_l2 > 0) & ~zero, sum_lx / sum_l2, ALL(0));
}

/// x ≈ scale·(code − 32) with codes of 0 … 63: the best of nineteen grids by the squared error, weighted with x².
INLINE eight fit_six_bits(const eight *x, eight_whole *codes) {
  enum { n = 16, half = 32 };
  eight_whole zero;
  const eight largest = extreme(x, n, &zero);
  eight scale = ALL(0), best = ALL(0);
  for (int step = -10; step <= 9; step++) {
    // The plain grid comes first.
    if (step == 0) continue;
    eight inverse = step == -10 ? -(float)half / largest : -((float)half + 0.1f * (float)step) / largest;
    eight sum_lx = ALL(0), sum_l2 = ALL(0);
    eight_whole tried[n];
    for (int i = 0; i < n; i++) {
      tried[i] = nearest_within(inverse * x[i], -half, half - 1);
      eight l = floats_of(tried[i]), w = x[i] * x[i];
      sum_lx += w * x[i] * l;
      sum_l2 += w * l * l;
    }
    eight_whole better = (sum_l2 > 0) & (sum_lx * sum_lx > best * sum_l2);
    if (step == -10) better = (eight_whole){0} == 0;
    if (!any(better)) continue;
    eight new_scale = pick(sum_l2 != 0, sum_lx / sum_l2, ALL(0));
    for (int i = 0; i < n; i++) codes[i] = pick_whole(better, tried[i] + half, codes[i]);
    scale = pick(better, new_scale, scale);
    best = pick(better, new_scale * sum_lx, best);
  }
  for (int i = 0; i < n; i++) codes[i] &= ~zero;
  return pick(zero, ALL(0), scale);
}
