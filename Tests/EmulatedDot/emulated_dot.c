#include "EmulatedDot.h"

#define JK_TABLE emulated_dot_kernels
#define JK_INT8_OFFSET 128
#define JK_INT8_DOT(sum, w, x) \
    ((sum) + ((w) & 0xff) * ((x) << 24 >> 24) + ((w) >> 8 & 0xff) * ((x) << 16 >> 24) \
        + ((w) >> 16 & 0xff) * ((x) << 8 >> 24) + ((w) >> 24 & 0xff) * ((x) >> 24))
#define JK_DOT(sum, x, w) \
    fma16(from_bits((x) & (int32_t)0xffff0000), from_bits((w) & (int32_t)0xffff0000), \
        fma16(from_bits((x) << 16), from_bits((w) << 16), sum))

#include "sets/avx512_shape.h"
#include "bodies/kernels_body.h"

void emulated_dot_matmul(
    const jk_panels *weights, size_t panel_begin, size_t panel_end, const float *x, size_t x_stride, size_t rows, float *y,
    size_t y_stride) {
    emulated_dot_kernels.matmul(weights, panel_begin, panel_end, x, x_stride, rows, y, y_stride);
}
