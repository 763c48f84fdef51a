// The NEON kernels, with sdot for int8, which multiplies four inputs at once.

#if defined(__aarch64__)

#include <arm_neon.h>

#pragma clang attribute push(__attribute__((target("dotprod"))), apply_to = function)

#include "neon_int8.h"

JK_INLINE int32x4_t dot_at_once(int32x4_t sum, int8x16_t w, int8x16_t x) { return vdotq_s32(sum, w, x); }

#define JK_TABLE jk_neon_dot_kernels
#define JK_HALF_CONVERSION
#define JK_INT8_DOT(sum, w, x) add_int8_dots(sum, w, x, dot_at_once)

#include "neon_shape.h"
#include "../bodies/kernels_body.h"

#pragma clang attribute pop

#endif
