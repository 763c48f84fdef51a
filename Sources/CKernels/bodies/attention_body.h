// Rotary embedding and attention over the paged cache. The scores of a block's sixteen positions are one vector.

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

// Query heads that share a key-value head are computed together, up to JK_ATTEND_HEADS at a time. Each key and value is
// loaded once for all of them, and their independent fma chains hide each other's latency. `heads`, `blocks` and
// `vectors` below are constants once the functions are inlined.
//
// To keep memory busy, a head's values are prefetched while its keys are read, and the next head's keys while its
// values are read, both into the second-level cache.

/// Floats from one head's scores to the next head's.
JK_INLINE size_t scores_stride(const jk_attention *t) {
    return (t->count + JK_BLOCK_POSITIONS - 1) / JK_BLOCK_POSITIONS * JK_BLOCK_POSITIONS;
}

/// Offsets of a key-value head's part of the sequence's block `block`, in keys and in values.
JK_INLINE const float *block_keys(const jk_attention *t, size_t block, size_t kv_head) {
    return t->keys + ((size_t)t->blocks[block] * t->kv_heads + kv_head) * t->key_dimension * JK_BLOCK_POSITIONS;
}

JK_INLINE const float *block_values(const jk_attention *t, size_t block, size_t kv_head) {
    return t->values + ((size_t)t->blocks[block] * t->kv_heads + kv_head) * t->value_dimension * JK_BLOCK_POSITIONS;
}

/// Scores of consecutive blocks, starting at block `block`.
JK_INLINE void score_blocks(
    const jk_attention *t, const float *queries, size_t kv_head, size_t block, const size_t heads,
    const size_t blocks) {
    const float *keys[4], *values[4];
    f32x16 scores[JK_ATTEND_HEADS][4];
    JK_UNROLL for (size_t i = 0; i < blocks; i++) {
        keys[i] = block_keys(t, block + i, kv_head);
        values[i] = block_values(t, block + i, kv_head);
        JK_UNROLL for (size_t h = 0; h < heads; h++) scores[h][i] = splat(0);
    }
    for (size_t d = 0; d < t->key_dimension; d++) {
        JK_UNROLL for (size_t i = 0; i < blocks; i++) {
            const size_t offset = d * JK_BLOCK_POSITIONS;
            __builtin_prefetch(values[i] + offset, 0, 2);
            f32x16 key = load(keys[i] + offset);
            JK_UNROLL for (size_t h = 0; h < heads; h++)
                scores[h][i] = fma16(splat(queries[h * t->key_dimension + d]), key, scores[h][i]);
        }
    }
    JK_UNROLL for (size_t h = 0; h < heads; h++)
        JK_UNROLL for (size_t i = 0; i < blocks; i++)
            store(t->scores + h * scores_stride(t) + (block + i) * JK_BLOCK_POSITIONS, scores[h][i] * t->scale);
}

/// Sets lanes of block `block` outside first ..< count to -infinity, so that stale memory never counts, not even a NaN.
JK_INLINE f32x16 attended_scores(const jk_attention *t, const float *scores, size_t block) {
    const size_t start = block * JK_BLOCK_POSITIONS;
    const f32x16 all = load(scores + start);
    if (t->first <= start && start + JK_BLOCK_POSITIONS <= t->count) return all;
    i32x16 skipped = lanes_below(t->first > start ? t->first - start : 0);
    i32x16 wanted = lanes_below(t->count - start < JK_LANES ? t->count - start : JK_LANES) & ~skipped;
    return wanted ? all : splat(-__builtin_inff());
}

/// Replaces one head's scores by their exponentials; returns the sum.
JK_INLINE float exponentiate_scores(const jk_attention *t, float *scores, size_t begin, size_t end) {
    f32x16 largest = splat(-__builtin_inff()), sums = splat(0);
    for (size_t b = begin; b < end; b++) largest = larger(largest, attended_scores(t, scores, b));
    largest = splat(fold_max(largest));
    for (size_t b = begin; b < end; b++) {
        f32x16 e = exponential(attended_scores(t, scores, b) - largest);
        sums += e;
        store(scores + b * JK_BLOCK_POSITIONS, e);
    }
    return fold_sum(sums);
}

