/** Numbers as the window writes them: fixed digits for their size, so that a column never dances. */

/** A duration in ms with its unit: `0.42 ms`, `12.3 ms`, `1.24 s`, `3 min 05 s`. */
export function formatMs(ms: number): string {
  if (!Number.isFinite(ms)) return '–';
  // Bounds lie where rounding would add a digit.
  if (ms < 9.995) return `${ms.toFixed(2)} ms`;
  if (ms < 99.95) return `${ms.toFixed(1)} ms`;
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  if (ms < 59_995) return `${(ms / 1_000).toFixed(2)} s`;
  return formatAge(ms);
}

/** How long ago: `0.4 s`, `12 s`, `3 min 05 s`, `2 h 10 min`. Never negative: clocks differ by a little. */
export function formatAge(ms: number): string {
  const seconds = Math.max(0, ms) / 1_000;
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  if (seconds < 59.5) return `${Math.round(seconds)} s`;
  const whole = Math.round(seconds);
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes} min ${String(whole % 60).padStart(2, '0')} s`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`;
}

/** Bytes in decimal units, as disks and `docker stats` count them. */
export function formatBytes(bytes: number): string {
  if (bytes < 1_000) return `${bytes} B`;
  if (bytes < 1e6) return `${(bytes / 1e3).toFixed(1)} kB`;
  if (bytes < 1e9) return `${(bytes / 1e6).toFixed(1)} MB`;
  return `${(bytes / 1e9).toFixed(2)} GB`;
}

/** A share of one processor in percent. */
export function formatShare(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

/** A count with thin spaces between thousands; from a million on `1.23 M`. */
export function formatCount(count: number): string {
  if (count >= 1e6) return `${(count / 1e6).toFixed(2)} M`;
  return String(Math.round(count)).replace(/\B(?=(\d{3})+$)/g, '\u202f');
}

/** Events a second. */
export function formatRate(perSecond: number): string {
  return `${perSecond < 100 ? perSecond.toFixed(1) : formatCount(perSecond)}/s`;
}

/** Time of day to the second, or to the millisecond. */
export function formatClock(atMs: number, withMs = false): string {
  const at = new Date(atMs);
  const two = (value: number): string => String(value).padStart(2, '0');
  const seconds = `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
  return withMs ? `${seconds}.${String(at.getMilliseconds()).padStart(3, '0')}` : seconds;
}
