// Packs weights into panels, in stretches of sixteen rows, so that source and destination stay in the cache.

#include "panel_layout.h"

#include <string.h>

#pragma STDC FP_CONTRACT OFF

/// Inputs per stretch: even, and one block of int8.
#define STRETCH JK_INT8_INPUTS

/// A row's stored inputs. The last stretch may have fewer.
typedef struct {
    union {
        uint32_t words[STRETCH];
        uint16_t halves[STRETCH];
        int8_t integers[STRETCH];
    };
    /// Of int8.
    float scale;
} stretch;

size_t jk_panels_bytes(jk_element element, size_t outputs, size_t inputs) {
    // An even number, for kernels that compute two together.
    const size_t panels = (outputs + 2 * JK_PANEL_COLUMNS - 1) / (2 * JK_PANEL_COLUMNS) * 2;
    return panels * jk_panel_bytes(element, inputs);
}

static float float_of(uint32_t bits) {
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static uint32_t bits_of(float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

/// Exact: moves the magnitude's bits to f32's place and scales by the difference of the exponent biases.
static float widen_f16(uint16_t half) {
    const uint32_t magnitude = bits_of(float_of((uint32_t)(half & 0x7fff) << 13) * 0x1p112f);
    const uint32_t special = (half & 0x7c00) == 0x7c00 ? 0x7f800000 : 0;
    return float_of(magnitude | special | (uint32_t)(half & 0x8000) << 16);
}

void jk_widen(jk_element element, const void *values, float *out, size_t count) {
    const uint16_t *halves = values;
    uint16_t half;
    switch (element) {
    case jk_element_f32: memcpy(out, values, count * sizeof(float)); break;
    case jk_element_bf16:
        for (size_t i = 0; i < count; i++) {
            memcpy(&half, halves + i, sizeof half);
            out[i] = float_of((uint32_t)half << 16);
        }
        break;
    case jk_element_f16:
        for (size_t i = 0; i < count; i++) {
            memcpy(&half, halves + i, sizeof half);
            out[i] = widen_f16(half);
        }
        break;
    case jk_element_i8: __builtin_trap();
    }
}

/// To nearest, ties to even. NaN becomes infinity.
static uint16_t narrow_bf16(float value) {
    const uint32_t bits = bits_of(value);
    const uint32_t rounded = (bits + (0x7fff + (bits >> 16 & 1))) >> 16;
    return (uint16_t)((bits & 0x7fffffff) >= 0x7f800000 ? 0x7f80 : rounded);
}

/// To nearest, ties to even. NaN becomes infinity.
static uint16_t narrow_f16(float value) {
    const uint32_t bits = bits_of(value), magnitude = bits & 0x7fffffff;
    // Below the least normal number, adding 0.5 shifts and rounds the fraction.
    const uint32_t subnormal = bits_of(float_of(magnitude) + 0.5f) - bits_of(0.5f);
    const uint32_t normal = (magnitude - 0x38000000 + 0xfff + (magnitude >> 13 & 1)) >> 13;
    const uint32_t half = magnitude < 0x38800000 ? subnormal : normal;
    return (uint16_t)((magnitude >= 0x47800000 ? 0x7c00 : half) | (bits >> 16 & 0x8000));
}

static void narrow_i8(const float *values, stretch *out) {
    uint32_t largest = 0;
    for (size_t i = 0; i < STRETCH; i++) {
        const uint32_t magnitude = bits_of(values[i]) & 0x7fffffff;
        largest = largest > magnitude ? largest : magnitude;
    }
    const jk_int8_scale scale = jk_int8_scale_of(largest);
    out->scale = scale.scale;
    if (scale.is_zero) memset(out->integers, 0, sizeof out->integers);
    // Adding 1.5 · 2²³ to a small number rounds it to an integer in the lowest bits.
    else for (size_t i = 0; i < STRETCH; i++)
        out->integers[i] = (int8_t)(bits_of(values[i] * scale.inverse + 0x1.8p23f) & 0xff);
}

/// Index of the first stored weight that is not finite; STRETCH if there is none.
static size_t first_unsuitable(jk_element element, const stretch *s) {
    uint32_t found = 0;
    size_t first = 0;
    if (element == jk_element_f32) {
        for (size_t i = 0; i < STRETCH; i++) found |= (s->words[i] & 0x7f800000) == 0x7f800000;
        if (found) while ((s->words[first] & 0x7f800000) != 0x7f800000) first++;
    } else {
        const uint16_t infinite = element == jk_element_bf16 ? 0x7f80 : 0x7c00;
        for (size_t i = 0; i < STRETCH; i++) found |= (s->halves[i] & infinite) == infinite;
        if (found) while ((s->halves[first] & infinite) != infinite) first++;
    }
    return found ? first : STRETCH;
}

/// Rounds `values` to `element`. Returns the index of the first that is then not finite; STRETCH if there is none.
static size_t narrow(jk_element element, const float *values, stretch *out) {
    switch (element) {
    case jk_element_f32: memcpy(out->words, values, sizeof out->words); break;
    case jk_element_bf16:
        for (size_t i = 0; i < STRETCH; i++) out->halves[i] = narrow_bf16(values[i]);
        break;
    case jk_element_f16:
        for (size_t i = 0; i < STRETCH; i++) out->halves[i] = narrow_f16(values[i]);
        break;
    case jk_element_i8:
        narrow_i8(values, out);
        if (out->scale == out->scale) return STRETCH;
        for (size_t i = 0; i < STRETCH; i++) if (!__builtin_isfinite(values[i])) return i;
    }
    return first_unsuitable(element, out);
}

/// Converts `width` weights of `stored` from `row` to a stretch of `element`. Returns the index of the first that is
/// then not finite; STRETCH if there is none.
static size_t take(jk_element stored, const char *row, size_t width, jk_element element, stretch *out) {
    if (stored == element) {
        if (width < STRETCH) memset(out, 0, sizeof *out);
        memcpy(out->words, row, width * jk_element_bytes(element));
        return first_unsuitable(element, out);
    }
    float values[STRETCH] = {0};
    jk_widen(stored, row, values, width);
    return narrow(element, values, out);
}

/// Writes the stretches of `count` outputs to their place in the panel; the first is the panel's output `column`.
static void write(
    jk_element element, const stretch *rows, size_t count, size_t column, size_t inputs, char *place) {
    if (element == jk_element_f16) {
        uint16_t *halves = (uint16_t *)place + column;
        for (size_t k = 0; k < inputs; k++, halves += JK_PANEL_COLUMNS)
            for (size_t r = 0; r < count; r++) halves[r] = rows[r].halves[k];
        return;
    }
    // A lane holds one, two or four weights.
    uint32_t *lanes = (uint32_t *)place + column;
    const size_t each = sizeof *lanes / jk_element_bytes(element);
    for (size_t k = 0; k * each < inputs; k++, lanes += JK_PANEL_COLUMNS)
        for (size_t r = 0; r < count; r++) lanes[r] = rows[r].words[k];
    if (element == jk_element_i8)
        for (size_t r = 0; r < count; r++) lanes[r] = bits_of(rows[r].scale);
}

size_t jk_pack_rows(
    jk_element stored, const void *rows, size_t inputs, size_t first, size_t count, jk_element element, void *panels) {
    const size_t size = jk_element_bytes(stored), end = first + count;
    size_t unsuitable = count * inputs;
    for (size_t output = first, together; output < end; output += together) {
        const size_t column = output % JK_PANEL_COLUMNS;
        together = JK_PANEL_COLUMNS - column < end - output ? JK_PANEL_COLUMNS - column : end - output;
        char *panel = (char *)panels + output / JK_PANEL_COLUMNS * jk_panel_bytes(element, inputs);
        for (size_t k = 0; k < inputs; k += STRETCH) {
            const size_t width = inputs - k < STRETCH ? inputs - k : STRETCH;
            stretch stretches[JK_PANEL_COLUMNS];
            for (size_t r = 0; r < together; r++) {
                const size_t place = (output - first + r) * inputs + k;
                const size_t at = take(stored, (const char *)rows + place * size, width, element, &stretches[r]);
                if (at < STRETCH && place + at < unsuitable) unsuitable = place + at;
            }
            write(element, stretches, together, column, width, panel + jk_panel_bytes(element, k));
        }
    }
    return unsuitable;
}

static float worth(jk_element element, const stretch *s, size_t i) {
    switch (element) {
    case jk_element_f32: return float_of(s->words[i]);
    case jk_element_bf16: return float_of((uint32_t)s->halves[i] << 16);
    case jk_element_f16: return widen_f16(s->halves[i]);
    case jk_element_i8: return (float)s->integers[i] * s->scale;
    }
    __builtin_unreachable();
}

size_t jk_round_rows(jk_element element, float *rows, size_t inputs, size_t count) {
    size_t unsuitable = count * inputs;
    for (size_t place = 0, row_end = inputs; place < count * inputs;) {
        const size_t width = row_end - place < STRETCH ? row_end - place : STRETCH;
        float values[STRETCH] = {0};
        memcpy(values, rows + place, width * sizeof *values);
        stretch rounded;
        const size_t at = narrow(element, values, &rounded);
        if (at < STRETCH && place + at < unsuitable) unsuitable = place + at;
        for (size_t i = 0; i < width; i++) rows[place + i] = worth(element, &rounded, i);
        place += width;
        if (place == row_end) row_end += inputs;
    }
    return unsuitable;
}
