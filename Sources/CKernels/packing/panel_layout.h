#pragma once

#include "../include/CKernels.h"

// Layout of a panel, and scaling of int8; see `jk_panels`.

/// Inputs per 32-bit lane of int8 weights.
#define JK_INT8_GROUP 4
/// Bytes of a full block of int8 weights: the weights of 16 outputs, then their scales.
#define JK_INT8_BLOCK_BYTES (JK_PANEL_COLUMNS * (JK_INT8_INPUTS + sizeof(float)))

/// Groups of int8 weights needed for `inputs` inputs.
static inline size_t jk_int8_groups(size_t inputs) { return (inputs + JK_INT8_GROUP - 1) / JK_INT8_GROUP; }

/// Bytes per stored weight.
static inline size_t jk_element_bytes(jk_element element) {
    switch (element) {
    case jk_element_f32: return 4;
    case jk_element_i8: return 1;
    default: return 2;
    }
}

/// Bytes of a panel's first `inputs` inputs: of the whole panel, or an offset if `inputs` is even (for int8, a multiple
/// of the block).
static inline size_t jk_panel_bytes(jk_element element, size_t inputs) {
    if (element != jk_element_i8)
        return (inputs + inputs % 2) * JK_PANEL_COLUMNS * jk_element_bytes(element);
    const size_t rest = inputs % JK_INT8_INPUTS;
    return inputs / JK_INT8_INPUTS * JK_INT8_BLOCK_BYTES
        + (rest == 0 ? 0 : JK_PANEL_COLUMNS * (jk_int8_groups(rest) * JK_INT8_GROUP + sizeof(float)));
}

/// Factors between numbers and integers, for a block whose largest number has the magnitude bits `largest`.
typedef struct {
    float inverse;
    float scale;
    /// Whether all integers are 0: if the largest number is negligible, or if one is not finite, which makes the scale
    /// NaN.
    bool is_zero;
} jk_int8_scale;

static inline jk_int8_scale jk_int8_scale_of(uint32_t largest) {
    if (largest >= 0x7f800000) return (jk_int8_scale){0, __builtin_nanf(""), true};
    float magnitude;
    __builtin_memcpy(&magnitude, &largest, sizeof magnitude);
    if (magnitude < JK_INT8_LEAST) return (jk_int8_scale){0, 0, true};
    return (jk_int8_scale){127.0f / magnitude, magnitude / 127.0f, false};
}