/// `vectors` vectors of each head's output from dimension d on, of which `dimensions` exist.
JK_INLINE void weigh_values(
    const jk_attention *t, float *out, size_t kv_head, size_t d, size_t dimensions, const size_t heads,
    const size_t vectors, const float *sums) {
    f32x16 total[JK_ATTEND_HEADS][2];
    JK_UNROLL for (size_t h = 0; h < heads; h++)
        JK_UNROLL for (size_t j = 0; j < vectors; j++) total[h][j] = splat(0);
    for (size_t p = t->first; p < t->count;) {
        const size_t number = p / JK_BLOCK_POSITIONS, next_head = kv_head + 1 < t->kv_end ? kv_head + 1 : kv_head;
        const float *block = block_values(t, number, kv_head) + d;
        const float *next_keys = block_keys(t, number, next_head) + d;
        size_t end = (p / JK_BLOCK_POSITIONS + 1) * JK_BLOCK_POSITIONS;
        if (end > t->count) end = t->count;
        for (; p < end; p++) {
            const size_t offset = (p % JK_BLOCK_POSITIONS) * t->value_dimension;
            const float *row = block + offset;
            JK_UNROLL for (size_t j = 0; j < vectors; j++) __builtin_prefetch(next_keys + offset + j * JK_LANES, 0, 2);
            f32x16 value[2];
            JK_UNROLL for (size_t j = 0; j < vectors; j++)
                value[j] = load_up_to(row + j * JK_LANES, dimensions - j * JK_LANES, 0);
            JK_UNROLL for (size_t h = 0; h < heads; h++)
                JK_UNROLL for (size_t j = 0; j < vectors; j++)
                    total[h][j] = fma16(splat(t->scores[h * scores_stride(t) + p]), value[j], total[h][j]);
        }
    }
    JK_UNROLL for (size_t h = 0; h < heads; h++)
        JK_UNROLL for (size_t j = 0; j < vectors; j++)
            store_up_to(
                out + h * t->value_dimension + d + j * JK_LANES, dimensions - j * JK_LANES, total[h][j] / sums[h]);
}

/// `heads` query heads of one key-value head.
JK_INLINE void attend_heads(
    const jk_attention *t, const float *queries, size_t kv_head, float *out, const size_t heads) {
    const size_t begin = t->first / JK_BLOCK_POSITIONS;
    const size_t end = (t->count + JK_BLOCK_POSITIONS - 1) / JK_BLOCK_POSITIONS;
    const size_t blocks = heads >= JK_ATTEND_CHAINS ? 1 : JK_ATTEND_CHAINS / heads > 4 ? 4 : JK_ATTEND_CHAINS / heads;
    size_t b = begin;
    for (; b + blocks <= end; b += blocks) score_blocks(t, queries, kv_head, b, heads, blocks);
    for (; b < end; b++) score_blocks(t, queries, kv_head, b, heads, 1);

    float sums[JK_ATTEND_HEADS];
    for (size_t h = 0; h < heads; h++)
        sums[h] = exponentiate_scores(t, t->scores + h * scores_stride(t), begin, end);
    size_t d = 0;
    for (; 2 * heads <= JK_ATTEND_CHAINS && d + 2 * JK_LANES <= t->value_dimension; d += 2 * JK_LANES)
        weigh_values(t, out, kv_head, d, 2 * JK_LANES, heads, 2, sums);
    for (; d < t->value_dimension; d += JK_LANES)
        weigh_values(t, out, kv_head, d, t->value_dimension - d, heads, 1, sums);
}

static void attend(const jk_attention *t) {
    const size_t shared = t->heads / t->kv_heads;
    for (size_t kv_head = t->kv_begin; kv_head < t->kv_end; kv_head++) {
        for (size_t h = 0; h < shared;) {
            const float *queries = t->queries + (kv_head * shared + h) * t->key_dimension;
            float *out = t->out + (kv_head * shared + h) * t->value_dimension;
            switch (shared - h) {
            case 1: attend_heads(t, queries, kv_head, out, 1), h += 1; break;
            case 2: attend_heads(t, queries, kv_head, out, 2), h += 2; break;
            case 3: attend_heads(t, queries, kv_head, out, 3), h += 3; break;
            default: attend_heads(t, queries, kv_head, out, JK_ATTEND_HEADS), h += JK_ATTEND_HEADS; break;
            }
        }
    }
}
