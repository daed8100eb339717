// Pure.
const grouped = new Intl.NumberFormat('en-US');

/** A count with thousands separators: 12,345. */
export function count(value: number): string {
  return grouped.format(value);
}

/** One or many: "1 request", "2 requests". */
export function counted(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

/** A span of time: 812 ms, 4.2 s, 3 min 20 s. */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(ms < 10_000 ? 2 : 1)} s`;
  const seconds = Math.round(ms / 1000);
  return seconds % 60 === 0 ? `${Math.floor(seconds / 60)} min` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** A size: 812 B, 4.2 KB, 3.1 MB. */
export function bytes(size: number): string {
  if (size < 1000) return `${size} B`;
  return size < 1_000_000 ? `${(size / 1000).toFixed(1)} KB` : `${(size / 1_000_000).toFixed(1)} MB`;
}

/** Hours as people say them: 12 hours, 3 days. */
export function hours(value: number): string {
  return value >= 48 && value % 24 === 0 ? counted(value / 24, 'day') : counted(value, 'hour');
}
