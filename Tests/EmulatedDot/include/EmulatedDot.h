#pragma once

#include "CKernels.h"

#pragma clang assume_nonnull begin

/// `jk_matmul` of `jk_isa_avx512bf16`, with an emulated vdpbf16ps that rounds after each product: what it should give is
/// then what the other sets give of x rounded to bf16. Int8 weights meet an emulated vpdpbusd, which is exact.
void emulated_dot_matmul(
    const jk_panels *weights, size_t panel_begin, size_t panel_end, const float *x, size_t x_stride, size_t rows, float *y,
    size_t y_stride);

#pragma clang assume_nonnull end
