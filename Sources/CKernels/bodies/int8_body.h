// y = x Wᵀ for int8 weights. Rows of x are quantised as weights are: in blocks of JK_INT8_INPUTS inputs that share a scale.
// The sum over a block is one of integers, hence exact in any order and on any instruction set; only the sums of blocks are
// a chain of roundings. The including file may set
//   JK_INT8_DOT(sum, w, x)    adds to each lane the dot product of its four weights with four inputs
//   JK_INT8_OFFSET            128 where that takes weights as unsigned: what is then added to each, by turning its highest bit
//   JK_INT8_PAIRS(a, b)       else: the dot product of each lane's two 16-bit halves
//   JK_INT8_PANELS(rows)      panels that a tile of few rows computes together

/// Inputs per copied block of x, and per block for few rows. The latter is long, so that weights are read in memory
/// order.
#define JK_INT8_COPIED 256
#define JK_INT8_COPIED_FEW 2048

/// One block of a row's inputs, quantised.
typedef struct {
#if defined(JK_INT8_DOT)
    /// Four inputs per lane.
    int32_t values[JK_INT8_INPUTS / JK_INT8_GROUP];
#else
    /// Inputs k and k + 2 as 16-bit halves, then k + 1 and k + 3.
    int32_t values[JK_INT8_INPUTS / JK_INT8_GROUP][2];
#endif
    float scale;
    /// Start value of a sum, which compensates for JK_INT8_OFFSET.
    int32_t start;
} quantised;

#if !defined(JK_INT8_DOT) && !defined(JK_INT8_PAIRS)
#define JK_INT8_PAIRS(a, b) (((a) << 16 >> 16) * ((b) << 16 >> 16) + ((a) >> 16) * ((b) >> 16))
#endif

JK_INLINE int32_t fold_max_bits(i32x16 v) {
    typedef int32_t i32x8 __attribute__((ext_vector_type(8)));
    typedef int32_t i32x4 __attribute__((ext_vector_type(4)));
    i32x8 a = __builtin_elementwise_max(v.lo, v.hi);
    i32x4 b = __builtin_elementwise_max(a.lo, a.hi);
    int32_t even = b.x > b.z ? b.x : b.z, odd = b.y > b.w ? b.y : b.w;
    return even > odd ? even : odd;
}

/// Multiplies sixteen inputs by `inverse`, rounds to nearest (ties to even) and stores them from group `group` on.
/// Returns their sum.
JK_INLINE i32x16 store_quantised(f32x16 x, f32x16 inverse, quantised *out, size_t group) {
    // Adding 1.5 · 2²³ to a small number rounds it to an integer in the lowest bits.
    const i32x16 q = bits_of(x * inverse + 0x1.8p23f) - bits_of(splat(0x1.8p23f));
#if defined(JK_INT8_DOT)
    typedef int8_t i8x16 __attribute__((ext_vector_type(16)));
    const i8x16 narrow = __builtin_convertvector(q, i8x16);
#else
    typedef int32_t i32x8 __attribute__((ext_vector_type(8)));
    const i32x8 low = __builtin_shufflevector(q, q, 0, 1, 4, 5, 8, 9, 12, 13);
    const i32x8 high = __builtin_shufflevector(q, q, 2, 3, 6, 7, 10, 11, 14, 15);
    const i32x8 narrow = (low & 0xffff) | high << 16;
#endif
    memcpy(&out->values[group], &narrow, sizeof narrow);
    return q;
}

/// Quantises `count` (at most JK_INT8_INPUTS) inputs; see `jk_pack_rows`.
JK_INLINE void quantise(const float *x, size_t count, quantised *out) {
    f32x16 inputs[JK_INT8_INPUTS / JK_LANES];
    i32x16 largest = (i32x16)0;
    JK_UNROLL for (size_t i = 0; i < JK_INT8_INPUTS / JK_LANES; i++) {
        const size_t done = i * JK_LANES;
        inputs[i] = count <= done ? splat(0) : load_up_to(x + done, count - done, 0);
        largest = __builtin_elementwise_max(largest, bits_of(inputs[i]) & 0x7fffffff);
    }
    const jk_int8_scale scale = jk_int8_scale_of((uint32_t)fold_max_bits(largest));
    out->scale = scale.scale;
    i32x16 sum = (i32x16)0;
    JK_UNROLL for (size_t i = 0; i < JK_INT8_INPUTS / JK_LANES; i++) {
        if (!scale.is_zero) sum += store_quantised(inputs[i], splat(scale.inverse), out, i * (JK_LANES / JK_INT8_GROUP));
    }
    if (scale.is_zero) memset(out->values, 0, sizeof out->values);
    out->start = 0;
#if defined(JK_INT8_OFFSET)
    out->start = -JK_INT8_OFFSET * __builtin_reduce_add(sum);
#else
    (void)sum;
#endif
}

