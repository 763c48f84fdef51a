// Prints a hash of what every kernel computes, one line for each instruction set this machine has. Machines agree
// where the hashes do. Scripts/check-neon runs it here and under an emulator of another machine.

#include "CKernels.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t random_state, hash;

static uint32_t next_bits(void) {
    random_state += 0x9e3779b97f4a7c15u;
    uint64_t z = random_state;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return (uint32_t)((z ^ (z >> 31)) >> 32);
}

/// Between -scale and scale.
static void fill(float *values, size_t count, float scale) {
    for (size_t i = 0; i < count; i++) values[i] = ((float)(next_bits() >> 8) / 8388608.0f - 1.0f) * scale;
}

static void add_to_hash(const float *values, size_t count) {
    for (size_t i = 0; i < count; i++) {
        uint32_t bits;
        memcpy(&bits, &values[i], sizeof bits);
        hash = (hash ^ bits) * 0x100000001b3u;
    }
}

static void matmul(jk_isa isa, jk_element element, size_t rows, size_t outputs, size_t inputs) {
    static _Alignas(64) char packed[1 << 20];
    static uint32_t weights[96 * 600];
    static float x[64 * 600], y[64 * 96], rounded[64 * 48];
    // int8 is made of floats, the others lie as they are.
    const jk_element stored = element == jk_element_i8 ? jk_element_f32 : element;
    for (size_t i = 0; i < outputs * inputs; i++) {
        // Ordinary numbers of either width: exponents near zero, any sign and fraction.
        if (stored == jk_element_f32) weights[i] = (next_bits() & 0x807fffffu) | (0x3d800000u + (next_bits() % 8 << 23));
        else ((uint16_t *)weights)[i] = (uint16_t)((next_bits() & 0x807fu) | (element == jk_element_bf16 ? 0x3d80u : 0x2c00u));
    }
    fill(x, rows * inputs, 1);
    memset(packed, 0, jk_panels_bytes(element, outputs, inputs));
    jk_pack_rows(stored, weights, inputs, 0, outputs, element, packed);
    const jk_panels panels = {packed, outputs, inputs, element};
    jk_matmul(isa, &panels, 0, (outputs + JK_PANEL_COLUMNS - 1) / JK_PANEL_COLUMNS, x, inputs, rows, y, outputs);
    add_to_hash(y, rows * outputs);
    const size_t pairs = outputs / (2 * JK_PANEL_COLUMNS), width = pairs * JK_PANEL_COLUMNS;
    jk_gated_matmul(isa, &panels, 0, 2 * pairs, x, inputs, rows, width, y, width);
    jk_round_bf16(isa, y, rounded, rows * width);
    add_to_hash(y, rows * width);
    add_to_hash(rounded, rows * width);
}

static void rows(jk_isa isa, size_t width) {
    float x[2 * 300], weight[300], out[2 * 300];
    fill(x, 2 * width, 8);
    fill(weight, width, 1);
    jk_rms_norm(isa, x, weight, out, 2, width, 1e-5f);
    add_to_hash(out, 2 * width);
    const size_t gated = width / 2 / 16 * 16;
    jk_silu_multiply(isa, x, 2 * gated, out, gated, 1, gated);
    add_to_hash(out, gated);
    const float largest = (float)jk_argmax(isa, x, width);
    add_to_hash(&largest, 1);
    jk_exp(isa, x, out, width);
    add_to_hash(out, width);
    jk_log(isa, out, out, width);
    add_to_hash(out, width);
    jk_add_scaled(isa, x, 0.3f, out, width);
    jk_add(isa, weight, out, width);
    add_to_hash(out, width);
    const float sum = jk_log_sum_exp(isa, x, width);
    add_to_hash(&sum, 1);
    jk_softmax(isa, x, width);
    add_to_hash(x, width);
}

static void attention(
    jk_isa isa, size_t heads, size_t kv_heads, size_t dimension, size_t value_dimension, size_t first, size_t count) {
    static float keys[16 * 2 * 112 * 16], values[16 * 2 * 112 * 16], scores[JK_ATTEND_HEADS * 256];
    float queries[14 * 112], out[14 * 112], frequencies[56], cosines[256 * 56], sines[256 * 56];
    int32_t blocks[16];
    for (int32_t i = 0; i < 16; i++) blocks[i] = (i * 7 + 3) % 16;
    fill(keys, sizeof keys / sizeof *keys, 1);
    fill(values, sizeof values / sizeof *values, 1);
    fill(queries, heads * dimension, 2);
    jk_rotary_frequencies(10000, dimension, frequencies);
    jk_rotary_table(frequencies, dimension / 2, 1, 256, cosines, sines);
    add_to_hash(cosines, 256 * dimension / 2);
    jk_rotate(isa, queries, cosines + 77 * dimension / 2, sines + 77 * dimension / 2, heads, dimension / 2);
    const jk_attention task = {queries, keys, values, blocks, first, count, heads, kv_heads, 0, kv_heads, dimension,
                               value_dimension, 0.25f, scores, out};
    jk_attend(isa, &task);
    add_to_hash(out, heads * value_dimension);
}

int main(void) {
    static const struct { jk_isa isa; const char *name; } sets[] = {
        {jk_isa_portable, "portable"}, {jk_isa_avx2, "avx2"}, {jk_isa_avx512, "avx512"}, {jk_isa_neon, "neon"}};
    for (size_t s = 0; s < sizeof sets / sizeof *sets; s++) {
        if (!jk_isa_supported(sets[s].isa)) continue;
        random_state = 1, hash = 0xcbf29ce484222325u;
        for (size_t m = 1; m <= 64; m++)
            for (int element = jk_element_f32; element <= jk_element_i8; element++)
                matmul(sets[s].isa, (jk_element)element, m, 1 + next_bits() % 96, 1 + next_bits() % 600);
        for (size_t width = 1; width <= 300; width += 13) rows(sets[s].isa, width);
        attention(sets[s].isa, 1, 1, 16, 16, 0, 1);
        attention(sets[s].isa, 6, 2, 32, 32, 5, 100);
        attention(sets[s].isa, 14, 2, 40, 40, 0, 65);
        attention(sets[s].isa, 5, 1, 112, 112, 31, 250);
        attention(sets[s].isa, 6, 2, 48, 32, 5, 100);
        attention(sets[s].isa, 4, 2, 24, 72, 0, 77);
        printf("%016llx %s\n", (unsigned long long)hash, sets[s].name);
    }
    return 0;
}
