// Cuts a matrix product into the register tiles of matmul_body.h.

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

// Every shape the driver can ask for is at most JK_BLOCK_ROWS high and at least half of it, or read directly.
_Static_assert(2 * (JK_DIRECT_ROWS + 1) >= JK_BLOCK_ROWS, "some heights would have no tile");
_Static_assert(JK_BLOCK_ROWS <= JK_MOST_ROWS && JK_DIRECT_ROWS <= JK_MOST_ROWS, "accumulators");
#define JK_EACH_ROWS(f) f(1) f(2) f(3) f(4) f(5) f(6) f(7) f(8) f(9) f(10) f(11) f(12) f(13) f(14)

/// The tile of panel `panel` from row `row` and input `input` (even) on, `inputs` long.
JK_INLINE tile tile_at(
    const product *m, const jk_element element, size_t panel, size_t row, size_t input, size_t inputs) {
    const size_t input_bytes = JK_PANEL_COLUMNS * bytes_of(element);
    const size_t panel_bytes = (m->weights->inputs + m->weights->inputs % 2) * input_bytes;
    return (tile){
        .weights = (const char *)m->weights->base + panel * panel_bytes + input * input_bytes,
        .panel_bytes = panel_bytes,
        .x = m->x + row * m->x_stride + input,
        .inputs = inputs,
        .y = m->y + row * m->y_stride + panel * JK_PANEL_COLUMNS,
        .y_stride = m->y_stride,
        .resume = input > 0,
    };
}

/// Tiles write whole panels: a last panel that is not full goes through `JK_COPIED_ROWS` padded rows.
typedef float padded_rows[JK_COPIED_ROWS][JK_PANEL_COLUMNS];

JK_INLINE void copy_rows(
    const float *from, size_t from_stride, float *to, size_t to_stride, size_t rows, size_t width) {
    for (size_t r = 0; r < rows; r++) memcpy(to + r * to_stride, from + r * from_stride, width * sizeof(float));
}

/// Outputs of panel `panel` that exist.
JK_INLINE size_t outputs_of(const jk_panels *weights, size_t panel) {
    const size_t left = weights->outputs - panel * JK_PANEL_COLUMNS;
    return left < JK_PANEL_COLUMNS ? left : JK_PANEL_COLUMNS;
}

/// `rows` (a constant) rows of x, read where they lie.
JK_INLINE void multiply_direct(const product *m, const jk_element element, const size_t rows) {
    const size_t inputs = m->weights->inputs;
    const size_t vectors = JK_DIRECT_VECTORS(rows), panels = vectors / 2;
    size_t panel = m->panel_begin;
    while (panel < m->panel_end) {
        tile t = tile_at(m, element, panel, 0, 0, inputs);
        if (panel + panels <= m->panel_end && (panel + panels) * JK_PANEL_COLUMNS <= m->weights->outputs) {
            t.next_panel = panels * t.panel_bytes;
            // What is short ends before the processor has seen that it is a stream: fetch what comes behind it.
            if (t.next_panel <= JK_SHORT_PANELS) multiply_tile(&t, element, rows, vectors, m->x_stride, true);
            else multiply_tile(&t, element, rows, vectors, m->x_stride, false);
            panel += panels;
            continue;
        }
        padded_rows padded;
        t.y = padded[0];
        t.y_stride = JK_PANEL_COLUMNS;
        multiply_tile(&t, element, rows, 2, m->x_stride, false);
        copy_rows(
            padded[0], JK_PANEL_COLUMNS, m->y + panel * JK_PANEL_COLUMNS, m->y_stride, rows,
            outputs_of(m->weights, panel));
        panel++;
    }
}

typedef void (*tile_function)(const tile *t, size_t rows);

/// One panel's inputs of `t` over `rows` rows copied to `block`, in tiles of nearly equal height.
JK_INLINE void multiply_block(
    tile t, size_t vector_bytes, const float *block, size_t rows, tile_function multiply) {
    const size_t tiles = (rows + JK_BLOCK_ROWS - 1) / JK_BLOCK_ROWS;
    for (size_t i = 0, row = 0; i < tiles; i++) {
        const size_t height = (rows - row) / (tiles - i);
        for (size_t vector = 0; vector < 2; vector += JK_BLOCK_VECTORS) {
            tile part = t;
            part.weights += vector * vector_bytes;
            part.x = block + row * JK_BLOCK_STRIDE;
            part.y += row * t.y_stride + vector * JK_LANES;
            multiply(&part, height);
        }
        row += height;
    }
}

