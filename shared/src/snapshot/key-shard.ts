// Pure. The keys of one bin in binary: fixed records that a digest is found in by halving, and nothing decoded until a key is used.
//
//   'FLK1' · bin · count · owners and profiles (two counts) · records of 48 bytes · ends of the owners' and profiles' texts · the texts · texts of the keys
//   record: 16 bytes of the digest · 16 of the id's ULID · expiry (48 bits, 0 = never) · owner · profile · where its text is · how long it is
import { canonicalText } from './canonical.ts';
import { parse } from './fields.ts';
import type { KeyOwner, KeyProfile, KeyRow } from './key-row.ts';
import { readProfile } from './read-snapshot.ts';
import { SnapshotInvalid } from './snapshot-invalid.ts';

const magic = 0x464c4b31;
const headBytes = 16;
const recordBytes = 48;
const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** The shard of these keys, which are all of one bin; undefined when there are none. Equal keys give equal bytes, in whatever order they come. */
export function writeShard(rows: readonly KeyRow[], bin: number): Uint8Array | undefined {
  if (rows.length === 0) return undefined;
  const keys = [...rows].sort((a, b) => (a.digest < b.digest ? -1 : 1)).map((row) => ({ row, owner: ownerText(row.owner), profile: canonicalText(row.profile) }));
  const owners = [...new Set(keys.map(({ owner }) => owner))].sort();
  const profiles = [...new Set(keys.map(({ profile }) => profile))].sort();
  if (owners.length > 65_535 || profiles.length > 65_535) throw new RangeError('too many kinds of keys in one bin');
  const ownerAt = new Map(owners.map((text, at) => [text, at]));
  const profileAt = new Map(profiles.map((text, at) => [text, at]));
  const table = [...owners, ...profiles].map((text) => encoder.encode(text));
  const texts = keys.map(({ row }) => encoder.encode(fromUlid(row.id) ? (row.name ?? '') : `${row.id}\u0000${row.name ?? ''}`));
  const size = (parts: readonly Uint8Array[]) => parts.reduce((sum, part) => sum + part.length, 0);
  const bytes = new Uint8Array(headBytes + keys.length * recordBytes + table.length * 4 + size(table) + size(texts));
  const view = new DataView(bytes.buffer);
  view.setUint32(0, magic);
  view.setUint32(4, bin);
  view.setUint32(8, keys.length);
  view.setUint16(12, owners.length);
  view.setUint16(14, profiles.length);
  let textAt = 0;
  keys.forEach(({ row, owner, profile }, at) => {
    const from = headBytes + at * recordBytes;
    const text = texts[at] ?? new Uint8Array();
    if (text.length > 65_535) throw new RangeError('a key has too long a name');
    for (let word = 0; word < 4; word++) view.setUint32(from + word * 4, Number.parseInt(row.digest.slice(word * 8, word * 8 + 8), 16));
    bytes.set(fromUlid(row.id) ?? new Uint8Array(16), from + 16);
    view.setUint16(from + 32, Math.floor((row.expiresAt ?? 0) / 2 ** 32));
    view.setUint32(from + 34, (row.expiresAt ?? 0) >>> 0);
    view.setUint16(from + 38, ownerAt.get(owner) ?? 0);
    view.setUint16(from + 40, profileAt.get(profile) ?? 0);
    view.setUint32(from + 42, textAt);
    view.setUint16(from + 46, text.length);
    textAt += text.length;
  });
  let at = headBytes + keys.length * recordBytes;
  let end = 0;
  for (const text of table) view.setUint32((at += 4) - 4, (end += text.length));
  for (const text of [...table, ...texts]) {
    bytes.set(text, at);
    at += text.length;
  }
  return bytes;
}

