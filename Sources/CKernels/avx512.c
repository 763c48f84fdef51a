// Thirty-two registers of sixteen floats: 13 rows × 32 outputs fill 26 of them and leave room to widen bf16.

#if defined(__x86_64__)

#include <immintrin.h>

#pragma clang attribute push( \
    __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx2,fma,f16c"))), apply_to = function)

#define JK_TABLE jk_avx512_kernels
#define JK_HALF_CONVERSION
#define JK_DIRECT_ROWS 6
#define JK_DIRECT_PANELS(rows) 4
#define JK_SHORT_PANELS(rows) 4
#define JK_BLOCK_ROWS 13
#define JK_BLOCK_PANELS 2
#define JK_ATTEND_CHAINS 8
#define JK_LIMIT_CHAINS 12
#define JK_INT8_PANELS(rows) ((rows) == 1 ? 4 : 2)
#define JK_INT8_PAIRS(a, b) ((i32x16)_mm512_madd_epi16((__m512i)(a), (__m512i)(b)))

#include "kernels_body.h"

#pragma clang attribute pop

#endif
