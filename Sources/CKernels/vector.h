// Sixteen lanes of float, on registers of any width: the compiler splits them. Each instruction set's file includes
// this after pushing its target attribute.
#pragma once

#include "packing/panel_layout.h"

#include <string.h>

#pragma STDC FP_CONTRACT OFF
// The calling convention of vectors depends on the instruction set, but every function here is inlined.
#pragma clang diagnostic ignored "-Wpsabi"

#define JK_INLINE static inline __attribute__((always_inline))
#define JK_UNROLL _Pragma("clang loop unroll(full)")
#define JK_LANES 16

typedef float f32x16 __attribute__((ext_vector_type(16)));
typedef int32_t i32x16 __attribute__((ext_vector_type(16)));
typedef uint16_t u16x16 __attribute__((ext_vector_type(16)));
typedef float f32x8 __attribute__((ext_vector_type(8)));
typedef float f32x4 __attribute__((ext_vector_type(4)));

JK_INLINE f32x16 splat(float value) { return (f32x16)value; }

JK_INLINE f32x16 fma16(f32x16 a, f32x16 b, f32x16 c) { return __builtin_elementwise_fma(a, b, c); }

JK_INLINE i32x16 bits_of(f32x16 v) { return (i32x16)v; }

JK_INLINE f32x16 from_bits(i32x16 bits) { return (f32x16)bits; }

/// -1 in the lanes below `count`, 0 in the others.
JK_INLINE i32x16 lanes_below(size_t count) {
    const i32x16 lane = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    return lane < (i32x16)(int32_t)count;
}

JK_INLINE f32x16 load(const float *p) {
    f32x16 v;
    memcpy(&v, p, sizeof v);
    return v;
}

JK_INLINE void store(float *p, f32x16 v) { memcpy(p, &v, sizeof v); }

/// Loads the first min(count, 16) floats at p; the other lanes are `fill`.
JK_INLINE f32x16 load_up_to(const float *p, size_t count, float fill) {
    if (__builtin_expect(count >= JK_LANES, 1)) return load(p);
    float lanes[JK_LANES];
    for (size_t i = 0; i < JK_LANES; i++) lanes[i] = i < count ? p[i] : fill;
    return load(lanes);
}

/// Stores the first min(count, 16) lanes.
JK_INLINE void store_up_to(float *p, size_t count, f32x16 v) {
    if (__builtin_expect(count >= JK_LANES, 1)) {
        store(p, v);
        return;
    }
    float lanes[JK_LANES];
    store(lanes, v);
    for (size_t i = 0; i < count; i++) p[i] = lanes[i];
}

JK_INLINE f32x16 larger(f32x16 a, f32x16 b) { return b > a ? b : a; }

/// Rounds to bf16, to nearest, ties to even. NaN stays NaN.
JK_INLINE u16x16 narrow_bf16(f32x16 v) {
    i32x16 bits = bits_of(v);
    i32x16 rounded = bits + (0x7fff + (bits >> 16 & 1));
    i32x16 quiet = bits | 0x400000;
    return __builtin_convertvector((v == v ? rounded : quiet) >> 16, u16x16);
}

/// The fold of the sixteen-lane sum.
JK_INLINE float fold_sum(f32x16 v) {
    f32x8 a = v.lo + v.hi;
    f32x4 b = a.lo + a.hi;
    return (b.x + b.z) + (b.y + b.w);
}

JK_INLINE float fold_max(f32x16 v) {
    f32x8 a = v.hi > v.lo ? v.hi : v.lo;
    f32x4 b = a.hi > a.lo ? a.hi : a.lo;
    float even = b.z > b.x ? b.z : b.x;
    float odd = b.w > b.y ? b.w : b.y;
    return odd > even ? odd : even;
}
