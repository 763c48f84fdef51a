// Divides a matrix product into the register tiles of matmul_body.h, dot_body.h and int8_body.h.

typedef struct {
    const jk_panels *weights;
    size_t panel_begin;
    size_t panel_end;
    const float *x;
    size_t x_stride;
    size_t rows;
    float *y;
    size_t y_stride;
} product;

// Every tile shape that the driver uses has JK_BLOCK_ROWS rows at most and half of that at least, or is read directly.
_Static_assert(2 * (JK_DIRECT_ROWS + 1) >= JK_BLOCK_ROWS, "some heights would have no tile");
_Static_assert(JK_BLOCK_ROWS <= JK_MOST_ROWS && JK_DIRECT_ROWS <= JK_MOST_ROWS, "accumulators");
#define JK_EACH_ROWS(f) f(1) f(2) f(3) f(4) f(5) f(6) f(7) f(8) f(9) f(10) f(11) f(12) f(13) f(14)

JK_INLINE size_t panel_bytes_of(const jk_panels *weights) {
    return jk_panel_bytes(weights->element, weights->inputs);
}

/// The outputs of `weights` from panel `panel` on.
JK_INLINE jk_panels panels_from(const jk_panels *weights, size_t panel) {
    return (jk_panels){
        .base = (const char *)weights->base + panel * panel_bytes_of(weights),
        .outputs = weights->outputs - panel * JK_PANEL_COLUMNS,
        .inputs = weights->inputs,
        .element = weights->element,
    };
}

/// The tile from panel `panel`, row `row` and input `input` (even, or the first of a block) on, with `inputs` inputs.
JK_INLINE tile tile_at(
    const product *m, const jk_element element, size_t panel, size_t row, size_t input, size_t inputs) {
    const size_t panel_bytes = panel_bytes_of(m->weights);
    const char *weights = (const char *)m->weights->base + panel * panel_bytes + jk_panel_bytes(element, input);
    return (tile){
        .weights = weights,
        .panel_bytes = panel_bytes,
        .x = m->x + row * m->x_stride + input,
        .inputs = inputs,
        .y = m->y + row * m->y_stride + panel * JK_PANEL_COLUMNS,
        .y_stride = m->y_stride,
        .resume = input > 0,
        .ahead = weights,
    };
}

/// Prefetches the panels after the tile's `panels`.
JK_INLINE void fetch_ahead(tile *t, const jk_element element, const size_t panels) {
    t->ahead = t->weights + panels * t->panel_bytes;
    t->ahead_step = 2 * JK_PANEL_COLUMNS * bytes_of(element);
}

/// Tiles write whole panels. A partial last panel goes through `JK_COPIED_ROWS` padded rows.
typedef float padded_rows[JK_COPIED_ROWS][JK_PANEL_COLUMNS];

JK_INLINE void copy_rows(
    const float *from, size_t from_stride, float *to, size_t to_stride, size_t rows, size_t width) {
    for (size_t r = 0; r < rows; r++) memcpy(to + r * to_stride, from + r * from_stride, width * sizeof(float));
}

/// Number of existing outputs in panel `panel`.
JK_INLINE size_t outputs_of(const jk_panels *weights, size_t panel) {
    const size_t left = weights->outputs - panel * JK_PANEL_COLUMNS;
    return left < JK_PANEL_COLUMNS ? left : JK_PANEL_COLUMNS;
}

/// `rows` rows of x, read in place, and `panels` panels together (both constants).
JK_INLINE void multiply_direct(
    const product *m, const jk_element element, const size_t rows, const size_t panels, const bool fetch) {
    const size_t inputs = m->weights->inputs;
    size_t panel = m->panel_begin;
    while (panel < m->panel_end) {
        tile t = tile_at(m, element, panel, 0, 0, inputs);
        if (panel + panels <= m->panel_end && (panel + panels) * JK_PANEL_COLUMNS <= m->weights->outputs) {
            fetch_ahead(&t, element, panels);
            multiply_tile(&t, element, rows, panels, m->x_stride, fetch);
            panel += panels;
            continue;
        }
        padded_rows padded;
        t.y = padded[0];
        t.y_stride = JK_PANEL_COLUMNS;
        multiply_tile(&t, element, rows, 1, m->x_stride, false);
        copy_rows(
            padded[0], JK_PANEL_COLUMNS, m->y + panel * JK_PANEL_COLUMNS, m->y_stride, rows,
            outputs_of(m->weights, panel));
        panel++;
    }
}

