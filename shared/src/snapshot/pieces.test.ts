import { expect, test } from 'vitest';
import { toHex } from '../crypto/base64url.ts';
import { readHead } from './head.ts';
import { readPart, writeParts } from './list-part.ts';
import { readManifest, sectionNames, writeManifest } from './manifest.ts';
import type { Manifest } from './manifest.ts';
import { pageBytes, readPage, writePage } from './page.ts';
import type { SnapshotTenant } from './snapshot.ts';

const bytes = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
const hash = (byte: number) => toHex(new Uint8Array(32).fill(byte));

test('a list is spread over parts by names alone: one change alters one part, and the order of reading alters none', () => {
  const tenants: SnapshotTenant[] = Array.from({ length: 3_000 }, (_, at) => ({ id: `ten_${at}`, status: 'ACTIVE', models: ['claude-*'] }));
  const before = writeParts('tenants', tenants);
  expect(before.parts.length).toBeGreaterThan(4);
  expect(writeParts('tenants', [...tenants].reverse())).toEqual(before);
  const after = writeParts('tenants', tenants.map((tenant) => (tenant.id === 'ten_77' ? { ...tenant, status: 'SUSPENDED' } : tenant)), before.bits);
  expect(after.parts.filter((part, at) => String(part) !== String(before.parts[at]))).toHaveLength(1);
  const read = after.parts.flatMap((part, at) => (part ? readPart(part, 'tenants', at) : []));
  expect(read).toHaveLength(3_000);
  expect(() => readPart(after.parts[1] ?? new Uint8Array(), 'tenants', 0)).toThrow(/another place/);
  expect(() => readPart(after.parts[1] ?? new Uint8Array(), 'pools', 1)).toThrow(/another place/);
});

test('a page gives its references back, and is of its place alone', () => {
  const refs = Array.from({ length: 128 }, (_, at) => (at % 3 === 0 ? undefined : { sha256: hash(at), bytes: at + 1 }));
  const page = writePage('keys', 5, refs);
  expect(page).toHaveLength(pageBytes('keys', 5, 13));
  expect(readPage(page, 'keys', 5, 13)).toEqual(refs);
  for (const [name, index, bits] of [['keys', 6, 13], ['pools', 5, 13], ['keys', 5, 3]] as const) expect(() => readPage(page, name, index, bits)).toThrow(/another/);
  expect(() => readPage(writePage('keys', 0, [{ sha256: hash(1), bytes: 1 << 30 }]), 'keys', 0, 0)).toThrow(/too large/);
});

const sections = Object.fromEntries(sectionNames.map((name) => [name, { bits: 0, pages: [hash(7)] }])) as unknown as Manifest['sections'];
const manifest: Manifest = { schema: 5, fleet: 'f', group: 'all', root: 1, revision: 9, issuedAt: 1, secretEpoch: 1, hardStaleSeconds: 0, publicUrl: 'http://x', keyCount: 3, previous: hash(1), sections: { ...sections, keys: { bits: 8, pages: [hash(1), hash(2)] } } };

test('a manifest is read as it was written', () => {
  expect(readManifest(writeManifest(manifest))).toEqual(manifest);
  expect(writeManifest({ ...manifest })).toEqual(writeManifest(manifest));
});

test.each<[string, unknown, string]>([
  ['no JSON', '', 'malformed'], ['of a newer schema', { ...manifest, schema: 6 }, 'too-new'], ['without a revision', { ...manifest, revision: 0 }, 'malformed'], ['without sections', { ...manifest, sections: {} }, 'malformed'],
  ['with too few pages', { ...manifest, sections: { ...sections, keys: { bits: 8, pages: 'AAAA' } } }, 'malformed'], ['with too many bins', { ...manifest, sections: { ...sections, keys: { bits: 21, pages: 'AAAA' } } }, 'malformed'],
  ['with a previous one that is no hash', { ...manifest, previous: 'x' }, 'malformed'],
])('a manifest that is %s is refused', (_, value, code) => {
  expect(() => readManifest(bytes(value))).toThrow(expect.objectContaining({ code }));
});

test.each<[string, object]>([['of no fleet', { fleet: '' }], ['of revision 0', { revision: 0 }], ['of half a revision', { revision: 1.5 }], ['without a manifest', { manifest: undefined }], ['with a manifest beyond bounds', { manifest: { sha256: hash(1), bytes: 1 << 30 } }], ['with a hash that is none', { manifest: { sha256: 'X', bytes: 1 } }]])('a head %s is refused', (_, change) => {
  const head = { fleet: 'f', group: 'all', revision: 1, issuedAt: 1, freshUntil: 2, root: 1, manifest: { sha256: hash(1), bytes: 9 } };
  expect(readHead(bytes(head))).toEqual(head);
  expect(() => readHead(bytes({ ...head, ...change }))).toThrow(expect.objectContaining({ code: 'malformed' }));
});
