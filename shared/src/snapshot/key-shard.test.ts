import { expect, test } from 'vitest';
import fc from 'fast-check';
import { newId } from '../id.ts';
import { toHex } from '../crypto/base64url.ts';
import { binOfDigest, bitsFor, digestsOfBin, keysPerBin } from './bins.ts';
import type { KeyRow } from './key-row.ts';
import { checkShard, createProfiles, keyInShard, keysInShard, placeInShard, tenantsInShard, wordsOf, writeShard } from './key-shard.ts';

const tenants = ['ten_a', 'ten_b', 'ten_c'];
const digest = fc.uint8Array({ minLength: 32, maxLength: 32 }).map(toHex);
const optional = <T>(of: fc.Arbitrary<T>) => fc.option(of, { nil: undefined });
/** What is undefined is left out, as in what is built. */
const without = (value: unknown): KeyRow => JSON.parse(JSON.stringify(value)) as KeyRow;
const row: fc.Arbitrary<KeyRow> = fc.record({
  id: fc.oneof(fc.constant(0).map(() => newId('key')), fc.nat().map((at) => `key_odd${at}`)), digest,
  owner: fc.record({ tenant: fc.constantFrom(...tenants), member: optional(fc.constantFrom('mem_1', 'mem_2')) }),
  profile: fc.record({ status: fc.constantFrom('ACTIVE', 'PAUSED', 'REVOKED'), funding: fc.constantFrom('POOL', 'WALLET', 'OWN_PROVIDER', 'TENANT_BUDGET'), maxOutputTokens: optional(fc.integer({ min: 1, max: 9 })), tags: optional(fc.array(fc.constantFrom('x', 'ü'), { maxLength: 2 })) }),
  expiresAt: optional(fc.integer({ min: 1, max: 2 ** 48 - 1 })), name: optional(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }).filter((text) => !text.includes('\u0000') && text.isWellFormed())),
}).map(without);
const rows = fc.uniqueArray(row, { selector: ({ digest: text }) => text, maxLength: 40 });

test('every key of a bin is found as it was written, no other is, and equal keys give equal bytes in whatever order they come', () => {
  fc.assert(fc.property(rows, digest, (keys, stranger) => {
    const shard = writeShard(keys, 0);
    if (!shard) {
      expect(keys).toEqual([]);
      return;
    }
    const profiles = createProfiles();
    expect(checkShard(shard, 0, 0, new Set(tenants), profiles)).toBe(keys.length);
    expect(keysInShard(shard)).toBe(keys.length);
    for (const key of keys) {
      const { digest: _, ...rest } = key;
      const place = placeInShard(shard, wordsOf(key.digest));
      expect(keyInShard(shard, place, profiles)).toEqual(rest);
      // Where the runtime has another way to read texts.
      expect(keyInShard(Buffer.from(shard), place, profiles)).toEqual(rest);
    }
    if (!keys.some((key) => key.digest.startsWith(stranger.slice(0, 32)))) expect(placeInShard(shard, wordsOf(stranger))).toBe(-1);
    expect(writeShard([...keys].reverse(), 0)).toEqual(shard);
    expect(new Set(tenantsInShard(shard))).toEqual(new Set(keys.map(({ owner }) => owner.tenant)));
  }));
});

test('a shard that is cut or altered anywhere is refused, or says the same of all other keys; it never breaks a reader', () => {
  fc.assert(fc.property(rows.filter((keys) => keys.length > 0), fc.nat(), fc.integer({ min: 1, max: 255 }), fc.boolean(), (keys, at, flip, cut) => {
    const shard = writeShard(keys, 0) ?? new Uint8Array();
    const harmed = cut ? shard.slice(0, at % shard.length) : shard.map((byte, index) => (index === at % shard.length ? byte ^ flip : byte));
    const profiles = createProfiles();
    try {
      checkShard(harmed, 0, 0, new Set(tenants), profiles);
    } catch (error) {
      expect(error).toMatchObject({ name: 'Error', code: expect.stringMatching(/malformed|dangling/) });
      return;
    }
    for (let place = 0; place < keysInShard(harmed); place++) expect(keyInShard(harmed, place, profiles).id).toBeTypeOf('string');
  }));
});

test('every digest is in the one bin whose bounds hold it, however many bins there are', () => {
  fc.assert(fc.property(digest, fc.integer({ min: 0, max: 17 }), (text, bits) => {
    const { from, below } = digestsOfBin(binOfDigest(text, bits), bits);
    expect(text >= from && (below === undefined || text < below)).toBe(true);
  }));
});

test('bins stay as many as they are until they are twice too full or a quarter full, and are never far from what they should be', () => {
  fc.assert(fc.property(fc.array(fc.integer({ min: 0, max: 3_000_000 }), { minLength: 1, maxLength: 20 }), (loads) => {
    let bits: number | undefined;
    for (const load of loads) {
      const next = bitsFor(load, keysPerBin, bits);
      expect(load / 2 ** next).toBeLessThanOrEqual(2 * keysPerBin);
      if (next > 0) expect(load / 2 ** next).toBeGreaterThanOrEqual(keysPerBin / 4);
      bits = next;
    }
  }));
  expect([bitsFor(1_000_000, keysPerBin), bitsFor(1_000_001, keysPerBin, 13), bitsFor(1_700_000, keysPerBin, 13), bitsFor(0, keysPerBin, 13)]).toEqual([13, 13, 14, 0]);
});
