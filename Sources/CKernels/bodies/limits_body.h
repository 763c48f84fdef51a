// Loops that measure the machine's peak speeds, to compare kernels with. Their results are meaningless.

static float limit_multiply_add(size_t count) {
    // Enough chains to hide latency, few enough to fit into registers.
    f32x16 sums[JK_LIMIT_CHAINS];
    JK_UNROLL for (size_t i = 0; i < JK_LIMIT_CHAINS; i++) sums[i] = splat((float)i);
    const f32x16 factor = splat(0.999f), term = splat(0.001f);
    for (size_t n = 0; n < count; n += JK_LIMIT_CHAINS * JK_LANES) {
        JK_UNROLL for (size_t i = 0; i < JK_LIMIT_CHAINS; i++) sums[i] = fma16(sums[i], factor, term);
    }
    float sum = 0;
    JK_UNROLL for (size_t i = 0; i < JK_LIMIT_CHAINS; i++) sum += sums[i][0];
    return sum;
}

static float limit_read(const float *p, size_t count, size_t streams) {
    const size_t length = count / streams / JK_LANES * JK_LANES;
    i32x16 seen[4] = {0, 0, 0, 0};
    for (size_t i = 0; i < length; i += JK_LANES)
        for (size_t s = 0; s < streams; s++) seen[s % 4] |= bits_of(load(p + s * length + i));
    return from_bits(seen[0] | seen[1] | seen[2] | seen[3])[0];
}
