// All kernel bodies, compiled once for each instruction set. The same source gives the same bits.

#include "../kernel_table.h"
#include "../vector.h"

#include "exponential_body.h"

#include "attention_body.h"
#include "matmul_body.h"
#include "matmul_driver.h"
#include "rows_body.h"

#include "gated_body.h"

#include "limits_body.h"

const jk_kernel_table JK_TABLE = {
    .matmul = matmul,
    .gated_matmul = gated_matmul,
    .round_bf16 = round_bf16,
    .exp = exp_all,
    .log = log_all,
    .rms_norm = rms_norm,
    .silu_multiply = silu_multiply,
    .softmax = softmax,
    .argmax = argmax,
    .log_sum_exp = log_sum_exp,
    .add = add,
    .add_scaled = add_scaled,
    .rotate = rotate,
    .attend = attend,
    .limit_multiply_add = limit_multiply_add,
    .limit_read = limit_read,
};