JK_INLINE void quantise_rows(
    const product *m, size_t row, size_t rows, size_t first, size_t count, quantised *block, const size_t stride) {
    for (size_t r = 0; r < rows; r++) {
        const float *x = m->x + (row + r) * m->x_stride + first;
        for (size_t k = 0; k < count; k += JK_INT8_INPUTS)
            quantise(x + k, count - k < JK_INT8_INPUTS ? count - k : JK_INT8_INPUTS, block + r * stride + k / JK_INT8_INPUTS);
    }
}

static void quantise_block(const product *m, size_t row, size_t rows, size_t first, size_t count, void *block) {
    quantise_rows(m, row, rows, first, count, block, JK_INT8_COPIED / JK_INT8_INPUTS);
}

static void quantise_few(const product *m, size_t row, size_t rows, size_t first, size_t count, void *block) {
    quantise_rows(m, row, rows, first, count, block, JK_INT8_COPIED_FEW / JK_INT8_INPUTS);
}

JK_INLINE i32x16 int8_weights(const char *p) {
    i32x16 weights;
    memcpy(&weights, p, sizeof weights);
    return weights;
}

/// Four inputs: adds their products with the weights at `weights` to every accumulator.
JK_INLINE void multiply_group(
    const tile *t, const quantised *x, const size_t stride, const char *weights, const size_t group, const size_t rows,
    const size_t panels, i32x16 sums[JK_MOST_ROWS][JK_MOST_PANELS]) {
#if defined(JK_INT8_DOT)
    i32x16 w[JK_MOST_PANELS];
    JK_UNROLL for (size_t j = 0; j < panels; j++) {
        w[j] = int8_weights(weights + j * t->panel_bytes);
#if defined(JK_INT8_OFFSET)
        w[j] ^= (int32_t)(0x01010101u * JK_INT8_OFFSET);
#endif
    }
    JK_UNROLL for (size_t r = 0; r < rows; r++) {
        const i32x16 input = (i32x16)x[r * stride].values[group];
        JK_UNROLL for (size_t j = 0; j < panels; j++) sums[r][j] = JK_INT8_DOT(sums[r][j], w[j], input);
    }
#else
    // Weights as 16-bit halves, times 256: the even ones by a shift, the odd ones by a mask.
    typedef uint16_t u16x32 __attribute__((ext_vector_type(32)));
    JK_UNROLL for (size_t odd = 0; odd < 2; odd++) {
        i32x16 w[JK_MOST_PANELS];
        JK_UNROLL for (size_t j = 0; j < panels; j++) {
            const i32x16 both = int8_weights(weights + j * t->panel_bytes);
            w[j] = odd ? both & (int32_t)0xff00ff00 : (i32x16)((u16x32)both << 8);
        }
        JK_UNROLL for (size_t r = 0; r < rows; r++) {
            const i32x16 input = (i32x16)x[r * stride].values[group][odd];
            JK_UNROLL for (size_t j = 0; j < panels; j++) sums[r][j] += JK_INT8_PAIRS(input, w[j]);
        }
    }
#endif
}

