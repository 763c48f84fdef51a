// y = x Wᵀ over packed panels. The including file sets the register tiles:
//   JK_DIRECT_ROWS            up to this many rows, x is read where it lies
//   JK_DIRECT_VECTORS(rows)   vectors of sixteen outputs in such a tile: 2 (a panel) or 4 (two panels)
//   JK_BLOCK_ROWS             rows of a tile over a copied block of x
//   JK_BLOCK_VECTORS          its vectors: 1 (half a panel) or 2
//   JK_HALF_CONVERSION        defined where the instruction set converts float16
//   JK_RELOAD_WEIGHTS         defined where registers are too few to keep a pair of bf16 weights
// No tile changes a bit: each accumulator is one output's fma chain over ascending k, and a chain cut between blocks
// of k goes on from the value stored in y.

/// Inputs of a copied block; even, so that pairs of inputs are never split.
#define JK_BLOCK_INPUTS 256
/// A block's row stride: not a multiple of 4 KiB, so that its rows fall into different cache sets.
#define JK_BLOCK_STRIDE (JK_BLOCK_INPUTS + JK_LANES)
/// Rows copied at once: the weights of a block are read once for all of them.
#define JK_COPIED_ROWS 64
/// Bytes of panels read directly up to which the next ones are fetched meanwhile.
#define JK_SHORT_PANELS (64 << 10)
/// Bounds a tile's array of accumulators, which the compiler keeps in registers.
#define JK_MOST_ROWS 14

typedef struct {
    const char *weights;
    /// Bytes from one panel to the next.
    size_t panel_bytes;
    const float *x;
    size_t inputs;
    float *y;
    size_t y_stride;
    /// Whether the chains go on from y.
    bool resume;
    /// Bytes to the panels that come next, or 0: fetched into the second-level cache meanwhile.
    size_t next_panel;
} tile;

JK_INLINE size_t bytes_of(jk_element element) { return element == jk_element_f32 ? 4 : 2; }

JK_INLINE f32x16 widen_f16(u16x16 half) {
#if defined(JK_HALF_CONVERSION)
    typedef _Float16 f16x16 __attribute__((ext_vector_type(16)));
    return __builtin_convertvector((f16x16)half, f32x16);
#else
    i32x16 bits = __builtin_convertvector(half, i32x16);
    f32x16 magnitude = from_bits((bits & 0x7fff) << 13) * 0x1p112f;  // exact, subnormals too
    i32x16 special = ((bits & 0x7c00) == 0x7c00) & 0x7f800000;
    return from_bits(bits_of(magnitude) | special | (bits & 0x8000) << 16);
#endif
}

/// Vector `vector` of the weights of input k + odd; `pair` points at the panel's inputs k and k + 1.
JK_INLINE f32x16 weight_vector(const jk_element element, const char *pair, size_t vector, const int odd) {
    if (element == jk_element_bf16) {
        i32x16 both;
        memcpy(&both, pair + vector * 64, sizeof both);
        return from_bits(odd ? both & (int32_t)0xffff0000 : both << 16);
    }
    const size_t bytes = bytes_of(element);
    const char *p = pair + (odd ? JK_PANEL_COLUMNS * bytes : 0) + vector * JK_LANES * bytes;
    if (element == jk_element_f32) return load((const float *)p);
    u16x16 half;
    memcpy(&half, p, sizeof half);
    return widen_f16(half);
}

/// One input: a fused multiply-add in every accumulator.
JK_INLINE void multiply_input(
    const tile *t, const jk_element element, const size_t rows, const size_t vectors, const size_t x_stride,
    const float *x, const char *pair, const int odd, f32x16 sums[JK_MOST_ROWS][4]) {
    f32x16 weights[4];
    JK_UNROLL for (size_t j = 0; j < vectors; j++)
        weights[j] = weight_vector(element, pair + (j / 2) * t->panel_bytes, j % 2, odd);
    JK_UNROLL for (size_t r = 0; r < rows; r++) {
        f32x16 input = splat(x[r * x_stride + odd]);
        JK_UNROLL for (size_t j = 0; j < vectors; j++) sums[r][j] = fma16(input, weights[j], sums[r][j]);
    }
}

/// A register tile of rows × (vectors · 16) outputs; the constants fold when it is inlined.
JK_INLINE void multiply_tile(
    const tile *t, const jk_element element, const size_t rows, const size_t vectors, const size_t x_stride,
    const bool fetch_next) {
    f32x16 sums[JK_MOST_ROWS][4];
    JK_UNROLL for (size_t r = 0; r < rows; r++) {
        JK_UNROLL for (size_t j = 0; j < vectors; j++)
            sums[r][j] = t->resume ? load(t->y + r * t->y_stride + j * JK_LANES) : splat(0);
    }
    const size_t pair_bytes = 2 * JK_PANEL_COLUMNS * bytes_of(element);
    const char *pair = t->weights;
    const float *x = t->x;
    size_t pairs = t->inputs / 2;
    for (; pairs > 0; pairs--, pair += pair_bytes, x += 2) {
        if (fetch_next) {
            JK_UNROLL for (size_t panel = 0; panel < (vectors + 1) / 2; panel++)
                JK_UNROLL for (size_t line = 0; line < pair_bytes; line += 64)
                    __builtin_prefetch(pair + t->next_panel + panel * t->panel_bytes + line, 0, 2);
        }
        multiply_input(t, element, rows, vectors, x_stride, x, pair, 0, sums);
#if defined(JK_RELOAD_WEIGHTS)
        // Forget the pair read for its first half: keeping it would spill the sums.
        if (rows > 1) __asm__ volatile("" ::: "memory");
#endif
        multiply_input(t, element, rows, vectors, x_stride, x, pair, 1, sums);
    }
    if (t->inputs % 2 != 0) multiply_input(t, element, rows, vectors, x_stride, x, pair, 0, sums);
    JK_UNROLL for (size_t r = 0; r < rows; r++) {
        JK_UNROLL for (size_t j = 0; j < vectors; j++)
            store(t->y + r * t->y_stride + j * JK_LANES, sums[r][j]);
    }
}
