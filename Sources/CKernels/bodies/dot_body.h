// y = x Wᵀ with both sides in bf16. JK_DOT(sum, x, w) adds the products of two pairs of bf16 to each lane of `sum`,
// with the instruction's rounding. A sum is one chain over ascending pairs of inputs, so rows do not depend on the
// batch.

/// Up to this many rows, blocks of x are long, so that weights are read in memory order.
#define JK_DOT_FEW_ROWS 8
#define JK_DOT_FEW_PAIRS 1024
#define JK_DOT_PAIRS 128
/// Pairs of inputs between rows of a block; not a multiple of 4 KiB.
#define JK_DOT_STRIDE(pairs) ((pairs) + JK_LANES)

/// Rows of x rounded to bf16, two inputs per lane. The second half of an odd last pair is 0.
JK_INLINE void pair_rows(
    const product *m, size_t row, size_t rows, size_t first, size_t count, char *block, const size_t stride) {
    for (size_t r = 0; r < rows; r++) {
        const float *x = m->x + (row + r) * m->x_stride + first;
        char *out = block + r * stride * sizeof(int32_t);
        for (size_t i = 0; i < count; i += JK_LANES) {
            const u16x16 half = narrow_bf16(load_up_to(x + i, count - i, 0));
            memcpy(out + i * sizeof(uint16_t), &half, sizeof half);
        }
    }
}

static void pair_block(const product *m, size_t row, size_t rows, size_t first, size_t count, void *block) {
    pair_rows(m, row, rows, first, count, block, JK_DOT_STRIDE(JK_DOT_PAIRS));
}

static void pair_few(const product *m, size_t row, size_t rows, size_t first, size_t count, void *block) {
    pair_rows(m, row, rows, first, count, block, JK_DOT_STRIDE(JK_DOT_FEW_PAIRS));
}

/// A register tile of rows × (JK_BLOCK_PANELS · 16) outputs.
JK_INLINE void multiply_dots(const tile *t, const size_t stride, const size_t rows) {
    f32x16 sums[JK_MOST_ROWS][JK_BLOCK_PANELS];
    JK_UNROLL for (size_t r = 0; r < rows; r++) {
        JK_UNROLL for (size_t j = 0; j < JK_BLOCK_PANELS; j++)
            sums[r][j] = t->resume ? load(t->y + r * t->y_stride + j * JK_LANES) : splat(0);
    }
    const int32_t *x = t->x;
    const char *pair = t->weights, *ahead = t->ahead;
    for (size_t pairs = (t->inputs + 1) / 2; pairs > 0; pairs--, pair += 64, x++, ahead += t->ahead_step) {
        i32x16 weights[JK_BLOCK_PANELS];
        JK_UNROLL for (size_t j = 0; j < JK_BLOCK_PANELS; j++) {
            __builtin_prefetch(ahead + j * t->panel_bytes, 0, 2);
            memcpy(&weights[j], pair + j * t->panel_bytes, sizeof weights[j]);
        }
        JK_UNROLL for (size_t r = 0; r < rows; r++) {
            const i32x16 input = (i32x16)x[r * stride];
            JK_UNROLL for (size_t j = 0; j < JK_BLOCK_PANELS; j++)
                sums[r][j] = JK_DOT(sums[r][j], input, weights[j]);
        }
    }
    JK_UNROLL for (size_t r = 0; r < rows; r++) {
        JK_UNROLL for (size_t j = 0; j < JK_BLOCK_PANELS; j++)
            store(t->y + r * t->y_stride + j * JK_LANES, sums[r][j]);
    }
}

#define JK_DOT_CASE(r) \
    case r: \
        if (r <= JK_BLOCK_ROWS) multiply_dots(t, JK_DOT_STRIDE(JK_DOT_PAIRS), r); \
        break;
#define JK_DOT_FEW_CASE(r) \
    case r: \
        if (r <= JK_DOT_FEW_ROWS) multiply_dots(t, JK_DOT_STRIDE(JK_DOT_FEW_PAIRS), r); \
        break;

static void dot_tile(const tile *t, size_t rows, size_t panels) {
    (void)panels;
    switch (rows) { JK_EACH_ROWS(JK_DOT_CASE) }
}

static void dot_few_tile(const tile *t, size_t rows, size_t panels) {
    (void)panels;
    switch (rows) { JK_EACH_ROWS(JK_DOT_FEW_CASE) }
}

static void matmul_bf16(const product *m) {
    _Alignas(64) int32_t block[JK_COPIED_ROWS * JK_DOT_STRIDE(JK_DOT_PAIRS)];
    _Static_assert(JK_DOT_FEW_ROWS * JK_DOT_STRIDE(JK_DOT_FEW_PAIRS) <= sizeof block / sizeof *block, "block");
    const block_kind few = {
        2 * JK_DOT_FEW_PAIRS, JK_DOT_STRIDE(JK_DOT_FEW_PAIRS) * sizeof(int32_t), JK_BLOCK_PANELS, pair_few,
        dot_few_tile};
    const block_kind many = {
        2 * JK_DOT_PAIRS, JK_DOT_STRIDE(JK_DOT_PAIRS) * sizeof(int32_t), JK_BLOCK_PANELS, pair_block, dot_tile};
    multiply_blocks(m, jk_element_bf16, m->rows <= JK_DOT_FEW_ROWS ? &few : &many, (char *)block);
}
