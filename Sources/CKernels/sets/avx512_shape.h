// Thirty-two registers of sixteen floats: a tile of 13 rows × 32 outputs uses 26 and leaves some to widen bf16.

#define JK_DIRECT_ROWS 6
#define JK_DIRECT_PANELS(rows) 4
#define JK_SHORT_PANELS(rows) 4
#define JK_BLOCK_ROWS 13
#define JK_BLOCK_PANELS 2
#define JK_ATTEND_CHAINS 8
#define JK_LIMIT_CHAINS 12
#define JK_INT8_PANELS(rows) ((rows) == 1 ? 4 : 2)