/// A register tile of rows × (panels · 16) outputs over blocks of x `stride` to a row.
JK_INLINE void multiply_int8(
    const tile *t, const size_t stride, const size_t rows, const size_t panels, const bool fetch) {
    f32x16 totals[JK_MOST_ROWS][JK_MOST_PANELS];
    JK_UNROLL for (size_t r = 0; r < rows; r++) {
        JK_UNROLL for (size_t j = 0; j < panels; j++)
            totals[r][j] = t->resume ? load(t->y + r * t->y_stride + j * JK_LANES) : splat(0);
    }
    const quantised *x = t->x;
    const char *weights = t->weights, *ahead = t->ahead;
    for (size_t left = t->inputs; left > 0; x++) {
        const size_t inputs = left < JK_INT8_INPUTS ? left : JK_INT8_INPUTS;
        const size_t groups = jk_int8_groups(inputs);
        i32x16 sums[JK_MOST_ROWS][JK_MOST_PANELS];
        JK_UNROLL for (size_t r = 0; r < rows; r++) {
            JK_UNROLL for (size_t j = 0; j < panels; j++) sums[r][j] = (i32x16)x[r * stride].start;
        }
        for (size_t group = 0; group < groups; group++, weights += 64, ahead += 2 * t->ahead_step) {
            if (fetch) {
                JK_UNROLL for (size_t j = 0; j < panels; j++) __builtin_prefetch(ahead + j * t->panel_bytes, 0, 2);
            }
            multiply_group(t, x, stride, weights, group, rows, panels, sums);
        }
        JK_UNROLL for (size_t j = 0; j < panels; j++) {
            const f32x16 scales = load((const float *)(weights + j * t->panel_bytes));
            JK_UNROLL for (size_t r = 0; r < rows; r++) {
#if !defined(JK_INT8_DOT)
                sums[r][j] >>= 8;
#endif
                totals[r][j] = fma16(
                    __builtin_convertvector(sums[r][j], f32x16), splat(x[r * stride].scale) * scales, totals[r][j]);
            }
        }
        weights += JK_PANEL_COLUMNS * sizeof(float);
        left -= inputs;
    }
    JK_UNROLL for (size_t r = 0; r < rows; r++) {
        JK_UNROLL for (size_t j = 0; j < panels; j++) store(t->y + r * t->y_stride + j * JK_LANES, totals[r][j]);
    }
}

#define JK_INT8_CASE(r) \
    case r: \
        if (r <= JK_BLOCK_ROWS && 2 * r >= JK_BLOCK_ROWS) \
            multiply_int8(t, JK_INT8_COPIED / JK_INT8_INPUTS, r, JK_BLOCK_PANELS, true); \
        break;
#define JK_INT8_FEW_CASE(r) \
    case r: \
        if (r > JK_BLOCK_ROWS) break; \
        if (panels > JK_BLOCK_PANELS) \
            multiply_int8(t, JK_INT8_COPIED_FEW / JK_INT8_INPUTS, r, JK_INT8_PANELS(r), false); \
        else multiply_int8(t, JK_INT8_COPIED_FEW / JK_INT8_INPUTS, r, JK_BLOCK_PANELS, true); \
        break;

static void int8_tile(const tile *t, size_t rows, size_t panels) {
    (void)panels;
    switch (rows) { JK_EACH_ROWS(JK_INT8_CASE) }
}

static void int8_few_tile(const tile *t, size_t rows, size_t panels) {
    switch (rows) { JK_EACH_ROWS(JK_INT8_FEW_CASE) }
}

#define JK_INT8_MANY_BLOCKS (JK_COPIED_ROWS * (JK_INT8_COPIED / JK_INT8_INPUTS))
#define JK_INT8_FEW_BLOCKS (JK_BLOCK_ROWS * (JK_INT8_COPIED_FEW / JK_INT8_INPUTS))

static void matmul_i8(const product *m) {
    quantised block[JK_INT8_MANY_BLOCKS > JK_INT8_FEW_BLOCKS ? JK_INT8_MANY_BLOCKS : JK_INT8_FEW_BLOCKS];
    const size_t row = sizeof(quantised);
    if (m->rows <= JK_BLOCK_ROWS) {
        const size_t panels = JK_INT8_PANELS(m->rows) > JK_BLOCK_PANELS ? JK_INT8_PANELS(m->rows) : JK_BLOCK_PANELS;
        const block_kind few = {
            JK_INT8_COPIED_FEW, JK_INT8_COPIED_FEW / JK_INT8_INPUTS * row, panels, quantise_few, int8_few_tile};
        multiply_blocks(m, jk_element_i8, &few, (char *)block);
    } else {
        const block_kind many = {
            JK_INT8_COPIED, JK_INT8_COPIED / JK_INT8_INPUTS * row, JK_BLOCK_PANELS, quantise_block, int8_tile};
        multiply_blocks(m, jk_element_i8, &many, (char *)block);
    }
}
