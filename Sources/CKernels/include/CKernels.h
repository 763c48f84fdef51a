#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// The kernel contract.
//
// Every function here gives the same bits for every batch size, row position and split of the panels, and from every
// instruction set but `jk_isa_avx512bf16` (NaN payloads excepted). That holds because
//   - each reduction has one fixed shape, stated below, that depends on nothing but the reduction's own length;
//   - work is vectorised across outputs, never across the terms of a matrix product;
//   - every multiply-add is written out as a fused one (rounded once) or as two operations, never left to chance;
//   - exp, log, sin and cos are this project's polynomials; sqrt and division are exactly rounded by IEEE 754.
//
// "Sixteen-lane sum": lane i takes the elements whose index is i modulo 16 in ascending order, starting from zero;
// the lanes are then folded in halves: lane i + lane i+8, then i+4, i+2, i+1.
//
// Matrices are row-major. Pointers to floats need no alignment; panels need 64 bytes.

#define JK_CLOSED_ENUM __attribute__((enum_extensibility(closed)))

#pragma clang assume_nonnull begin

/// The instruction set a kernel runs on. Naming one the machine lacks is undefined: ask `jk_isa_supported` first.
typedef enum JK_CLOSED_ENUM jk_isa {
    jk_isa_portable,
    /// AVX2, FMA and F16C.
    jk_isa_avx2,
    /// AVX-512 F, BW, DQ and VL.
    jk_isa_avx512,
    /// AArch64 Advanced SIMD.
    jk_isa_neon,
    /// As `jk_isa_avx512`, but `jk_matmul` and `jk_gated_matmul` round x to bf16 where weights are bf16, and multiply
    /// pairs with vdpbf16ps. A row's bits still do not depend on the batch, but they differ from those of the contract
    /// above.
    jk_isa_avx512bf16,
} jk_isa;

/// Whether this machine and this build support `isa`.
bool jk_isa_supported(jk_isa isa);

/// Storage type of a weight.
typedef enum JK_CLOSED_ENUM jk_element {
    jk_element_f32,
    jk_element_bf16,
    jk_element_f16,
    /// An integer of -127 ... 127. Weights of an output within a block of inputs share a scale.
    jk_element_i8,
} jk_element;

