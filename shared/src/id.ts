// Ids are a type prefix and a ULID: the same string in GraphQL, URLs, logs and the CLI, sortable by time.

/** Every prefix an id may have, by the noun it stands for. */
export const idPrefixes = {
  tenant: 'ten', member: 'mem', signInLink: 'sil', signIn: 'sgn', managementToken: 'mtk', key: 'key', campaign: 'cmp', pool: 'pol',
  upstream: 'ups', credential: 'crd', model: 'mdl', price: 'prc', priceMultiplier: 'pml', route: 'rte', errorRule: 'erl', quota: 'quo', budget: 'bud', threshold: 'thr', lease: 'lse', loan: 'lon',
  fleetNode: 'nod', nodeToken: 'ntk', boot: 'bot', exchange: 'exc', usageEvent: 'use', ingest: 'ing', deadLetter: 'dlt', audit: 'aud', batch: 'bat', ledgerEntry: 'len',
} as const;

/** The noun of an id, such as `key` for `key_01J…`. */
export type IdKind = keyof typeof idPrefixes;

const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** A new id of this kind: prefix, 48 bits of epoch milliseconds, 80 random bits. */
export function newId(kind: IdKind, nowMs: number = Date.now()): string {
  return `${idPrefixes[kind]}_${ulid(nowMs)}`;
}

/** A ULID: 26 characters of Crockford base 32, of which the first ten are the time. */
export function ulid(nowMs: number = Date.now()): string {
  if (nowMs !== timeMs) {
    timeMs = nowMs;
    timeText = '';
    for (let rest = nowMs, place = 0; place < 10; place++) {
      timeText = alphabet[rest % 32] + timeText;
      rest = Math.floor(rest / 32);
    }
  }
  if (poolAt + 8 > pool.length) { crypto.getRandomValues(pool); poolAt = 0; }
  let random = '';
  for (const end = poolAt + 8; poolAt < end; poolAt++) random += pairs[(pool[poolAt] ?? 0) & 1023];
  return timeText + random;
}

// Under load many ids are made in one millisecond.
let timeMs = -1;
let timeText = '';
/** Two characters for ten random bits. */
const pairs = Array.from({ length: 1_024 }, (_, bits) => alphabet.charAt(bits >> 5) + alphabet.charAt(bits & 31));

// Random bytes for many ids at once: asking for sixteen costs as much as asking for thousands.
const pool = new Uint16Array(4_096);
let poolAt = pool.length;

/** Says whether `text` is an id of this kind, so that a wrong kind is refused before any look-up. */
export function isId(kind: IdKind, text: string): boolean {
  const prefix = idPrefixes[kind];
  return text.length === prefix.length + 27 && text.startsWith(`${prefix}_`) && /^[0-9A-HJKMNP-TV-Z]{26}$/.test(text.slice(prefix.length + 1));
}

/** The kind an id claims to be, or undefined. */
export function kindOf(id: string): IdKind | undefined {
  const prefix = id.slice(0, id.indexOf('_'));
  for (const kind in idPrefixes) if (idPrefixes[kind as IdKind] === prefix) return kind as IdKind;
  return undefined;
}
