// Thirty-two registers of four floats: a tile of 6 rows × 16 outputs uses 24.

#define JK_DIRECT_ROWS 3
#define JK_DIRECT_PANELS(rows) 2
#define JK_SHORT_PANELS(rows) 2
#define JK_BLOCK_ROWS 6
#define JK_BLOCK_PANELS 1
#define JK_ATTEND_CHAINS 4
#define JK_LIMIT_CHAINS 6
#define JK_INT8_PANELS(rows) 1
