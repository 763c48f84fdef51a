// The AVX-512 kernels, with vpdpbusd for int8, which multiplies four inputs at once and wants one side unsigned.

#if defined(__x86_64__)

#include <immintrin.h>

#pragma clang attribute push( \
    __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,avx2,fma,f16c"))), apply_to = function)

#define JK_TABLE jk_avx512vnni_kernels
#define JK_HALF_CONVERSION
#define JK_INT8_OFFSET 128
#define JK_INT8_DOT(sum, w, x) ((i32x16)_mm512_dpbusd_epi32((__m512i)(sum), (__m512i)(w), (__m512i)(x)))

#include "avx512_shape.h"
#include "../bodies/kernels_body.h"

#pragma clang attribute pop

#endif