/// As `multiply_block`, for a last panel that is not full.
static __attribute__((noinline)) void multiply_padded_block(
    tile t, size_t vector_bytes, const float *block, size_t rows, size_t outputs, tile_function multiply) {
    padded_rows padded = {0};
    float *y = t.y;
    const size_t y_stride = t.y_stride;
    if (t.resume) copy_rows(y, y_stride, padded[0], JK_PANEL_COLUMNS, rows, outputs);
    t.y = padded[0];
    t.y_stride = JK_PANEL_COLUMNS;
    multiply_block(t, vector_bytes, block, rows, multiply);
    copy_rows(padded[0], JK_PANEL_COLUMNS, y, y_stride, rows, outputs);
}

JK_INLINE void multiply_blocks(const product *m, const jk_element element, tile_function multiply) {
    _Alignas(64) float block[JK_COPIED_ROWS * JK_BLOCK_STRIDE];
    const size_t all = m->weights->inputs;
    const size_t vector_bytes = element == jk_element_f16 ? 32 : 64;
    const size_t chunks = (m->rows + JK_COPIED_ROWS - 1) / JK_COPIED_ROWS;
    for (size_t chunk = 0, row = 0; chunk < chunks; chunk++) {
        const size_t rows = (m->rows - row) / (chunks - chunk);
        for (size_t input = 0; input < all; input += JK_BLOCK_INPUTS) {
            const size_t inputs = all - input < JK_BLOCK_INPUTS ? all - input : JK_BLOCK_INPUTS;
            copy_rows(m->x + row * m->x_stride + input, m->x_stride, block, JK_BLOCK_STRIDE, rows, inputs);
            for (size_t panel = m->panel_begin; panel < m->panel_end; panel++) {
                const size_t outputs = outputs_of(m->weights, panel);
                tile t = tile_at(m, element, panel, row, input, inputs);
                t.next_panel = panel + 1 < m->panel_end ? t.panel_bytes : 0;
                if (outputs == JK_PANEL_COLUMNS) multiply_block(t, vector_bytes, block, rows, multiply);
                else multiply_padded_block(t, vector_bytes, block, rows, outputs, multiply);
            }
        }
        row += rows;
    }
}

#define JK_DIRECT_CASE(r) \
    case r: \
        if (r <= JK_DIRECT_ROWS) multiply_direct(m, JK_ELEMENT, r); \
        break;
#define JK_BLOCK_CASE(r) \
    case r: \
        if (r <= JK_BLOCK_ROWS && 2 * r >= JK_BLOCK_ROWS) \
            multiply_tile(t, JK_ELEMENT, r, JK_BLOCK_VECTORS, JK_BLOCK_STRIDE, true); \
        break;

#define JK_DEFINE_MATMUL(suffix) \
    static void direct_##suffix(const product *m) { \
        switch (m->rows) { JK_EACH_ROWS(JK_DIRECT_CASE) } \
    } \
    static void tile_##suffix(const tile *t, size_t rows) { \
        switch (rows) { JK_EACH_ROWS(JK_BLOCK_CASE) } \
    } \
    static void matmul_##suffix(const product *m) { \
        if (m->rows <= JK_DIRECT_ROWS) direct_##suffix(m); \
        else multiply_blocks(m, JK_ELEMENT, tile_##suffix); \
    }

#define JK_ELEMENT jk_element_f32
JK_DEFINE_MATMUL(f32)
#undef JK_ELEMENT
#define JK_ELEMENT jk_element_bf16
JK_DEFINE_MATMUL(bf16)
#undef JK_ELEMENT
#define JK_ELEMENT jk_element_f16
JK_DEFINE_MATMUL(f16)
#undef JK_ELEMENT

static void matmul(
    const jk_panels *weights, size_t panel_begin, size_t panel_end, const float *x, size_t x_stride, size_t rows,
    float *y, size_t y_stride) {
    const product m = {weights, panel_begin, panel_end, x, x_stride, rows, y, y_stride};
    switch (weights->element) {
    case jk_element_f32: matmul_f32(&m); break;
    case jk_element_bf16: matmul_bf16(&m); break;
    case jk_element_f16: matmul_f16(&m); break;
    }
}