/// More chains per output leave registers for fewer outputs.
#define JK_CHAINED_PANELS(rows, panels) ((panels) > JK_CHAINS(rows) ? (panels) / JK_CHAINS(rows) : 1)

JK_INLINE void multiply_few(const product *m, const jk_element element, const size_t rows) {
    const size_t panels = JK_CHAINED_PANELS(rows, JK_DIRECT_PANELS(rows));
    const size_t short_panels = JK_CHAINED_PANELS(rows, JK_SHORT_PANELS(rows));
    // The hardware prefetcher recognises long panels as streams; more streams are faster.
    if (panels > 1 && JK_DIRECT_PANELS(rows) * panel_bytes_of(m->weights) > JK_LONG_PANELS)
        multiply_direct(m, element, rows, panels, false);
    else multiply_direct(m, element, rows, short_panels, true);
}

/// How rows of x are copied to a block, and multiplied there.
typedef struct {
    /// Inputs per block; even, so that pairs of inputs are never split.
    size_t inputs;
    /// Bytes between rows of a block.
    size_t row_bytes;
    /// Panels per tile, at least JK_BLOCK_PANELS; JK_BLOCK_PANELS at the end of a product.
    size_t panels;
    /// Copies inputs first ..< first + count of `rows` rows from row `row` on.
    void (*copy)(const product *m, size_t row, size_t rows, size_t first, size_t count, void *block);
    /// Multiplies a tile whose x is in a block.
    void (*multiply)(const tile *t, size_t rows, size_t panels);
} block_kind;

/// `panels` panels' inputs of `t` over the `rows` rows of `block`, in tiles of nearly equal height.
JK_INLINE void multiply_block(tile t, const block_kind *kind, const char *block, size_t rows, size_t panels) {
    const size_t tiles = (rows + JK_BLOCK_ROWS - 1) / JK_BLOCK_ROWS;
    const size_t share = t.ahead_step / tiles;
    for (size_t i = 0, row = 0; i < tiles; i++) {
        const size_t height = (rows - row) / (tiles - i);
        tile part = t;
        part.x = block + row * kind->row_bytes;
        part.y += row * t.y_stride;
        part.ahead += i * share * (t.inputs / 2);
        part.ahead_step = share;
        kind->multiply(&part, height, panels);
        row += height;
    }
}

#define JK_BLOCK_COLUMNS (JK_BLOCK_PANELS * JK_PANEL_COLUMNS)

/// As `multiply_block`, for panels of which the last is partial.
static __attribute__((noinline)) void multiply_padded_block(
    tile t, const block_kind *kind, const char *block, size_t rows, size_t outputs) {
    float padded[JK_COPIED_ROWS][JK_BLOCK_COLUMNS] = {0};
    float *y = t.y;
    const size_t y_stride = t.y_stride;
    if (t.resume) copy_rows(y, y_stride, padded[0], JK_BLOCK_COLUMNS, rows, outputs);
    t.y = padded[0];
    t.y_stride = JK_BLOCK_COLUMNS;
    multiply_block(t, kind, block, rows, JK_BLOCK_PANELS);
    copy_rows(padded[0], JK_BLOCK_COLUMNS, y, y_stride, rows, outputs);
}

