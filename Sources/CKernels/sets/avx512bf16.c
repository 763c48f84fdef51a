// The AVX-512 kernels, with activations rounded to bf16 where weights are bf16.

#if defined(__x86_64__)

#include <immintrin.h>

#pragma clang attribute push( \
    __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512bf16,avx512vnni,avx2,fma,f16c"))), apply_to = function)

#define JK_TABLE jk_avx512bf16_kernels
#define JK_HALF_CONVERSION
#define JK_INT8_OFFSET 128
#define JK_INT8_DOT(sum, w, x) ((i32x16)_mm512_dpbusd_epi32((__m512i)(sum), (__m512i)(w), (__m512i)(x)))
#define JK_DOT(sum, x, w) ((f32x16)_mm512_dpbf16_ps((__m512)(sum), (__m512bh)(x), (__m512bh)(w)))

#include "avx512_shape.h"
#include "../bodies/kernels_body.h"

#pragma clang attribute pop

#endif
