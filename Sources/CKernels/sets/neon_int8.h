// Multiplication of int8 weights on AArch64.

#include <arm_neon.h>

#include "../vector.h"

/// Adds to each lane the dot product of its four weights and four inputs; `dot` does so for four lanes.
JK_INLINE i32x16 add_int8_dots(
    i32x16 sums, i32x16 weights, i32x16 inputs, int32x4_t (*const dot)(int32x4_t, int8x16_t, int8x16_t)) {
    int32x4_t sum[4];
    int8x16_t w[4], x[4];
    memcpy(sum, &sums, sizeof sum);
    memcpy(w, &weights, sizeof w);
    memcpy(x, &inputs, sizeof x);
    JK_UNROLL for (size_t i = 0; i < 4; i++) sum[i] = dot(sum[i], w[i], x[i]);
    memcpy(&sums, sum, sizeof sum);
    return sums;
}
