// The soft-float tables SF and SD of the stand-in boot ROM.
//
// A row is [name, cycles, function]. The function takes the core's registers r0..r3 (an unsigned
// 32-bit array) and leaves its result there, as the ROM's own routines do:
//   float in r0, second float or integer in r1; double in r0:r1 (low word first), second in r2:r3.
// Like the ROM: denormals are zero on the way in and out, and conversions round to minus infinity
// and saturate. The cycles are round figures near the RP2040 datasheet's table of library timings.

const view = new DataView(new ArrayBuffer(8));
const F32_MIN_NORMAL = 2 ** -126;
const F64_MIN_NORMAL = 2 ** -1022;
const TWO_32 = 2 ** 32;

/** A denormal becomes a zero of the same sign. */
const flushed = (value, smallest) => (Math.abs(value) < smallest ? value * 0 : value);

function f32(word) {
  view.setUint32(0, word);
  return flushed(view.getFloat32(0), F32_MIN_NORMAL);
}

function f32Word(value) {
  view.setFloat32(0, flushed(Math.fround(value), F32_MIN_NORMAL));
  return view.getUint32(0);
}

function f64(r, n) {
  view.setUint32(0, r[n + 1]);
  view.setUint32(4, r[n]);
  return flushed(view.getFloat64(0), F64_MIN_NORMAL);
}

function putF64(r, value) {
  view.setFloat64(0, flushed(value, F64_MIN_NORMAL));
  r[0] = view.getUint32(4);
  r[1] = view.getUint32(0);
}

/** Floor, held inside [low, high]; not-a-number gives 0. */
function saturate(value, low, high) {
  if (Number.isNaN(value)) return 0;
  return Math.min(Math.max(Math.floor(value), low), high);
}

const toInt = (value) => saturate(value, -(2 ** 31), 2 ** 31 - 1) >>> 0;
const toUint = (value) => saturate(value, 0, TWO_32 - 1) >>> 0;

/** Floor of a double as a 64-bit integer held inside [low, high], into r0:r1. */
function putInt64(r, value, low, high) {
  let wide = Number.isNaN(value) ? 0n
    : Number.isFinite(value) ? BigInt(Math.floor(value)) : value > 0 ? high : low;
  if (wide < low) wide = low;
  if (wide > high) wide = high;
  const word = BigInt.asUintN(64, wide);
  r[0] = Number(word & 0xffffffffn);
  r[1] = Number(word >> 32n);
}

const INT64 = [-(2n ** 63n), 2n ** 63n - 1n];
const UINT64 = [0n, 2n ** 64n - 1n];
const uint64 = (r) => (BigInt(r[1]) << 32n) | BigInt(r[0]);
const int64 = (r) => BigInt.asIntN(64, uint64(r));

/** Correct rounding of a 64-bit integer to float: never through an already rounded double. */
function wideToF32(wide) {
  const negative = wide < 0n;
  let size = negative ? -wide : wide;
  let exponent = 0;
  let sticky = 0n;
  while (size >= 1n << 52n) {
    sticky |= size & 1n;
    size >>= 1n;
    exponent += 1;
  }
  const value = Number(size | sticky) * 2 ** exponent;
  return Math.fround(negative ? -value : value);
}

const compare = (a, b) => (a < b ? -1 : a > b ? 1 : 0);

/** Sets Z and C as a subtraction a - b of unsigned numbers would. @param {object} core */
function compareFlags(core, order) {
  core.N = order < 0;
  core.Z = order === 0;
  core.C = order >= 0;
  core.V = false;
}

const f1 = (op) => (r) => { r[0] = f32Word(op(f32(r[0]))); };
const f2 = (op) => (r) => { r[0] = f32Word(op(f32(r[0]), f32(r[1]))); };
const d1 = (op) => (r) => putF64(r, op(f64(r, 0)));
const d2 = (op) => (r) => putF64(r, op(f64(r, 0), f64(r, 2)));

