// The AVX-512 kernels, but bf16 weights meet activations rounded to bf16: 13 rows × 32 outputs fill 26 registers.

#if defined(__x86_64__)

#include <immintrin.h>

#pragma clang attribute push( \
    __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512bf16,avx512vnni,avx2,fma,f16c"))), apply_to = function)

#define JK_TABLE jk_avx512bf16_kernels
#define JK_HALF_CONVERSION
#define JK_DIRECT_ROWS 6
#define JK_DIRECT_PANELS(rows) 4
#define JK_SHORT_PANELS(rows) 4
#define JK_BLOCK_ROWS 13
#define JK_BLOCK_PANELS 2
#define JK_ATTEND_CHAINS 8
#define JK_LIMIT_CHAINS 12
#define JK_INT8_PANELS(rows) ((rows) == 1 ? 4 : 2)
#define JK_INT8_OFFSET 128
#define JK_INT8_DOT(sum, w, x) ((i32x16)_mm512_dpbusd_epi32((__m512i)(sum), (__m512i)(w), (__m512i)(x)))
#define JK_DOT(sum, x, w) ((f32x16)_mm512_dpbf16_ps((__m512)(sum), (__m512bh)(x), (__m512bh)(w)))

#include "kernels_body.h"

#pragma clang attribute pop

#endif
