// Rotary embedding and attention over the paged cache. Sixteen positions of a block are one vector of scores.

static void rotate(float *x, const float *cosines, const float *sines, size_t heads, size_t half) {
    for (size_t h = 0; h < heads; h++, x += 2 * half) {
        for (size_t i = 0; i < half; i += JK_LANES) {
            f32x16 a = load_up_to(x + i, half - i, 0), b = load_up_to(x + half + i, half - i, 0);
            f32x16 c = load_up_to(cosines + i, half - i, 0), s = load_up_to(sines + i, half - i, 0);
            store_up_to(x + i, half - i, a * c - b * s);
            store_up_to(x + half + i, half - i, b * c + a * s);
        }
    }
}

/// Scores of `blocks` (a constant) consecutive blocks, from block `block` on.
JK_INLINE void score_blocks(
    const jk_attention *t, const float *query, size_t kv_head, size_t block, const size_t blocks) {
    const float *keys[4];
    f32x16 scores[4];
    JK_UNROLL for (size_t i = 0; i < blocks; i++) {
        size_t index = (size_t)t->blocks[block + i] * t->kv_heads + kv_head;
        keys[i] = t->keys + index * t->head_dimension * JK_BLOCK_POSITIONS;
        scores[i] = splat(0);
    }
    for (size_t d = 0; d < t->head_dimension; d++) {
        JK_UNROLL for (size_t i = 0; i < blocks; i++)
            scores[i] = fma16(splat(query[d]), load(keys[i] + d * JK_BLOCK_POSITIONS), scores[i]);
    }
    JK_UNROLL for (size_t i = 0; i < blocks; i++)
        store(t->scores + (block + i) * JK_BLOCK_POSITIONS, scores[i] * t->scale);
}

/// -infinity in the lanes of block `block` outside first ..< count: stale memory never counts, not even as a NaN.
JK_INLINE f32x16 attended_scores(const jk_attention *t, size_t block) {
    size_t start = block * JK_BLOCK_POSITIONS;
    i32x16 skipped = lanes_below(t->first > start ? t->first - start : 0);
    i32x16 wanted = lanes_below(t->count - start < JK_LANES ? t->count - start : JK_LANES) & ~skipped;
    return wanted ? load(t->scores + start) : splat(-__builtin_inff());
}

/// Turns the scores into exponentials in place; returns their sum.
JK_INLINE float exponentiate_scores(const jk_attention *t, size_t begin, size_t end) {
    f32x16 largest = splat(-__builtin_inff()), sums = splat(0);
    for (size_t b = begin; b < end; b++) largest = larger(largest, attended_scores(t, b));
    largest = splat(fold_max(largest));
    for (size_t b = begin; b < end; b++) {
        f32x16 e = exponential(attended_scores(t, b) - largest);
        sums += e;
        store(t->scores + b * JK_BLOCK_POSITIONS, e);
    }
    return fold_sum(sums);
}

/// `vectors` (a constant) vectors of the output from dimension d on, of which `dimensions` exist.
JK_INLINE void weigh_values(
    const jk_attention *t, float *out, size_t kv_head, size_t d, size_t dimensions, const size_t vectors, float sum) {
    f32x16 total[4];
    JK_UNROLL for (size_t j = 0; j < vectors; j++) total[j] = splat(0);
    for (size_t p = t->first; p < t->count;) {
        size_t index = (size_t)t->blocks[p / JK_BLOCK_POSITIONS] * t->kv_heads + kv_head;
        const float *block = t->values + index * JK_BLOCK_POSITIONS * t->head_dimension + d;
        size_t end = (p / JK_BLOCK_POSITIONS + 1) * JK_BLOCK_POSITIONS;
        if (end > t->count) end = t->count;
        for (; p < end; p++) {
            const float *value = block + (p % JK_BLOCK_POSITIONS) * t->head_dimension;
            f32x16 weight = splat(t->scores[p]);
            JK_UNROLL for (size_t j = 0; j < vectors; j++)
                total[j] = fma16(weight, load_up_to(value + j * JK_LANES, dimensions - j * JK_LANES, 0), total[j]);
        }
    }
    JK_UNROLL for (size_t j = 0; j < vectors; j++)
        store_up_to(out + d + j * JK_LANES, dimensions - j * JK_LANES, total[j] / sum);
}

static void attend_head(const jk_attention *t, const float *query, size_t kv_head, float *out) {
    const size_t begin = t->first / JK_BLOCK_POSITIONS;
    const size_t end = (t->count + JK_BLOCK_POSITIONS - 1) / JK_BLOCK_POSITIONS;
    size_t b = begin;
    for (; b + 4 <= end; b += 4) score_blocks(t, query, kv_head, b, 4);
    for (; b < end; b++) score_blocks(t, query, kv_head, b, 1);

    const float sum = exponentiate_scores(t, begin, end);
    size_t d = 0;
    for (; d + 4 * JK_LANES <= t->head_dimension; d += 4 * JK_LANES)
        weigh_values(t, out, kv_head, d, 4 * JK_LANES, 4, sum);
    for (; d + 2 * JK_LANES <= t->head_dimension; d += 2 * JK_LANES)
        weigh_values(t, out, kv_head, d, 2 * JK_LANES, 2, sum);
    for (; d < t->head_dimension; d += JK_LANES)
        weigh_values(t, out, kv_head, d, t->head_dimension - d, 1, sum);
}

static void attend(const jk_attention *t) {
    const size_t heads_per_kv_head = t->heads / t->kv_heads;
    for (size_t h = 0; h < t->heads; h++) {
        size_t offset = h * t->head_dimension;
        attend_head(t, t->queries + offset, h / heads_per_kv_head, t->out + offset);
    }
}