/** Offset / 4 in the SF table is the index here. */
export const FLOAT_TABLE = [
  ['fadd', 71, f2((a, b) => a + b)],
  ['fsub', 74, f2((a, b) => a - b)],
  ['fmul', 69, f2((a, b) => a * b)],
  ['fdiv', 71, f2((a, b) => a / b)],
  ['fcmp', 40, (r) => { r[0] = compare(f32(r[0]), f32(r[1])); }],
  ['fcmp_flags', 40, (r, core) => compareFlags(core, compare(f32(r[0]), f32(r[1])))],
  ['fsqrt', 63, f1(Math.sqrt)],
  ['float2int', 37, (r) => { r[0] = toInt(f32(r[0])); }],
  ['float2fix', 36, (r) => { r[0] = toInt(f32(r[0]) * 2 ** (r[1] | 0)); }],
  ['float2uint', 38, (r) => { r[0] = toUint(f32(r[0])); }],
  ['float2ufix', 38, (r) => { r[0] = toUint(f32(r[0]) * 2 ** (r[1] | 0)); }],
  ['int2float', 55, (r) => { r[0] = f32Word(r[0] | 0); }],
  ['fix2float', 53, (r) => { r[0] = f32Word((r[0] | 0) * 2 ** -(r[1] | 0)); }],
  ['uint2float', 53, (r) => { r[0] = f32Word(r[0]); }],
  ['ufix2float', 51, (r) => { r[0] = f32Word(r[0] * 2 ** -(r[1] | 0)); }],
  ['fcos', 587, f1(Math.cos)],
  ['fsin', 593, f1(Math.sin)],
  ['ftan', 669, f1(Math.tan)],
  ['fsincos', 650, (r) => {
    const angle = f32(r[0]);
    r[0] = f32Word(Math.sin(angle));
    r[1] = f32Word(Math.cos(angle));
  }],
  ['fexp', 542, f1(Math.exp)],
  ['fln', 775, f1(Math.log)],
  ['fcmp_basic', 40, (r) => { r[0] = compare(f32(r[0]), f32(r[1])); }],
  ['fatan2', 700, f2(Math.atan2)],
  ['int642float', 70, (r) => { r[0] = f32Word(wideToF32(int64(r))); }],
  ['fix642float', 70, (r) => { r[0] = f32Word(wideToF32(int64(r)) * 2 ** -(r[2] | 0)); }],
  ['uint642float', 70, (r) => { r[0] = f32Word(wideToF32(uint64(r))); }],
  ['ufix642float', 70, (r) => { r[0] = f32Word(wideToF32(uint64(r)) * 2 ** -(r[2] | 0)); }],
  ['float2int64', 60, (r) => putInt64(r, f32(r[0]), ...INT64)],
  ['float2fix64', 60, (r) => putInt64(r, f32(r[0]) * 2 ** (r[1] | 0), ...INT64)],
  ['float2uint64', 60, (r) => putInt64(r, f32(r[0]), ...UINT64)],
  ['float2ufix64', 60, (r) => putInt64(r, f32(r[0]) * 2 ** (r[1] | 0), ...UINT64)],
  ['float2double', 30, (r) => putF64(r, f32(r[0]))],
];

/** Offset / 4 in the SD table is the index here. */
export const DOUBLE_TABLE = [
  ['dadd', 91, d2((a, b) => a + b)],
  ['dsub', 95, d2((a, b) => a - b)],
  ['dmul', 155, d2((a, b) => a * b)],
  ['ddiv', 183, d2((a, b) => a / b)],
  ['dcmp', 50, (r) => { r[0] = compare(f64(r, 0), f64(r, 2)); }],
  ['dcmp_flags', 50, (r, core) => compareFlags(core, compare(f64(r, 0), f64(r, 2)))],
  ['dsqrt', 169, d1(Math.sqrt)],
  ['double2int', 75, (r) => { r[0] = toInt(f64(r, 0)); }],
  ['double2fix', 74, (r) => { r[0] = toInt(f64(r, 0) * 2 ** (r[2] | 0)); }],
  ['double2uint', 63, (r) => { r[0] = toUint(f64(r, 0)); }],
  ['double2ufix', 62, (r) => { r[0] = toUint(f64(r, 0) * 2 ** (r[2] | 0)); }],
  ['int2double', 69, (r) => putF64(r, r[0] | 0)],
  ['fix2double', 68, (r) => putF64(r, (r[0] | 0) * 2 ** -(r[1] | 0))],
  ['uint2double', 66, (r) => putF64(r, r[0])],
  ['ufix2double', 65, (r) => putF64(r, r[0] * 2 ** -(r[1] | 0))],
  ['dcos', 1617, d1(Math.cos)],
  ['dsin', 1618, d1(Math.sin)],
  ['dtan', 1891, d1(Math.tan)],
  ['dsincos', 1700, (r) => {
    const angle = f64(r, 0);
    putF64(r, Math.cos(angle));
    r[2] = r[0];
    r[3] = r[1];
    putF64(r, Math.sin(angle));
  }],
  ['dexp', 804, d1(Math.exp)],
  ['dln', 428, d1(Math.log)],
  ['dcmp_basic', 50, (r) => { r[0] = compare(f64(r, 0), f64(r, 2)); }],
  ['datan2', 2168, d2(Math.atan2)],
  ['int642double', 80, (r) => putF64(r, Number(int64(r)))],
  ['fix642double', 80, (r) => putF64(r, Number(int64(r)) * 2 ** -(r[2] | 0))],
  ['uint642double', 80, (r) => putF64(r, Number(uint64(r)))],
  ['ufix642double', 80, (r) => putF64(r, Number(uint64(r)) * 2 ** -(r[2] | 0))],
  ['double2int64', 80, (r) => putInt64(r, f64(r, 0), ...INT64)],
  ['double2fix64', 80, (r) => putInt64(r, f64(r, 0) * 2 ** (r[2] | 0), ...INT64)],
  ['double2uint64', 80, (r) => putInt64(r, f64(r, 0), ...UINT64)],
  ['double2ufix64', 80, (r) => putInt64(r, f64(r, 0) * 2 ** (r[2] | 0), ...UINT64)],
  ['double2float', 40, (r) => { r[0] = f32Word(f64(r, 0)); }],
];