/// `block` holds JK_COPIED_ROWS rows, or all rows of a smaller product.
JK_INLINE void multiply_blocks(const product *m, const jk_element element, const block_kind *kind, char *block) {
    const size_t all = m->weights->inputs;
    const size_t chunks = (m->rows + JK_COPIED_ROWS - 1) / JK_COPIED_ROWS;
    const size_t end = m->panel_end * JK_PANEL_COLUMNS;
    const size_t outputs_end = end < m->weights->outputs ? end : m->weights->outputs;
    for (size_t chunk = 0, row = 0; chunk < chunks; chunk++) {
        const size_t rows = (m->rows - row) / (chunks - chunk);
        for (size_t input = 0; input < all; input += kind->inputs) {
            const size_t inputs = all - input < kind->inputs ? all - input : kind->inputs;
            kind->copy(m, row, rows, input, inputs, block);
            for (size_t panel = m->panel_begin, panels; panel < m->panel_end; panel += panels) {
                tile t = tile_at(m, element, panel, row, input, inputs);
                const size_t outputs = outputs_end - panel * JK_PANEL_COLUMNS;
                panels = outputs < kind->panels * JK_PANEL_COLUMNS ? JK_BLOCK_PANELS : kind->panels;
                fetch_ahead(&t, element, panels);
                if (outputs >= panels * JK_PANEL_COLUMNS) multiply_block(t, kind, block, rows, panels);
                else multiply_padded_block(t, kind, block, rows, outputs);
            }
        }
        row += rows;
    }
}

static void copy_block(const product *m, size_t row, size_t rows, size_t first, size_t count, void *block) {
    copy_rows(m->x + row * m->x_stride + first, m->x_stride, block, JK_BLOCK_STRIDE, rows, count);
}

#define JK_DIRECT_CASE(r) \
    case r: \
        if (r <= JK_DIRECT_ROWS) multiply_few(m, JK_ELEMENT, r); \
        break;
#define JK_BLOCK_CASE(r) \
    case r: \
        if (r <= JK_BLOCK_ROWS && 2 * r >= JK_BLOCK_ROWS) \
            multiply_tile(t, JK_ELEMENT, r, JK_BLOCK_PANELS, JK_BLOCK_STRIDE, true); \
        break;

#define JK_DEFINE_MATMUL(suffix) \
    static void direct_##suffix(const product *m) { \
        switch (m->rows) { JK_EACH_ROWS(JK_DIRECT_CASE) } \
    } \
    static void tile_##suffix(const tile *t, size_t rows, size_t panels) { \
        (void)panels; \
        switch (rows) { JK_EACH_ROWS(JK_BLOCK_CASE) } \
    } \
    static void matmul_##suffix(const product *m) { \
        if (m->rows <= JK_DIRECT_ROWS) { \
            direct_##suffix(m); \
            return; \
        } \
        _Alignas(64) float block[JK_COPIED_ROWS * JK_BLOCK_STRIDE]; \
        const block_kind kind = { \
            JK_BLOCK_INPUTS, JK_BLOCK_STRIDE * sizeof(float), JK_BLOCK_PANELS, copy_block, tile_##suffix}; \
        multiply_blocks(m, JK_ELEMENT, &kind, (char *)block); \
    }

#define JK_ELEMENT jk_element_f32
JK_DEFINE_MATMUL(f32)
#undef JK_ELEMENT
#define JK_ELEMENT jk_element_bf16
#if defined(JK_DOT)
#include "dot_body.h"
#else
JK_DEFINE_MATMUL(bf16)
#endif
#undef JK_ELEMENT
#define JK_ELEMENT jk_element_f16
JK_DEFINE_MATMUL(f16)
#undef JK_ELEMENT
#include "int8_body.h"

static void matmul(
    const jk_panels *weights, size_t panel_begin, size_t panel_end, const float *x, size_t x_stride, size_t rows,
    float *y, size_t y_stride) {
    const product m = {weights, panel_begin, panel_end, x, x_stride, rows, y, y_stride};
    switch (weights->element) {
    case jk_element_f32: matmul_f32(&m); break;
    case jk_element_bf16: matmul_bf16(&m); break;
    case jk_element_f16: matmul_f16(&m); break;
    case jk_element_i8: matmul_i8(&m); break;
    }
}