/// Hints to the processor that this thread spins, waiting for another thread.
static inline void jk_relax(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

// ---------------------------------------------------------------------------------------------- weights

/// Outputs per panel.
#define JK_PANEL_COLUMNS 16

/// Inputs per block of int8 weights.
#define JK_INT8_INPUTS 64
/// A block whose numbers are all smaller than this is quantised to zeros.
#define JK_INT8_LEAST 0x1p-100f

/// A weight matrix [outputs, inputs] in panels of 16 outputs; the number of panels is even. Each panel is contiguous,
/// with the input k slowest. f32 and f16: [inputs][16]. bf16: [inputs / 2][16][2], so that a 32-bit lane holds the
/// weights of k and k + 1; an odd last input fills one more pair, whose second half is never read. i8: blocks of 64
/// inputs, each [16][16][4], so that a lane holds the weights of k ... k + 3, followed by their scales, f32 [16]; a
/// partial last block has only the groups of four that it needs.
typedef struct jk_panels {
    const void *base;
    size_t outputs;
    size_t inputs;
    jk_element element;
} jk_panels;

/// Bytes of the panels of a matrix [outputs, inputs].
size_t jk_panels_bytes(jk_element element, size_t outputs, size_t inputs);

/// Packs `count` rows [count, inputs] of a matrix of type `stored` (not i8) as outputs first ..< first + count of
/// `panels`, which must be zero elsewhere. `rows` needs no alignment. Weights are rounded to `element`, to nearest,
/// ties to even. For i8, each block of a row with numbers v of largest magnitude m becomes v · (127 / m), rounded
/// likewise, with the scale m / 127. Returns the index in `rows` of the first weight that is not finite, before or
/// after rounding; count · inputs if there is none.
size_t jk_pack_rows(
    jk_element stored, const void *rows, size_t inputs, size_t first, size_t count, jk_element element, void *panels);

/// out[i] = values[i] as f32 (exact). `values` needs no alignment, and is not i8.
void jk_widen(jk_element element, const void *values, float *out, size_t count);

/// Replaces `count` rows [count, inputs] of floats by the values they have once packed as `element`. Returns the same
/// as `jk_pack_rows`.
size_t jk_round_rows(jk_element element, float *rows, size_t inputs, size_t count);

/// y[r][n] = sum over k of x[r][k] · w[n][k] for r < rows and the outputs n of panels panel_begin ..< panel_end. Each
/// element is one fma chain over ascending k from zero. Rows of x are `x_stride` floats apart, rows of y `y_stride`. y
/// must not overlap x. Needs 80 KB of stack.
/// With i8 weights, the blocks of a row of x are quantised like those of the weights. The chain is then over ascending
/// blocks of s · (a · b), where s is the exact integer sum of products over k, and a and b are the scales of x and w. A
/// row with a number that is not finite gives NaN.
void jk_matmul(
    jk_isa isa, const jk_panels *weights, size_t panel_begin, size_t panel_end, const float *x, size_t x_stride,
    size_t rows, float *y, size_t y_stride);

/// The first half of a gated feed-forward network (SwiGLU, arXiv 2002.05202): out[r][i] = silu(g) · u for i < width. g
/// and u are the products of row r with outputs 32 · (i / 16) + i % 16 and 16 further on: panels of the gate and of the
/// up projection alternate. Both panel bounds must be even. Gives the bits of `jk_matmul` followed by
/// `jk_silu_multiply`. Needs 150 KB of stack.
void jk_gated_matmul(
    jk_isa isa, const jk_panels *weights, size_t panel_begin, size_t panel_end, const float *x, size_t x_stride,
    size_t rows, size_t width, float *out, size_t out_stride);

// ---------------------------------------------------------------------------------------------- rows

/// out[i] = x[i] rounded to bf16, to nearest, ties to even. In place allowed.
void jk_round_bf16(jk_isa isa, const float *x, float *out, size_t count);

/// out[i] = exp(x[i]), at most 0.9 ulp off; gradual underflow to 0, overflow to infinity. In place allowed.
void jk_exp(jk_isa isa, const float *x, float *out, size_t count);

/// out[i] = log(x[i]), at most 0.9 ulp off; -infinity at 0, NaN below. In place allowed.
void jk_log(jk_isa isa, const float *x, float *out, size_t count);

/// out[r][i] = (x[r][i] · s) · weight[i] with s = 1 / sqrt(q / width + epsilon), q = the sixteen-lane sum of squares
/// (each lane an fma chain). In place allowed.
void jk_rms_norm(
    jk_isa isa, const float *x, const float *weight, float *out, size_t rows, size_t width, float epsilon);

/// out[r][i] = (g / (1 + exp(-g))) · u with g = x[r][32 · (i / 16) + i % 16] and u 16 floats after it. x: [rows, 2 ·
/// width], width rounded up to a multiple of 16; rows are `x_stride` and `out_stride` floats apart.
void jk_silu_multiply(
    jk_isa isa, const float *x, size_t x_stride, float *out, size_t out_stride, size_t rows, size_t width);

/// x[i] = e[i] / s with e[i] = exp(x[i] - max x), s = the sixteen-lane sum of e. At least one x[i] must be finite.
void jk_softmax(jk_isa isa, float *x, size_t count);

/// Index of the largest x[i]; ties go to the lower index. A NaN is never the largest. 0 if every x[i] is NaN or
/// -infinity.
size_t jk_argmax(jk_isa isa, const float *x, size_t count);

/// max x + log(s), s as in `jk_softmax`; -infinity if every x[i] is.
float jk_log_sum_exp(jk_isa isa, const float *x, size_t count);

/// y[i] = y[i] + x[i].
void jk_add(jk_isa isa, const float *x, float *y, size_t count);

/// y[i] = fma(scale, x[i], y[i]).
void jk_add_scaled(jk_isa isa, const float *x, float scale, float *y, size_t count);

// ---------------------------------------------------------------------------------------------- attention

/// Rotates each head of x [heads, 2 · half] in place: with a = x[h][i], b = x[h][half + i],
/// x[h][i] = a · cosines[i] - b · sines[i] and x[h][half + i] = b · cosines[i] + a · sines[i], each operation
/// rounded.
void jk_rotate(
    jk_isa isa, float *x, const float *cosines, const float *sines, size_t heads, size_t half);

/// Positions per block of the paged cache.
#define JK_BLOCK_POSITIONS 16

/// Maximum number of query heads of one key-value head that are computed together.
#define JK_ATTEND_HEADS 4

/// One query token over its sequence's paged keys and values, positions first ..< count with first < count.
///
/// Position p lies in pool block blocks[p / 16]; keys: [block][kv_head][key_dimension][16],
/// values: [block][kv_head][16][value_dimension]; head h reads kv head h / (heads / kv_heads).
/// score[p] = (fma chain over ascending d of q[d] · key[p][d]) · scale; e[p] = exp(score[p] - max score);
/// s = the sixteen-lane sum of e, position p in lane p modulo 16;
/// out[d] = (fma chain over ascending p of e[p] · value[p][d]) / s.
/// So the bits depend on (first, count) and the numbers, never on where the blocks lie.
typedef struct jk_attention {
    /// [heads, key_dimension]
    const float *queries;
    const float *keys;
    const float *values;
    const int32_t *blocks;
    size_t first;
    size_t count;
    size_t heads;
    size_t kv_heads;
    /// The key-value heads to compute, with all query heads that read them.
    size_t kv_begin;
    size_t kv_end;
    size_t key_dimension;
    size_t value_dimension;
    float scale;
    /// Scratch of at least JK_ATTEND_HEADS · `count` floats, `count` rounded up to a multiple of 16.
    float *scores;
    /// [heads, value_dimension]
    float *out;
} jk_attention;

void jk_attend(jk_isa isa, const jk_attention *attention);

// ---------------------------------------------------------------------------------------------- limits

/// At least `count` multiply-adds of floats, at peak speed. The result is meaningless.
float jk_limit_multiply_add(jk_isa isa, size_t count);

/// Reads `count` floats from p on, as `streams` (at most 8) interleaved runs of equal length. The result is
/// meaningless.
float jk_limit_read(jk_isa isa, const float *p, size_t count, size_t streams);

// ---------------------------------------------------------------------------------------------- rotary tables

/// The rotary frequencies [dimension / 2], as Hugging Face computes them in f32: 1 / f32(theta ^ f32(2i / dimension)).
void jk_rotary_frequencies(double theta, size_t dimension, float *frequencies);

/// Cosines and sines [positions, count] of the rotary angles, as Hugging Face computes them in f32: angle =
/// f32(position) · frequency[i] rounded to f32, its cosine and sine rounded to f32, then multiplied by `amplitude`.
void jk_rotary_table(
    const float *frequencies, size_t count, float amplitude, size_t positions, float *cosines, float *sines);

/// e^x for |x| < 700, at most 1.5 ulp off.
double jk_exp_f64(double x);
/// The natural logarithm of a positive normal x, at most 1.5 ulp off.
double jk_log_f64(double x);
/// sin(x) for |x| <= 2^20, at most 3 ulp off.
double jk_sin_f64(double x);
/// cos(x) for |x| <= 2^20, at most 3 ulp off.
double jk_cos_f64(double x);

#pragma clang assume_nonnull end