/** Checks a shard: its place, its bounds, digests that rise, and that it leads somewhere. Returns how many keys there are; throws SnapshotInvalid. */
export function checkShard(bytes: Uint8Array, bin: number, bits: number, tenants: ReadonlySet<string>, known: ReadProfiles): number {
  const path = `keys bin ${bin}`;
  if (bytes.length < headBytes) throw new SnapshotInvalid(path, 'is cut');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(0) !== magic || view.getUint32(4) !== bin) throw new SnapshotInvalid(path, 'is of another place');
  const at = placesOf(bytes, view);
  if (at.count === 0 || at.texts > bytes.length) throw new SnapshotInvalid(path, 'is cut');
  let end = 0;
  for (let entry = 0; entry < at.owners + at.profiles; entry++) {
    const next = view.getUint32(at.ends + entry * 4);
    if (next < end || at.table + next > at.texts) throw new SnapshotInvalid(path, 'has a table that is out of bounds');
    end = next;
  }
  for (let owner = 0; owner < at.owners; owner++) if (!tenants.has(ownerOf(bytes, view, at, owner).tenant)) throw new SnapshotInvalid(`${path} owner ${owner}`, 'points to nothing in this snapshot', 'dangling');
  for (let profile = 0; profile < at.profiles; profile++) known.of(tableText(bytes, view, at, at.owners + profile), `${path} profile ${profile}`);
  let before = -1;
  for (let key = 0; key < at.count; key++) {
    const from = headBytes + key * recordBytes;
    const first = view.getUint32(from);
    if (bits > 0 && first >>> (32 - bits) !== bin) throw new SnapshotInvalid(`${path} [${key}]`, 'belongs into another bin');
    if (first < before || (first === before && !rises(view, from))) throw new SnapshotInvalid(`${path} [${key}]`, 'is out of order, or twice');
    before = first;
    if (view.getUint16(from + 38) >= at.owners || view.getUint16(from + 40) >= at.profiles) throw new SnapshotInvalid(`${path} [${key}]`, 'points to nothing in its bin', 'dangling');
    if (at.texts + view.getUint32(from + 42) + view.getUint16(from + 46) > bytes.length) throw new SnapshotInvalid(`${path} [${key}]`, 'has a text that is out of bounds');
  }
  return at.count;
}

/** Profiles by their texts: there are few, and each is read and checked once. */
export interface ReadProfiles { of(text: string, path: string): KeyProfile }

/** Remembers profiles; a flood of different ones is not kept. */
export function createProfiles(): ReadProfiles {
  const known = new Map<string, KeyProfile>();
  return {
    of(text, path) {
      const held = known.get(text);
      if (held) return held;
      const profile = readProfile(parse(encoder.encode(text), path), path);
      if (known.size >= 10_000) known.clear();
      known.set(text, profile);
      return profile;
    },
  };
}

/** The first 16 bytes of a digest in hexadecimal, as a shard compares them. */
export function wordsOf(digest: string): readonly [number, number, number, number] {
  return [Number.parseInt(digest.slice(0, 8), 16), Number.parseInt(digest.slice(8, 16), 16), Number.parseInt(digest.slice(16, 24), 16), Number.parseInt(digest.slice(24, 32), 16)];
}

/** The place of a digest in a checked shard; -1 when it is not there. */
export function placeInShard(bytes: Uint8Array, words: readonly number[]): number {
  let low = 0;
  let high = wordAt(bytes, 8) - 1;
  while (low <= high) {
    const middle = (low + high) >>> 1;
    const from = headBytes + middle * recordBytes;
    let order = 0;
    for (let word = 0; word < 4 && order === 0; word++) order = wordAt(bytes, from + word * 4) - (words[word] ?? 0);
    if (order === 0) return middle;
    if (order < 0) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}

/** A key of a checked shard. */
export function keyInShard(bytes: Uint8Array, place: number, profiles: ReadProfiles): Omit<KeyRow, 'digest'> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const at = placesOf(bytes, view);
  const from = headBytes + place * recordBytes;
  const textFrom = at.texts + view.getUint32(from + 42);
  const text = textOf(bytes, textFrom, textFrom + view.getUint16(from + 46));
  const ulid = toUlid(view, from + 16);
  const split = ulid === undefined ? text.indexOf('\u0000') : -1;
  const name = text.slice(split + 1);
  const expiresAt = view.getUint16(from + 32) * 2 ** 32 + view.getUint32(from + 34);
  const row: Omit<KeyRow, 'digest'> = {
    id: ulid === undefined ? text.slice(0, split) : `key_${ulid}`,
    owner: ownerOf(bytes, view, at, view.getUint16(from + 38)),
    profile: profiles.of(tableText(bytes, view, at, at.owners + view.getUint16(from + 40)), 'profile'),
  };
  if (expiresAt > 0) row.expiresAt = expiresAt;
  if (name !== '') row.name = name;
  return row;
}

