#pragma once

#include "include/CKernels.h"

/// The kernels of one instruction set, as described in CKernels.h.
typedef struct {
    void (*matmul)(
        const jk_panels *weights, size_t panel_begin, size_t panel_end, const float *x, size_t x_stride, size_t rows,
        float *y, size_t y_stride);
    void (*gated_matmul)(
        const jk_panels *weights, size_t panel_begin, size_t panel_end, const float *x, size_t x_stride, size_t rows,
        size_t width, float *out, size_t out_stride);
    void (*round_bf16)(const float *x, float *out, size_t count);
    void (*exp)(const float *x, float *out, size_t count);
    void (*log)(const float *x, float *out, size_t count);
    void (*rms_norm)(
        const float *x, const float *weight, float *out, size_t rows, size_t width, float epsilon);
    void (*silu_multiply)(
        const float *x, size_t x_stride, float *out, size_t out_stride, size_t rows, size_t width);
    void (*softmax)(float *x, size_t count);
    size_t (*argmax)(const float *x, size_t count);
    float (*log_sum_exp)(const float *x, size_t count);
    void (*add)(const float *x, float *y, size_t count);
    void (*add_scaled)(const float *x, float scale, float *y, size_t count);
    void (*rotate)(float *x, const float *cosines, const float *sines, size_t heads, size_t half);
    void (*attend)(const jk_attention *attention);
    float (*limit_multiply_add)(size_t count);
    float (*limit_read)(const float *p, size_t count, size_t streams);
} jk_kernel_table;

extern const jk_kernel_table jk_portable_kernels;
#if defined(__x86_64__)
extern const jk_kernel_table jk_avx2_kernels;
extern const jk_kernel_table jk_avx512_kernels;
/// The same bits as the previous set, faster, on processors with vpdpbusd.
extern const jk_kernel_table jk_avx512vnni_kernels;
extern const jk_kernel_table jk_avx512bf16_kernels;
#endif
#if defined(__aarch64__)
extern const jk_kernel_table jk_neon_kernels;
/// The same bits as the previous set, faster, on processors with sdot.
extern const jk_kernel_table jk_neon_dot_kernels;
#endif
