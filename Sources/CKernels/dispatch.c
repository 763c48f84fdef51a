#include "kernel_table.h"

#if defined(__aarch64__) && defined(__linux__)
#include <sys/auxv.h>
#endif

bool jk_isa_supported(jk_isa isa) {
    switch (isa) {
    case jk_isa_portable: return true;
#if defined(__x86_64__)
    case jk_isa_avx2:
        return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("f16c");
    case jk_isa_avx512:
        return jk_isa_supported(jk_isa_avx2) && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw")
            && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
    case jk_isa_avx512bf16:
        return jk_isa_supported(jk_isa_avx512) && __builtin_cpu_supports("avx512bf16")
            && __builtin_cpu_supports("avx512vnni");
#endif
#if defined(__aarch64__)
    case jk_isa_neon: return true;
#endif
    default: return false;
    }
}

#if defined(__aarch64__)
static bool has_sdot(void) {
#if defined(__linux__)
    return (getauxval(AT_HWCAP) & 1 << 20) != 0;  // HWCAP_ASIMDDP
#elif defined(__APPLE__)
    return true;
#else
    return false;
#endif
}
#endif

static const jk_kernel_table *table(jk_isa isa) {
    switch (isa) {
#if defined(__x86_64__)
    case jk_isa_avx2: return &jk_avx2_kernels;
    case jk_isa_avx512: return __builtin_cpu_supports("avx512vnni") ? &jk_avx512vnni_kernels : &jk_avx512_kernels;
    case jk_isa_avx512bf16: return &jk_avx512bf16_kernels;
#endif
#if defined(__aarch64__)
    case jk_isa_neon: return has_sdot() ? &jk_neon_dot_kernels : &jk_neon_kernels;
#endif
    default: return &jk_portable_kernels;
    }
}

void jk_matmul(
    jk_isa isa, const jk_panels *weights, size_t panel_begin, size_t panel_end, const float *x, size_t x_stride,
    size_t rows, float *y, size_t y_stride) {
    table(isa)->matmul(weights, panel_begin, panel_end, x, x_stride, rows, y, y_stride);
}

void jk_gated_matmul(
    jk_isa isa, const jk_panels *weights, size_t panel_begin, size_t panel_end, const float *x, size_t x_stride,
    size_t rows, size_t width, float *out, size_t out_stride) {
    table(isa)->gated_matmul(weights, panel_begin, panel_end, x, x_stride, rows, width, out, out_stride);
}

void jk_exp(jk_isa isa, const float *x, float *out, size_t count) { table(isa)->exp(x, out, count); }

void jk_log(jk_isa isa, const float *x, float *out, size_t count) { table(isa)->log(x, out, count); }

void jk_rms_norm(
    jk_isa isa, const float *x, const float *weight, float *out, size_t rows, size_t width, float epsilon) {
    table(isa)->rms_norm(x, weight, out, rows, width, epsilon);
}

void jk_silu_multiply(
    jk_isa isa, const float *x, size_t x_stride, float *out, size_t out_stride, size_t rows, size_t width) {
    table(isa)->silu_multiply(x, x_stride, out, out_stride, rows, width);
}

void jk_softmax(jk_isa isa, float *x, size_t count) { table(isa)->softmax(x, count); }

size_t jk_argmax(jk_isa isa, const float *x, size_t count) { return table(isa)->argmax(x, count); }

void jk_round_bf16(jk_isa isa, const float *x, float *out, size_t count) { table(isa)->round_bf16(x, out, count); }

float jk_log_sum_exp(jk_isa isa, const float *x, size_t count) { return table(isa)->log_sum_exp(x, count); }

void jk_add(jk_isa isa, const float *x, float *y, size_t count) { table(isa)->add(x, y, count); }

void jk_add_scaled(jk_isa isa, const float *x, float scale, float *y, size_t count) {
    table(isa)->add_scaled(x, scale, y, count);
}

void jk_rotate(jk_isa isa, float *x, const float *cosines, const float *sines, size_t heads, size_t half) {
    table(isa)->rotate(x, cosines, sines, heads, half);
}

void jk_attend(jk_isa isa, const jk_attention *attention) { table(isa)->attend(attention); }

float jk_limit_multiply_add(jk_isa isa, size_t count) { return table(isa)->limit_multiply_add(count); }

float jk_limit_read(jk_isa isa, const float *p, size_t count, size_t streams) {
    return table(isa)->limit_read(p, count, streams);
}
