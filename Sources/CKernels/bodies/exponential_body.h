// exp and log of sixteen floats. Constants are hexadecimal, because their bits are part of the contract.

/// e^x = 2^n · e^r with |r| <= ln 2 / 2; e^r = 1 + r + r² q(r), q of degree 4 minimax (3.1e-9 relative).
JK_INLINE f32x16 exponential(f32x16 x) {
    const f32x16 shifter = splat(0x1.8p23f);  // adding it rounds to an integer in the low mantissa bits
    const f32x16 log2_e = splat(0x1.715476p0f);
    const f32x16 ln2_high = splat(0x1.63p-1f);  // short enough that n · ln2_high is exact
    const f32x16 ln2_low = splat(-0x1.bd0106p-13f);

    // Outside these bounds the result is 0 or infinity. The comparisons keep NaN.
    x = x > 89.0f ? splat(89.0f) : x;
    x = x < -104.0f ? splat(-104.0f) : x;

    f32x16 shifted = fma16(x, log2_e, shifter);
    i32x16 n = bits_of(shifted) - bits_of(shifter);
    f32x16 n_float = shifted - shifter;
    f32x16 r = fma16(-n_float, ln2_high, x);
    r = fma16(-n_float, ln2_low, r);

    f32x16 p = splat(0x1.6a2352p-10f);
    p = fma16(p, r, splat(0x1.123a6cp-7f));
    p = fma16(p, r, splat(0x1.5558f4p-5f));
    p = fma16(p, r, splat(0x1.555490p-3f));
    p = fma16(p, r, splat(0x1.fffffcp-2f));
    p = fma16(p, r, splat(1.0f));
    p = fma16(p, r, splat(1.0f));

    // Two factors, so that neither overflows and a subnormal result is rounded only once.
    i32x16 half = n >> 1;
    f32x16 first = from_bits((half + 127) << 23);
    f32x16 second = from_bits((n - half + 127) << 23);
    return p * first * second;
}

/// log(x) = k ln 2 + log(1 + f), sqrt(1/2) <= 1 + f < sqrt(2), by the series of artanh(f / (2 + f)).
JK_INLINE f32x16 logarithm(f32x16 x) {
    const i32x16 sqrt_half = (i32x16)0x3f3504f3;
    const i32x16 one = (i32x16)0x3f800000;
    const f32x16 ln2_high = splat(0x1.62e4p-1f);  // k · ln2_high is exact
    const f32x16 ln2_low = splat(0x1.7f7d1cp-20f);

    i32x16 subnormal = x < splat(0x1p-126f);
    i32x16 bits = bits_of(subnormal ? x * 0x1p25f : x) + (one - sqrt_half);
    i32x16 k = (bits >> 23) - 127 - (subnormal & 25);
    f32x16 f = from_bits((bits & 0x007fffff) + sqrt_half) - 1.0f;
    f32x16 k_float = __builtin_convertvector(k, f32x16);

    f32x16 s = f / (f + 2.0f);
    f32x16 z = s * s;
    f32x16 series = splat(2.0f / 9.0f);
    series = fma16(series, z, splat(2.0f / 7.0f));
    series = fma16(series, z, splat(2.0f / 5.0f));
    series = fma16(series, z, splat(2.0f / 3.0f));
    series = series * z;
    f32x16 half_square = 0.5f * f * f;
    f32x16 small = fma16(s, half_square + series, k_float * ln2_low);
    f32x16 result = fma16(k_float, ln2_high, f - (half_square - small));

    result = x == splat(__builtin_inff()) ? x : result;
    result = x == splat(0.0f) ? splat(-__builtin_inff()) : result;
    return x >= splat(0.0f) ? result : splat(__builtin_nanf(""));
}
