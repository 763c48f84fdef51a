#include "include/CKernels.h"

#include <string.h>

static size_t bytes_of(jk_element element) { return element == jk_element_f32 ? 4 : 2; }

size_t jk_panels_bytes(jk_element element, size_t outputs, size_t inputs) {
    // An even number, for the kernels that compute two together.
    const size_t panels = (outputs + 2 * JK_PANEL_COLUMNS - 1) / (2 * JK_PANEL_COLUMNS) * 2;
    return panels * JK_PANEL_COLUMNS * (inputs + inputs % 2) * bytes_of(element);
}

void jk_pack_rows(jk_element element, const void *rows, size_t inputs, size_t first, size_t count, void *panels) {
    const size_t bytes = bytes_of(element);
    const size_t panel_bytes = JK_PANEL_COLUMNS * (inputs + inputs % 2) * bytes;
    const char *source = rows;
    for (size_t output = first; output < first + count; output++, source += inputs * bytes) {
        const size_t column = output % JK_PANEL_COLUMNS;
        char *panel = (char *)panels + output / JK_PANEL_COLUMNS * panel_bytes;
        for (size_t k = 0; k < inputs; k++) {
            const size_t place = element == jk_element_bf16 ? (k / 2 * JK_PANEL_COLUMNS + column) * 2 + k % 2
                                                            : k * JK_PANEL_COLUMNS + column;
            if (bytes == 4) memcpy(panel + place * 4, source + k * 4, 4);
            else memcpy(panel + place * 2, source + k * 2, 2);
        }
    }
}

/// Exact: the magnitude's bits moved to f32's place and scaled by the difference of the exponent biases.
static float widen_f16(uint16_t half) {
    const uint32_t magnitude = (uint32_t)(half & 0x7fff) << 13;
    float value;
    memcpy(&value, &magnitude, sizeof value);
    value *= 0x1p112f;
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    if ((half & 0x7c00) == 0x7c00) bits |= 0x7f800000;
    bits |= (uint32_t)(half & 0x8000) << 16;
    memcpy(&value, &bits, sizeof value);
    return value;
}

void jk_widen(jk_element element, const void *values, float *out, size_t count) {
    if (element == jk_element_f32) {
        memcpy(out, values, count * sizeof(float));
        return;
    }
    for (size_t i = 0; i < count; i++) {
        uint16_t half;
        memcpy(&half, (const char *)values + i * sizeof half, sizeof half);
        if (element == jk_element_f16) {
            out[i] = widen_f16(half);
        } else {
            const uint32_t bits = (uint32_t)half << 16;
            memcpy(out + i, &bits, sizeof bits);
        }
    }
}
