/**
 * The folds of columns: `rows` holds n rows of `chunks` × 64 int16; `states`, unless 0, receives for each group of 16 rows
 * and each chunk the running state, big-endian; `sums` receives the biased sums as float64. Eight coordinates at a time.
 */
const groupSize: i32 = 16;
const chunkBytes: i32 = 128;
const meanStateBytes: i32 = 512;
const cutStateBytes: i32 = 1024;
const highOffset: i32 = 128;
const sumsOffset: i32 = 256;
const countsOffset: i32 = 512;

/** `weights` holds n uint16. */
export function foldMean(rows: usize, n: i32, chunks: i32, weights: usize, sums: usize, states: usize): void {
  const rowBytes = chunks * chunkBytes;
  for (let strip = 0; strip < rowBytes; strip += 16) {
    let sum01 = i64x2.splat(0);
    let sum23 = i64x2.splat(0);
    let sum45 = i64x2.splat(0);
    let sum67 = i64x2.splat(0);
    const place = states + (strip / chunkBytes) * meanStateBytes + (strip % chunkBytes) * 4;
    for (let start = 0, group = 0; start < n; start += groupSize, group++) {
      const end = min(start + groupSize, n);
      for (let j = start; j < end; j++) {
        const biased = addBias(v128.load(rows + j * rowBytes + strip));
        const weight = v128.load16_splat(weights + 2 * j);
        const low = i32x4.extmul_low_i16x8_u(biased, weight);
        const high = i32x4.extmul_high_i16x8_u(biased, weight);
        sum01 = i64x2.add(sum01, i64x2.extend_low_i32x4_u(low));
        sum23 = i64x2.add(sum23, i64x2.extend_high_i32x4_u(low));
        sum45 = i64x2.add(sum45, i64x2.extend_low_i32x4_u(high));
        sum67 = i64x2.add(sum67, i64x2.extend_high_i32x4_u(high));
      }
      if (states !== 0) {
        const state = place + group * chunks * meanStateBytes;
        v128.store(state, swap64(sum01));
        v128.store(state, swap64(sum23), 16);
        v128.store(state, swap64(sum45), 32);
        v128.store(state, swap64(sum67), 48);
      }
    }
    const out = sums + strip * 4;
    storeFloats(out, sum01);
    storeFloats(out + 16, sum23);
    storeFloats(out + 32, sum45);
    storeFloats(out + 48, sum67);
  }
}

/** Two uint64 below 2^52 as float64: their bits under the exponent of 2^52, less 2^52. */
function storeFloats(out: usize, pair: v128): void {
  v128.store(out, f64x2.sub(v128.or(pair, i64x2.splat(0x4330000000000000)), f64x2.splat(4503599627370496)));
}

/** `sorted` is room for n × 64 int16. */
export function foldCuts(rows: usize, n: i32, chunks: i32, trim: i32, sorted: usize, sums: usize, states: usize): void {
  const rowBytes = chunks * chunkBytes;
  for (let chunk = 0; chunk < chunks; chunk++) {
    const first = rows + chunk * chunkBytes;
    for (let j = 0; j < n; j++) memory.copy(sorted + j * chunkBytes, first + j * rowBytes, chunkBytes);
    mergeExchange(sorted, n);
    for (let strip = 0; strip < chunkBytes; strip += 16) {
      const low = v128.load(sorted + trim * chunkBytes + strip);
      const high = v128.load(sorted + (n - 1 - trim) * chunkBytes + strip);
      const state: usize = states === 0 ? 0 : states + chunk * cutStateBytes;
      const out = sums + (chunk * chunkBytes + strip) * 4;
      foldCutStrip(first + strip, n, rowBytes, low, high, trim, state, chunks * cutStateBytes, strip, out);
    }
  }
}

/** Sorts n rows of 64 int16 column by column: merge exchange (Batcher; Knuth, TAOCP 5.2.2, algorithm M). */
function mergeExchange(rows: usize, n: i32): void {
  if (n < 2) return;
  const top = 1 << (31 - clz(n - 1));
  for (let p = top; p > 0; p >>= 1) {
    let r = 0;
    let distance = p;
    for (let q = top; ; q >>= 1) {
      for (let i = 0; i < n - distance; i++) {
        if ((i & p) === r) orderRows(rows + i * chunkBytes, rows + (i + distance) * chunkBytes);
      }
      if (q === p) break;
      distance = q - p;
      r = p;
    }
  }
}

