// The first half of a gated feed-forward network. The products of gate and up panels stay in the cache.

#define JK_GATED_ROWS 64
/// Panels per round, gate and up together.
#define JK_GATED_PANELS 16

static void gated_matmul(
    const jk_panels *weights, size_t panel_begin, size_t panel_end, const float *x, size_t x_stride, size_t rows,
    size_t width, float *out, size_t out_stride) {
    _Alignas(64) float products[JK_GATED_ROWS * JK_GATED_PANELS * JK_PANEL_COLUMNS];
    const size_t columns = JK_GATED_PANELS * JK_PANEL_COLUMNS;
    const size_t chunks = (rows + JK_GATED_ROWS - 1) / JK_GATED_ROWS;
    for (size_t chunk = 0, row = 0; chunk < chunks; chunk++) {
        const size_t height = (rows - row) / (chunks - chunk);
        for (size_t panel = panel_begin; panel < panel_end; panel += JK_GATED_PANELS) {
            const size_t end = panel_end - panel < JK_GATED_PANELS ? panel_end - panel : JK_GATED_PANELS;
            const jk_panels part = panels_from(weights, panel);
            matmul(&part, 0, end, x + row * x_stride, x_stride, height, products, columns);
            const size_t first = panel / 2 * JK_PANEL_COLUMNS, count = end / 2 * JK_PANEL_COLUMNS;
            silu_multiply(
                products, columns, out + row * out_stride + first, out_stride, height,
                width - first < count ? width - first : count);
        }
        row += height;
    }
}
