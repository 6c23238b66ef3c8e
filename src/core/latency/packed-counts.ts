/** Histogram counts as few bytes: for each bucket in order the distance from the one before and the count, as base-128 varints. */
import type { Buckets } from '../../../containers/algorithms/histogram.ts';

/** `buckets` sorted, each once, counts whole. */
export function packCounts(buckets: Buckets): Uint8Array {
  const bytes: number[] = [];
  let before = 0;
  for (const [bucket, count] of buckets) {
    putVarint(bytes, bucket - before);
    putVarint(bytes, count);
    before = bucket;
  }
  return Uint8Array.from(bytes);
}

/** Throws a RangeError for bytes that were cut short. */
export function unpackCounts(bytes: Uint8Array): [bucket: number, count: number][] {
  const counts: [number, number][] = [];
  let at = 0;
  let bucket = 0;
  const next = (): number => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = bytes[at++];
      if (byte === undefined) throw new RangeError('packed counts end in the middle of a number');
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  };
  while (at < bytes.length) {
    bucket += next();
    counts.push([bucket, next()]);
  }
  return counts;
}

/** Numbers may exceed 32 bits, so no shifts. */
function putVarint(bytes: number[], value: number): void {
  let rest = value;
  while (rest >= 128) {
    bytes.push((rest % 128) | 128);
    rest = Math.floor(rest / 128);
  }
  bytes.push(rest);
}