function orderRows(first: usize, second: usize): void {
  for (let strip = 0; strip < chunkBytes; strip += 16) {
    const a = v128.load(first + strip);
    const b = v128.load(second + strip);
    v128.store(first + strip, i16x8.min_s(a, b));
    v128.store(second + strip, i16x8.max_s(a, b));
  }
}

function foldCutStrip(
  rows: usize,
  n: i32,
  rowBytes: i32,
  low: v128,
  high: v128,
  trim: i32,
  states: usize,
  groupStride: i32,
  strip: i32,
  sums: usize,
): void {
  let below = i16x8.splat(0);
  let notAbove = i16x8.splat(0);
  let above = i16x8.splat(0);
  let notBelow = i16x8.splat(0);
  let sum0 = i32x4.splat(0);
  let sum4 = i32x4.splat(0);
  for (let start = 0, group = 0; start < n; start += groupSize, group++) {
    const end = min(start + groupSize, n);
    for (let j = start; j < end; j++) {
      const value = v128.load(rows + j * rowBytes);
      const biased = addBias(i16x8.max_s(i16x8.min_s(value, high), low));
      sum0 = i32x4.add(sum0, i32x4.extend_low_i16x8_u(biased));
      sum4 = i32x4.add(sum4, i32x4.extend_high_i16x8_u(biased));
      // A comparison that holds gives −1.
      below = i16x8.sub(below, i16x8.lt_s(value, low));
      notAbove = i16x8.sub(notAbove, i16x8.le_s(value, low));
      above = i16x8.sub(above, i16x8.gt_s(value, high));
      notBelow = i16x8.sub(notBelow, i16x8.ge_s(value, high));
    }
    if (states === 0) continue;
    const state = states + group * groupStride;
    v128.store(state + strip, swap16(low));
    v128.store(state + strip, swap16(high), highOffset);
    v128.store(state + strip * 2, swap32(sum0), sumsOffset);
    v128.store(state + strip * 2, swap32(sum4), sumsOffset + 16);
    storeCounts(state + countsOffset + strip * 4, below, notAbove, above, notBelow);
  }
  const ends = i32x4.splat(trim);
  const bothLow = i32x4.add(i32x4.extend_low_i16x8_u(addBias(low)), i32x4.extend_low_i16x8_u(addBias(high)));
  const bothHigh = i32x4.add(i32x4.extend_high_i16x8_u(addBias(low)), i32x4.extend_high_i16x8_u(addBias(high)));
  storeUint32AsFloats(sums, i32x4.sub(sum0, i32x4.mul(ends, bothLow)));
  storeUint32AsFloats(sums + 32, i32x4.sub(sum4, i32x4.mul(ends, bothHigh)));
}

/** Four uint16 of each of eight coordinates, coordinate after coordinate. */
function storeCounts(out: usize, a: v128, b: v128, c: v128, d: v128): void {
  const abLow = v128.shuffle<i16>(a, b, 0, 8, 1, 9, 2, 10, 3, 11);
  const cdLow = v128.shuffle<i16>(c, d, 0, 8, 1, 9, 2, 10, 3, 11);
  const abHigh = v128.shuffle<i16>(a, b, 4, 12, 5, 13, 6, 14, 7, 15);
  const cdHigh = v128.shuffle<i16>(c, d, 4, 12, 5, 13, 6, 14, 7, 15);
  v128.store(out, swap16(v128.shuffle<i32>(abLow, cdLow, 0, 4, 1, 5)));
  v128.store(out, swap16(v128.shuffle<i32>(abLow, cdLow, 2, 6, 3, 7)), 16);
  v128.store(out, swap16(v128.shuffle<i32>(abHigh, cdHigh, 0, 4, 1, 5)), 32);
  v128.store(out, swap16(v128.shuffle<i32>(abHigh, cdHigh, 2, 6, 3, 7)), 48);
}

function storeUint32AsFloats(out: usize, values: v128): void {
  v128.store(out, f64x2.convert_low_i32x4_u(values));
  v128.store(out, f64x2.convert_low_i32x4_u(v128.shuffle<i64>(values, values, 1, 1)), 16);
}

/** int16 + 2^15, as uint16. */
function addBias(values: v128): v128 {
  return v128.xor(values, i16x8.splat(-32768));
}

function swap16(x: v128): v128 {
  return v128.shuffle<i8>(x, x, 1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14);
}

function swap32(x: v128): v128 {
  return v128.shuffle<i8>(x, x, 3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12);
}

function swap64(x: v128): v128 {
  return v128.shuffle<i8>(x, x, 7, 6, 5, 4, 3, 2, 1, 0, 15, 14, 13, 12, 11, 10, 9, 8);
}
