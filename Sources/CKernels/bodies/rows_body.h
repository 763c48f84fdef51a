// Row-wise kernels: norm, activation, softmax, sums. See CKernels.h for each order of operations.

static void round_bf16(const float *x, float *out, size_t count) {
    for (size_t i = 0; i < count; i += JK_LANES) {
        u16x16 half = narrow_bf16(load_up_to(x + i, count - i, 0));
        store_up_to(out + i, count - i, from_bits(__builtin_convertvector(half, i32x16) << 16));
    }
}

static void exp_all(const float *x, float *out, size_t count) {
    for (size_t i = 0; i < count; i += JK_LANES)
        store_up_to(out + i, count - i, exponential(load_up_to(x + i, count - i, 0)));
}

static void log_all(const float *x, float *out, size_t count) {
    for (size_t i = 0; i < count; i += JK_LANES)
        store_up_to(out + i, count - i, logarithm(load_up_to(x + i, count - i, 1)));
}

static void rms_norm(
    const float *x, const float *weight, float *out, size_t rows, size_t width, float epsilon) {
    for (size_t r = 0; r < rows; r++, x += width, out += width) {
        f32x16 squares = splat(0);
        for (size_t i = 0; i < width; i += JK_LANES) {
            f32x16 v = load_up_to(x + i, width - i, 0);
            squares = fma16(v, v, squares);
        }
        float mean = fold_sum(squares) / (float)width;
        f32x16 scale = splat(1.0f / __builtin_sqrtf(mean + epsilon));
        for (size_t i = 0; i < width; i += JK_LANES) {
            f32x16 v = load_up_to(x + i, width - i, 0) * scale;
            store_up_to(out + i, width - i, v * load_up_to(weight + i, width - i, 0));
        }
    }
}

static void silu_multiply(
    const float *x, size_t x_stride, float *out, size_t out_stride, size_t rows, size_t width) {
    for (size_t r = 0; r < rows; r++, x += x_stride, out += out_stride) {
        for (size_t i = 0; i < width; i += JK_LANES) {
            f32x16 gate = load(x + 2 * i), up = load(x + 2 * i + JK_LANES);
            store_up_to(out + i, width - i, gate / (1.0f + exponential(-gate)) * up);
        }
    }
}

JK_INLINE float maximum(const float *x, size_t count) {
    f32x16 largest = splat(-__builtin_inff());
    for (size_t i = 0; i < count; i += JK_LANES)
        largest = larger(largest, load_up_to(x + i, count - i, -__builtin_inff()));
    return fold_max(largest);
}

static void softmax(float *x, size_t count) {
    const f32x16 largest = splat(maximum(x, count));
    f32x16 sums = splat(0);
    for (size_t i = 0; i < count; i += JK_LANES) {
        f32x16 e = exponential(load_up_to(x + i, count - i, -__builtin_inff()) - largest);
        sums += e;
        store_up_to(x + i, count - i, e);
    }
    const f32x16 sum = splat(fold_sum(sums));
    for (size_t i = 0; i < count; i += JK_LANES)
        store_up_to(x + i, count - i, load_up_to(x + i, count - i, 0) / sum);
}

static float log_sum_exp(const float *x, size_t count) {
    const float largest = maximum(x, count);
    if (largest == -__builtin_inff()) return largest;
    f32x16 sums = splat(0);
    for (size_t i = 0; i < count; i += JK_LANES)
        sums += exponential(load_up_to(x + i, count - i, -__builtin_inff()) - largest);
    return largest + logarithm(splat(fold_sum(sums)))[0];
}

static void add(const float *x, float *y, size_t count) {
    for (size_t i = 0; i < count; i += JK_LANES)
        store_up_to(y + i, count - i, load_up_to(y + i, count - i, 0) + load_up_to(x + i, count - i, 0));
}

static void add_scaled(const float *x, float scale, float *y, size_t count) {
    for (size_t i = 0; i < count; i += JK_LANES) {
        f32x16 sum = fma16(splat(scale), load_up_to(x + i, count - i, 0), load_up_to(y + i, count - i, 0));
        store_up_to(y + i, count - i, sum);
    }
}

static size_t argmax(const float *x, size_t count) {
    f32x16 largest = splat(-__builtin_inff());
    i32x16 where = (i32x16)INT32_MAX, index = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    for (size_t i = 0; i < count; i += JK_LANES, index += JK_LANES) {
        f32x16 v = load_up_to(x + i, count - i, -__builtin_inff());
        i32x16 is_larger = v > largest;
        largest = is_larger ? v : largest;
        where = is_larger ? index : where;
    }
    size_t best = 0;
    float value = -__builtin_inff();
    for (size_t lane = 0; lane < JK_LANES; lane++) {
        if (largest[lane] < value || where[lane] == INT32_MAX) continue;
        if (largest[lane] > value || (size_t)where[lane] < best) best = (size_t)where[lane];
        value = largest[lane];
    }
    return best;
}
