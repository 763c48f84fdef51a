// The architecture's baseline. Without a fused multiply-add instruction, the compiler calls fmaf, which also rounds
// once.

#define JK_TABLE jk_portable_kernels
#define JK_DIRECT_ROWS 1
#define JK_DIRECT_PANELS(rows) 2
#define JK_SHORT_PANELS(rows) 2
#define JK_BLOCK_ROWS 2
#define JK_BLOCK_PANELS 1
#define JK_ATTEND_CHAINS 2
#define JK_LIMIT_CHAINS 2
#define JK_INT8_PANELS(rows) 1

#include "../bodies/kernels_body.h"
