// Pure.

/** Canonical JSON bytes: sorted keys, no spaces, `undefined` dropped, integers only, bigint as a decimal string. */
export function canonicalBytes(value: unknown): Uint8Array {
  return new TextEncoder().encode(canonicalText(value));
}

/** The text of `canonicalBytes`. Throws a TypeError for floats, functions and cycles too deep to be ours. */
export function canonicalText(value: unknown, depth = 0): string {
  if (depth > 64) throw new TypeError('too deep for canonical JSON');
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'bigint') return `"${value}"`;
  if (typeof value === 'number') {
    if (!Number.isSafeInteger(value)) throw new TypeError(`${value} is not a safe integer`);
    return String(value);
  }
  if (Array.isArray(value)) return `[${value.map((item) => canonicalText(item === undefined ? null : item, depth + 1)).join(',')}]`;
  if (typeof value === 'object') {
    const parts: string[] = [];
    for (const [name, item] of Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))) {
      if (item !== undefined) parts.push(`${JSON.stringify(name)}:${canonicalText(item, depth + 1)}`);
    }
    return `{${parts.join(',')}}`;
  }
  throw new TypeError(`${typeof value} has no canonical JSON`);
}
