// The bootstrap's inner loops. Each sum is taken in the order of chunks, products rounded before they are added, so that
// the bits are the same on every machine and at every instruction-set level.
#pragma once
#include <stddef.h>

// Weight rows come in groups of eight, side by side: weights[chunk][8].

// sums[k][8] = sum over chunks c of weights[c][8] * table[c][k], table being [chunks][width].
void clearbox_weighted_sums(
    const double *weights, const double *table, size_t chunks, size_t width, double *sums);

// norms[8] += the part of |sum over chunks c of weights[c] * S_c|^2 that lies in rows first to end of the inner products
// S_a . S_b, b <= a: the rows of a lower triangle. Over all rows from zero it is the whole.
void clearbox_squared_norms(const double *weights, const double *products, size_t first, size_t end, double *norms);

// Rows first ..< first + rows of the lower triangle S_a . S_b of all vectors, each `dimension` long: four partial sums of
// every fourth product, added up in order, then what is left over. Four rows at once are the fastest.
void clearbox_gram_rows(
    const double *vectors, size_t first, size_t rows, size_t dimension, double *products);
