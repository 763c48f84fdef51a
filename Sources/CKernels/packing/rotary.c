// exp, log, sin and cos in double precision, from their series, and the rotary tables. Nothing is fused and no
// mathematics library is called, so the tables are the same on every machine.

#include "../include/CKernels.h"

#include <string.h>

#pragma STDC FP_CONTRACT OFF

/// Rounds to the nearest integer, |x| < 2^51.
static double nearest(double x) { return (x + 0x1.8p52) - 0x1.8p52; }

/// c[0] + x (c[1] + x (c[2] + …))
static double polynomial(double x, const double *c, int count) {
    double sum = c[count - 1];
    for (int i = count - 2; i >= 0; i--) sum = sum * x + c[i];
    return sum;
}

static double power_of_two(int64_t n) {
    const int64_t bits = (n + 1023) << 52;
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static const double ln2_high = 0x1.62e42fefp-1;  // 33 bits: n · ln2_high is exact
static const double ln2_low = 0x1.473de6af278edp-34;

double jk_exp_f64(double x) {
    static const double series[] = {
        1, 1, 1.0 / 2, 1.0 / 6, 1.0 / 24, 1.0 / 120, 1.0 / 720, 1.0 / 5040, 1.0 / 40320, 1.0 / 362880,
        1.0 / 3628800, 1.0 / 39916800, 1.0 / 479001600, 1.0 / 6227020800,
    };
    const double n = nearest(x * 0x1.71547652b82fep0);
    const double r = (x - n * ln2_high) - n * ln2_low;
    return polynomial(r, series, 14) * power_of_two((int64_t)n);
}

double jk_log_f64(double x) {
    // log(m) = 2 artanh(s) = 2 (s + s³/3 + s⁵/5 + …) with s = (m - 1) / (m + 1)
    static const double series[] = {
        1.0 / 3, 1.0 / 5, 1.0 / 7, 1.0 / 9, 1.0 / 11, 1.0 / 13, 1.0 / 15, 1.0 / 17, 1.0 / 19, 1.0 / 21,
    };
    int64_t bits;
    memcpy(&bits, &x, sizeof bits);
    const int64_t sqrt_half = 0x3fe6a09e667f3bcd, one = 0x3ff0000000000000;
    bits += one - sqrt_half;
    const double n = (double)((bits >> 52) - 1023);
    bits = (bits & 0x000fffffffffffff) + sqrt_half;
    double m;
    memcpy(&m, &bits, sizeof m);
    const double f = m - 1;
    const double s = f / (2 + f);
    const double z = s * s;
    // 2s = f - f s, so the leading term stays exact.
    const double tail = s * (2 * z * polynomial(z, series, 10) - f);
    return n * ln2_high + (f + (tail + n * ln2_low));
}

/// The angle reduced to [-π/4, π/4], and the quarter turn it lies in.
static double reduce(double x, int64_t *quarter) {
    // π/2 in three pieces of 33 bits and a rest: n · piece is exact for n < 2^20.
    const double n = nearest(x * 0x1.45f306dc9c883p-1);
    *quarter = (int64_t)n & 3;
    double r = x - n * 0x1.921fb544p0;
    r -= n * 0x1.0b4611a6p-34;
    return (r - n * 0x1.3198a2ep-69) - n * 0x1.b839a252049c1p-104;
}

static double sine(double r) {
    static const double series[] = {
        -1.0 / 6, 1.0 / 120, -1.0 / 5040, 1.0 / 362880, -1.0 / 39916800, 1.0 / 6227020800, -1.0 / 1307674368000,
    };
    const double z = r * r;
    return r + r * z * polynomial(z, series, 7);
}

static double cosine(double r) {
    static const double series[] = {
        1.0 / 24, -1.0 / 720, 1.0 / 40320, -1.0 / 3628800, 1.0 / 479001600, -1.0 / 87178291200, 1.0 / 20922789888000,
    };
    const double z = r * r;
    return 1 - (z / 2 - z * z * polynomial(z, series, 7));
}

double jk_sin_f64(double x) {
    int64_t quarter;
    const double r = reduce(x, &quarter);
    const double value = quarter % 2 == 0 ? sine(r) : cosine(r);
    return quarter < 2 ? value : -value;
}

double jk_cos_f64(double x) {
    int64_t quarter;
    const double r = reduce(x, &quarter);
    const double value = quarter % 2 == 0 ? cosine(r) : sine(r);
    return quarter == 1 || quarter == 2 ? -value : value;
}

void jk_rotary_frequencies(double theta, size_t dimension, float *frequencies) {
    const double log_theta = jk_log_f64(theta);
    for (size_t i = 0; i < dimension / 2; i++) {
        const float exponent = (float)(2 * i) / (float)dimension;
        frequencies[i] = 1.0f / (float)jk_exp_f64((double)exponent * log_theta);
    }
}

void jk_rotary_table(
    const float *frequencies, size_t count, float amplitude, size_t positions, float *cosines, float *sines) {
    for (size_t p = 0; p < positions; p++) {
        for (size_t i = 0; i < count; i++) {
            const double angle = (double)((float)p * frequencies[i]);
            cosines[p * count + i] = (float)jk_cos_f64(angle) * amplitude;
            sines[p * count + i] = (float)jk_sin_f64(angle) * amplitude;
        }
    }
}
