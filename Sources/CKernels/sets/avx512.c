// The AVX-512 kernels.

#if defined(__x86_64__)

#include <immintrin.h>

#pragma clang attribute push( \
    __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx2,fma,f16c"))), apply_to = function)

#define JK_TABLE jk_avx512_kernels
#define JK_HALF_CONVERSION
#define JK_INT8_PAIRS(a, b) ((i32x16)_mm512_madd_epi16((__m512i)(a), (__m512i)(b)))

#include "avx512_shape.h"
#include "../bodies/kernels_body.h"

#pragma clang attribute pop

#endif
