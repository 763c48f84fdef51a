// Sixteen registers of eight floats: a tile of 6 rows × 16 outputs uses twelve.

#if defined(__x86_64__)

#include <immintrin.h>

#pragma clang attribute push(__attribute__((target("avx2,fma,f16c"))), apply_to = function)

#define JK_TABLE jk_avx2_kernels
#define JK_HALF_CONVERSION
#define JK_DIRECT_ROWS 6
#define JK_DIRECT_PANELS(rows) ((rows) == 1 ? 4 : (rows) == 2 ? 2 : 1)
#define JK_SHORT_PANELS(rows) ((rows) <= 2 ? 2 : 1)
#define JK_BLOCK_ROWS 6
#define JK_BLOCK_PANELS 1
#define JK_ATTEND_CHAINS 4
#define JK_LIMIT_CHAINS 6
#define JK_RELOAD_WEIGHTS
#define JK_INT8_PANELS(rows) ((rows) == 1 ? 4 : 1)
#define JK_INT8_PAIRS(a, b) \
    ((i32x16)__builtin_shufflevector( \
        _mm256_madd_epi16((__m256i)(a).lo, (__m256i)(b).lo), _mm256_madd_epi16((__m256i)(a).hi, (__m256i)(b).hi), \
        0, 1, 2, 3, 4, 5, 6, 7))

#include "../bodies/kernels_body.h"

#pragma clang attribute pop

#endif
