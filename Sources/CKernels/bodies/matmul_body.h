// y = x Wᵀ over packed panels. The including file sets the register tiles:
//   JK_DIRECT_ROWS            up to this many rows, x is read where it lies
//   JK_DIRECT_PANELS(rows)    panels of sixteen outputs that such a tile computes together
//   JK_SHORT_PANELS(rows)     the same where panels are short
//   JK_BLOCK_ROWS             rows of a tile over a copied block of x
//   JK_BLOCK_PANELS           its panels
//   JK_HALF_CONVERSION        defined where the instruction set converts float16
//   JK_RELOAD_WEIGHTS         defined where registers are too few to keep a pair of bf16 weights
// Tile shapes change no bit: each accumulator is one output's fma chain over ascending k, and a chain that is split
// between blocks of k continues from the value stored in y.
//
// Weights are read from memory once, in memory order. While a tile computes, it prefetches. The upcoming memory is
// divided among the tiles over the same weights. Otherwise memory would idle while all tiles but the first compute.

/// Inputs per copied block.
#define JK_BLOCK_INPUTS 256
/// Row stride of a block; not a multiple of 4 KiB, so that rows fall into different cache sets.
#define JK_BLOCK_STRIDE (JK_BLOCK_INPUTS + JK_LANES)
/// JK_DIRECT_PANELS panels of more bytes than this are long.
#define JK_LONG_PANELS (64 << 10)
/// Rows copied together: a block's weights are read once for all of them.
#define JK_COPIED_ROWS 64
/// Bounds of a tile's accumulator array, which the compiler keeps in registers.
#define JK_MOST_ROWS 14
#define JK_MOST_PANELS 4
/// Chains per output. Must be one, or the order of a sum would depend on the tile. The benchmark bench-modes defines
/// JK_TWO_CHAINS to measure what that costs.
#if defined(JK_TWO_CHAINS)
#define JK_CHAINS(rows) ((rows) <= 3 ? 2 : 1)
#else
#define JK_CHAINS(rows) 1
#endif

typedef struct {
    const char *weights;
    /// Bytes from one panel to the next.
    size_t panel_bytes;
    const void *x;
    size_t inputs;
    float *y;
    size_t y_stride;
    /// Whether the chains continue from y.
    bool resume;
    /// Where to prefetch each panel from, into the second-level cache, and the distance per pair of inputs.
    const char *ahead;
    size_t ahead_step;
} tile;

JK_INLINE size_t bytes_of(jk_element element) { return jk_element_bytes(element); }

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

/// A panel's weights of input k + odd; `pair` points to the panel's inputs k and k + 1.
JK_INLINE f32x16 weight_vector(const jk_element element, const char *pair, const int odd) {
    if (element == jk_element_bf16) {
        i32x16 both;
        memcpy(&both, pair, sizeof both);
        return from_bits(odd ? both & (int32_t)0xffff0000 : both << 16);
    }
    const char *p = pair + (odd ? JK_PANEL_COLUMNS * bytes_of(element) : 0);
    if (element == jk_element_f32) return load((const float *)p);
    u16x16 half;
    memcpy(&half, p, sizeof half);
    return widen_f16(half);
}

/// One input: a fused multiply-add for every accumulator.
JK_INLINE void multiply_input(
    const tile *t, const jk_element element, const size_t rows, const size_t panels, const size_t x_stride,
    const float *x, const char *pair, const int odd, f32x16 sums[JK_MOST_ROWS][JK_MOST_PANELS]) {
    f32x16 weights[JK_MOST_PANELS];
    JK_UNROLL for (size_t j = 0; j < panels; j++)
        weights[j] = weight_vector(element, pair + j * t->panel_bytes, odd);
    JK_UNROLL for (size_t r = 0; r < rows; r++) {
        f32x16 input = splat(x[r * x_stride + odd]);
        JK_UNROLL for (size_t j = 0; j < panels; j++) sums[r][j] = fma16(input, weights[j], sums[r][j]);
    }
}

/// A register tile of rows × (panels · 16) outputs; the constants fold when inlined.
JK_INLINE void multiply_tile(
    const tile *t, const jk_element element, const size_t rows, const size_t panels, const size_t x_stride,
    const bool fetch) {
    f32x16 chains[2][JK_MOST_ROWS][JK_MOST_PANELS];
    f32x16(*const sums)[JK_MOST_PANELS] = chains[0];
    JK_UNROLL for (size_t r = 0; r < rows; r++) {
        JK_UNROLL for (size_t j = 0; j < panels; j++) {
            sums[r][j] = t->resume ? load(t->y + r * t->y_stride + j * JK_LANES) : splat(0);
            if (JK_CHAINS(rows) > 1) chains[1][r][j] = splat(0);
        }
    }
    const size_t pair_bytes = 2 * JK_PANEL_COLUMNS * bytes_of(element);
    const char *pair = t->weights, *ahead = t->ahead;
    const size_t ahead_step = t->ahead_step;
    const float *x = t->x;
    for (size_t pairs = t->inputs / 2; pairs > 0; pairs--, pair += pair_bytes, x += 2, ahead += ahead_step) {
        JK_UNROLL for (size_t j = 0; j < (fetch ? (panels + 1) / 2 : 0); j++)
            JK_UNROLL for (size_t line = 0; line < pair_bytes; line += 64)
                __builtin_prefetch(ahead + j * t->panel_bytes + line, 0, 2);
        multiply_input(t, element, rows, panels, x_stride, x, pair, 0, sums);
#if defined(JK_RELOAD_WEIGHTS)
        // Reads the pair again for its second half: keeping it would spill accumulators.
        if (rows > 1) __asm__ volatile("" ::: "memory");
#endif
        multiply_input(t, element, rows, panels, x_stride, x, pair, 1, chains[JK_CHAINS(rows) - 1]);
    }
    if (t->inputs % 2 != 0) multiply_input(t, element, rows, panels, x_stride, x, pair, 0, sums);
    JK_UNROLL for (size_t r = 0; r < rows; r++) {
        JK_UNROLL for (size_t j = 0; j < panels; j++)
            store(
                t->y + r * t->y_stride + j * JK_LANES,
                JK_CHAINS(rows) > 1 ? sums[r][j] + chains[1][r][j] : sums[r][j]);
    }
}