/** How many keys a checked shard holds. */
export function keysInShard(bytes: Uint8Array): number {
  return wordAt(bytes, 8);
}

/** Whose keys a checked shard holds. */
export function tenantsInShard(bytes: Uint8Array): string[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const at = placesOf(bytes, view);
  return Array.from({ length: at.owners }, (_, owner) => ownerOf(bytes, view, at, owner).tenant);
}

interface Places { count: number; owners: number; profiles: number; ends: number; table: number; texts: number }

function placesOf(bytes: Uint8Array, view: DataView): Places {
  const count = view.getUint32(8);
  const owners = view.getUint16(12);
  const profiles = view.getUint16(14);
  const ends = headBytes + count * recordBytes;
  const table = ends + (owners + profiles) * 4;
  const last = owners + profiles === 0 || table > bytes.length ? 0 : view.getUint32(table - 4);
  return { count, owners, profiles, ends, table, texts: table + last };
}

function tableText(bytes: Uint8Array, view: DataView, at: Places, entry: number): string {
  const start = entry === 0 ? 0 : view.getUint32(at.ends + (entry - 1) * 4);
  return textOf(bytes, at.table + start, at.table + view.getUint32(at.ends + entry * 4));
}

function ownerText({ tenant, member }: KeyOwner): string {
  return member === undefined ? tenant : `${tenant} ${member}`;
}

function ownerOf(bytes: Uint8Array, view: DataView, at: Places, owner: number): KeyOwner {
  const text = tableText(bytes, view, at, owner);
  const split = text.indexOf(' ');
  return split < 0 ? { tenant: text } : { tenant: text.slice(0, split), member: text.slice(split + 1) };
}

function rises(view: DataView, from: number): boolean {
  for (let word = 1; word < 4; word++) {
    const step = view.getUint32(from + word * 4) - view.getUint32(from - recordBytes + word * 4);
    if (step !== 0) return step > 0;
  }
  return false;
}

function wordAt(bytes: Uint8Array, at: number): number {
  return (((bytes[at] ?? 0) << 24) | ((bytes[at + 1] ?? 0) << 16) | ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0)) >>> 0;
}

/** Where the runtime has Buffer, its slices are texts in a tenth of the time. */
function textOf(bytes: Uint8Array, from: number, to: number): string {
  return 'utf8Slice' in bytes && typeof bytes.utf8Slice === 'function' ? String(bytes.utf8Slice(from, to)) : decoder.decode(bytes.subarray(from, to));
}

const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** The 16 bytes of an id with a ULID; undefined for another id, or one that they would not give back. */
function fromUlid(id: string): Uint8Array | undefined {
  if (!/^key_[0-7][0-9A-HJKMNP-TV-Z]{25}$/.test(id)) return undefined;
  const bytes = new Uint8Array(16);
  let [held, holds, at] = [0, 0, 0];
  // 26 characters are 130 bits, of which the first two are nought.
  for (let char = 4; char < 30; char++) {
    held = (held << 5) | alphabet.indexOf(id.charAt(char));
    holds += char === 4 ? 3 : 5;
    while (holds >= 8) {
      holds -= 8;
      bytes[at++] = (held >>> holds) & 0xff;
    }
    held &= 0xff;
  }
  return bytes.some((byte) => byte !== 0) ? bytes : undefined;
}

/** Two characters for ten bits. */
const pairs = Array.from({ length: 1_024 }, (_, bits) => alphabet.charAt(bits >> 5) + alphabet.charAt(bits & 31));

function toUlid(view: DataView, from: number): string | undefined {
  const [a, b, c, d] = [view.getUint32(from), view.getUint32(from + 4), view.getUint32(from + 8), view.getUint32(from + 12)];
  if ((a | b | c | d) === 0) return undefined;
  const ten = (bits: number) => pairs[bits & 1_023] ?? '';
  // 130 bits, of which the first two are nought, ten at a time.
  return ten(a >>> 24) + ten(a >>> 14) + ten(a >>> 4) + ten((a << 6) | (b >>> 26)) + ten(b >>> 16) + ten(b >>> 6) + ten((b << 4) | (c >>> 28)) + ten(c >>> 18) + ten(c >>> 8) + ten((c << 2) | (d >>> 30)) + ten(d >>> 20) + ten(d >>> 10) + ten(d);
}
