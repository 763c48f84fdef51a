// The NEON kernels.

#if defined(__aarch64__)

#include "neon_int8.h"

JK_INLINE int32x4_t dot_of_products(int32x4_t sum, int8x16_t w, int8x16_t x) {
    const int16x8_t low = vmull_s8(vget_low_s8(w), vget_low_s8(x)), high = vmull_high_s8(w, x);
    return vaddq_s32(sum, vpaddq_s32(vpaddlq_s16(low), vpaddlq_s16(high)));
}

#define JK_TABLE jk_neon_kernels
#define JK_HALF_CONVERSION
#define JK_INT8_DOT(sum, w, x) add_int8_dots(sum, w, x, dot_of_products)

#include "neon_shape.h"
#include "../bodies/kernels_body.h"

#endif
