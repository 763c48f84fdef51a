// Sixteen registers of eight floats: 6 rows × 16 outputs fill twelve of them.

#if defined(__x86_64__)

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

#include "kernels_body.h"

#pragma clang attribute pop

#endif
