// Loops over runs of elements for NEON of any AArch64 processor. Compilers turn the plain loops of elements_loop.h into
// vectors that are as good for floats; what ends in eight bits is written out, because saturating conversions and
// narrowing spare the clamps: add_s8 takes 55 instructions for 16 elements where g++ 12 makes 127 of the plain loop.
#include <arm_neon.h>

#include "kernels/elements_loop.h"
#include "kernels/requantize_neon.h"

namespace espalier::kernels {
namespace {

// Sixteen floats, or int32, in the order of the elements.
struct Floats {
  float32x4_t part[4];
};

template <class Part>
[[gnu::always_inline]] inline Floats each(Part part) {
  return {part(0), part(1), part(2), part(3)};
}
static Floats load_floats(const float* from) {
  return each([from](int i) { return vld1q_f32(from + 4 * i); });
}
static Floats to_floats(int16x8_t low, int16x8_t high) {
  return {vcvtq_f32_s32(vmovl_s16(vget_low_s16(low))), vcvtq_f32_s32(vmovl_high_s16(low)),
          vcvtq_f32_s32(vmovl_s16(vget_low_s16(high))), vcvtq_f32_s32(vmovl_high_s16(high))};
}
// float(q - zero), exact.
static Floats without_zero(int8x16_t q, int32_t zero) {
  const int8x16_t zeros = vdupq_n_s8(static_cast<int8_t>(zero));
  return to_floats(vsubl_s8(vget_low_s8(q), vget_low_s8(zeros)), vsubl_high_s8(q, zeros));
}
static Floats scaled(const Floats& a, float factor) {
  return each([&](int i) { return vmulq_n_f32(a.part[i], factor); });
}
static Floats sum(const Floats& a, const Floats& b) {
  return each([&](int i) { return vaddq_f32(a.part[i], b.part[i]); });
}
static Floats difference(const Floats& a, const Floats& b) {
  return each([&](int i) { return vsubq_f32(a.part[i], b.part[i]); });
}
static Floats quotient(const Floats& a, float divisor) {
  return each([&](int i) { return vdivq_f32(a.part[i], vdupq_n_f32(divisor)); });
}
// round_to_s8 of elements_loop.h; NaN becomes the zero point.
static int8x16_t round_to_bytes(const Floats& value, int32_t zero, int32_t min, int32_t max) {
  const auto words = [&](int i) {
    return vqmovn_high_s32(vqmovn_s32(vcvtnq_s32_f32(value.part[i])), vcvtnq_s32_f32(value.part[i + 1]));
  };
  return vcombine_s8(narrow_neon(words(0), zero, min, max), narrow_neon(words(2), zero, min, max));
}

// Sixteen elements at a time through `function`(from, to); the rest in a copy of its own, so that no loop needs a
// scalar version of a formula.
template <class From, class To, class Function>
[[gnu::always_inline]] inline void for_sixteens(const From* x, To* y, int64_t count, Function function) {
  int64_t i = 0;
  for (; i + 16 <= count; i += 16) function(x + i, y + i);
  if (i == count) return;
  From in[16] = {};
  To out[16];
  for (int64_t k = i; k < count; ++k) in[k - i] = x[k];
  function(in, out);
  for (int64_t k = i; k < count; ++k) y[k] = out[k - i];
}

// y = combine(a, b) on sixteen elements; a step of 0 repeats the first element.
template <class Combine>
[[gnu::always_inline]] inline void for_pairs_of_sixteen(const int8_t* a, int64_t a_step, const int8_t* b,
                                                        int64_t b_step, int8_t* y, int64_t count, Combine combine) {
  if (a_step == 0) {
    const int8x16_t fixed = vdupq_n_s8(a[0]);
    for_sixteens(b, y, count, [&](const int8_t* from, int8_t* to) { vst1q_s8(to, combine(fixed, vld1q_s8(from))); });
    return;
  }
  if (b_step == 0) {
    const int8x16_t fixed = vdupq_n_s8(b[0]);
    for_sixteens(a, y, count, [&](const int8_t* from, int8_t* to) { vst1q_s8(to, combine(vld1q_s8(from), fixed)); });
    return;
  }
  int64_t i = 0;
  for (; i + 16 <= count; i += 16) vst1q_s8(y + i, combine(vld1q_s8(a + i), vld1q_s8(b + i)));
  if (i == count) return;
  int8_t rest[3][16] = {};
  for (int64_t k = i; k < count; ++k) {
    rest[0][k - i] = a[k];
    rest[1][k - i] = b[k];
  }
  vst1q_s8(rest[2], combine(vld1q_s8(rest[0]), vld1q_s8(rest[1])));
  for (int64_t k = i; k < count; ++k) y[k] = rest[2][k - i];
}

static void add_bytes(const int8_t* a, int64_t a_step, const int8_t* b, int64_t b_step, int8_t* y, int64_t count,
                      const Rescale& rescale) {
  const Rescale r = rescale;
  for_pairs_of_sixteen(a, a_step, b, b_step, y, count, [r](int8x16_t qa, int8x16_t qb) {
    return round_to_bytes(
        sum(scaled(without_zero(qa, r.zero_a), r.multiplier_a), scaled(without_zero(qb, r.zero_b), r.multiplier_b)),
        r.output_zero, r.min, r.max);
  });
}

static void sub_bytes(const int8_t* a, int64_t a_step, const int8_t* b, int64_t b_step, int8_t* y, int64_t count,
                      const Rescale& rescale) {
  const Rescale r = rescale;
  for_pairs_of_sixteen(a, a_step, b, b_step, y, count, [r](int8x16_t qa, int8x16_t qb) {
    return round_to_bytes(difference(scaled(without_zero(qa, r.zero_a), r.multiplier_a),
                                     scaled(without_zero(qb, r.zero_b), r.multiplier_b)),
                          r.output_zero, r.min, r.max);
  });
}

static void mul_bytes(const int8_t* a, int64_t a_step, const int8_t* b, int64_t b_step, int8_t* y, int64_t count,
                      const Rescale& rescale) {
  const Rescale r = rescale;
  const int8x16_t zero_a = vdupq_n_s8(static_cast<int8_t>(r.zero_a));
  const int8x16_t zero_b = vdupq_n_s8(static_cast<int8_t>(r.zero_b));
  for_pairs_of_sixteen(a, a_step, b, b_step, y, count, [&](int8x16_t qa, int8x16_t qb) {
    // Differences of bytes fit 16 bits, their products 32.
    const int16x8_t low_a = vsubl_s8(vget_low_s8(qa), vget_low_s8(zero_a));
    const int16x8_t low_b = vsubl_s8(vget_low_s8(qb), vget_low_s8(zero_b));
    const int16x8_t high_a = vsubl_high_s8(qa, zero_a);
    const int16x8_t high_b = vsubl_high_s8(qb, zero_b);
    const Floats products = {vcvtq_f32_s32(vmull_s16(vget_low_s16(low_a), vget_low_s16(low_b))),
                             vcvtq_f32_s32(vmull_high_s16(low_a, low_b)),
                             vcvtq_f32_s32(vmull_s16(vget_low_s16(high_a), vget_low_s16(high_b))),
                             vcvtq_f32_s32(vmull_high_s16(high_a, high_b))};
    return round_to_bytes(scaled(products, r.multiplier_a), r.output_zero, r.min, r.max);
  });
}

static void rescale_bytes(const int8_t* x, int8_t* y, int64_t count, const Rescale& rescale) {
  const Rescale r = rescale;
  for_sixteens(x, y, count, [r](const int8_t* from, int8_t* to) {
    const Floats real = scaled(without_zero(vld1q_s8(from), r.zero_a), r.multiplier_a);
    vst1q_s8(to, round_to_bytes(real, r.output_zero, r.min, r.max));
  });
}

static void quantize_bytes(const float* x, int8_t* y, int64_t count, float scale, int32_t zero) {
  for_sixteens(x, y, count, [=](const float* from, int8_t* to) {
    vst1q_s8(to, round_to_bytes(quotient(load_floats(from), scale), zero, -128, 127));
  });
}

static void average_bytes(const int32_t* sums, int8_t* y, int64_t count, int32_t offset, float divisor,
                          const Rescale& rescale) {
  const Rescale r = rescale;
  for_sixteens(sums, y, count, [=](const int32_t* from, int8_t* to) {
    const Floats above =
        each([=](int i) { return vcvtq_f32_s32(vsubq_s32(vld1q_s32(from + 4 * i), vdupq_n_s32(offset))); });
    const Floats real = scaled(quotient(above, divisor), r.multiplier_a);
    vst1q_s8(to, round_to_bytes(real, r.output_zero, r.min, r.max));
  });
}

static int8x16_t interpolate_bytes_of(int8x16_t a, int8x16_t b, int8x16_t c, int8x16_t d, float weight_x,
                                      float weight_y, int32_t zero) {
  const auto along_x = [=](int8x16_t left, int8x16_t right) {
    const Floats from = without_zero(left, zero);
    return sum(from, scaled(difference(without_zero(right, zero), from), weight_x));
  };
  const Floats top = along_x(a, b);
  const Floats bottom = along_x(c, d);
  return round_to_bytes(sum(top, scaled(difference(bottom, top), weight_y)), zero, -128, 127);
}

static void interpolate_bytes(const int8_t* a, const int8_t* b, const int8_t* c, const int8_t* d, float weight_x,
                              float weight_y, int32_t zero, int8_t* y, int64_t count) {
  int64_t i = 0;
  for (; i + 16 <= count; i += 16)
    vst1q_s8(y + i, interpolate_bytes_of(vld1q_s8(a + i), vld1q_s8(b + i), vld1q_s8(c + i), vld1q_s8(d + i), weight_x,
                                         weight_y, zero));
  if (i == count) return;
  const int8_t* const corners[4] = {a, b, c, d};
  int8_t rest[4][16] = {};
  for (int corner = 0; corner < 4; ++corner)
    for (int64_t k = i; k < count; ++k) rest[corner][k - i] = corners[corner][k];
  int8_t out[16];
  vst1q_s8(out, interpolate_bytes_of(vld1q_s8(rest[0]), vld1q_s8(rest[1]), vld1q_s8(rest[2]), vld1q_s8(rest[3]),
                                     weight_x, weight_y, zero));
  for (int64_t k = i; k < count; ++k) y[k] = out[k - i];
}

// tbl looks up in 64 bytes and gives 0 beyond, tbx leaves the lane: four of them cover 256 entries, in 16 registers.
static void look_up_bytes(const int8_t* x, const int8_t* entries, int8_t* y, int64_t count) {
  const int8x16x4_t first = vld1q_s8_x4(entries);
  const int8x16x4_t second = vld1q_s8_x4(entries + 64);
  const int8x16x4_t third = vld1q_s8_x4(entries + 128);
  const int8x16x4_t fourth = vld1q_s8_x4(entries + 192);
  for_sixteens(x, y, count, [&](const int8_t* from, int8_t* to) {
    const uint8x16_t index = veorq_u8(vreinterpretq_u8_s8(vld1q_s8(from)), vdupq_n_u8(128));
    int8x16_t found = vqtbl4q_s8(first, index);
    found = vqtbx4q_s8(found, second, vsubq_u8(index, vdupq_n_u8(64)));
    found = vqtbx4q_s8(found, third, vsubq_u8(index, vdupq_n_u8(128)));
    found = vqtbx4q_s8(found, fourth, vsubq_u8(index, vdupq_n_u8(192)));
    vst1q_s8(to, found);
  });
}

constexpr ElementLoops neon_loops() {
  ElementLoops loops = kElementLoops;
  loops.add_s8 = add_bytes;
  loops.sub_s8 = sub_bytes;
  loops.mul_s8 = mul_bytes;
  loops.rescale_s8 = rescale_bytes;
  loops.quantize_f32 = quantize_bytes;
  loops.average_s8 = average_bytes;
  loops.interpolate_s8 = interpolate_bytes;
  loops.table_s8 = look_up_bytes;
  return loops;
}

}  // namespace

const ElementLoops element_loops_neon = neon_loops();

}  // namespace espalier::kernels
