// Bodies and streams of the golden cases, broken at random: whatever comes, a conversion answers for it and never makes up an end.
import { readdirSync, readFileSync, existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { DIALECT_NAMES, type DialectName } from '@fairlead/shared/wire/dialect-name.ts';
import { isLoose } from '@fairlead/shared/wire/json.ts';
import { createSseParser, type SseFrame } from '@fairlead/shared/wire/sse.ts';
import { BadRequest } from './hub/bad-request.ts';
import { dialectOf } from './dialect.ts';
import { openDice, mutated, scrambled, type Dice } from './testing/mutations.ts';
import { conversionOf, smallRequest } from './testing/conversions.ts';
import { openUsageReader } from './usage-reader.ts';

const ROOT = fileURLToPath(new URL('../../fixtures/', import.meta.url));
const deep = process.env.FAIRLEAD_TEST_DEEP === '1';
const rounds = deep ? 50_000 : 1_000;
const seed = Number(process.env.FAIRLEAD_TEST_SEED ?? Date.now() % 1_000_000);
/** A conversion of one broken body may take this long at most, whatever else the machine does. */
const mostMs = 2_000;

function files(dialect: DialectName, name: string): string[] {
  return readdirSync(`${ROOT}${dialect}`).map((folder) => `${ROOT}${dialect}/${folder}/${name}`).filter((path) => existsSync(path)).map((path) => readFileSync(path, 'utf8'));
}

const requests = Object.fromEntries(DIALECT_NAMES.map((name) => [name, files(name, 'request.json').map((text): unknown => JSON.parse(text))])) as Record<DialectName, unknown[]>;
const replies = Object.fromEntries(DIALECT_NAMES.map((name) => [name, files(name, 'reply.json').map((text): unknown => JSON.parse(text))])) as Record<DialectName, unknown[]>;
const streams = Object.fromEntries(DIALECT_NAMES.map((name) => [name, files(name, 'reply.sse')])) as Record<DialectName, string[]>;

function quickly<T>(what: string, work: () => T): T {
  const started = performance.now();
  const result = work();
  expect(performance.now() - started, `${what} takes too long`).toBeLessThan(mostMs);
  return result;
}

/** Runs a body of tests with dice of their own each round, and names the round that fails. */
function each(name: string, test: (dice: Dice) => void): void {
  it(name, () => {
    for (let round = 0; round < rounds; round++) {
      try {
        test(openDice(seed * 100_003 + round));
      } catch (error) {
        throw new Error(`seed ${seed}, round ${round}: ${error instanceof Error ? `${error.message}\n${error.stack}` : String(error)}`, { cause: error });
      }
    }
  });
}

describe.each(DIALECT_NAMES)('broken bodies of %s', (dialect) => {
  const others = DIALECT_NAMES.filter((name) => name !== dialect);

  each('become a body, or a refusal with its place', (dice) => {
    const body = mutated(dice.pick(requests[dialect]), dice, () => dice.pick(requests[dice.pick(DIALECT_NAMES)]));
    if (!isLoose(body)) return;
    const upstream = dice.pick(others);
    try {
      const { request } = quickly('a request', () => conversionOf(body, dialect, upstream));
      expect(JSON.parse(JSON.stringify(request.value))).toBeTypeOf('object');
    } catch (error) {
      // Nested beyond the stack: a node refuses it as such where it is written down.
      if (error instanceof RangeError) return;
      if (!(error instanceof BadRequest)) throw error;
      expect(error.path).not.toBe('');
    }
  });

  each('of answers become an answer', (dice) => {
    const body = mutated(dice.pick(replies[dialect]), dice, () => dice.pick(replies[dice.pick(DIALECT_NAMES)]));
    if (!isLoose(body)) return;
    const client = dice.pick(others);
    try {
      const { value } = quickly('a reply', () => conversionOf(smallRequest(client), client, dialect).reply(body));
      dialectOf(client).readReply(value, { issuer: 'i' });
    } catch (error) {
      // Nested beyond the stack: for a node that answer has broken off.
      if (!(error instanceof RangeError)) throw error;
    }
  });

  each('of streams become a stream that ends whole only where the upstream\'s did', (dice) => {
    const bytes = new TextEncoder().encode(scrambled(dice.pick(streams[dialect]), dice, () => dice.pick(streams[dice.pick(DIALECT_NAMES)])));
    const client = dice.pick(others);
    const sent = openUsageReader(dialect);
    const heard = openUsageReader(client);
    const stream = conversionOf(smallRequest(client), client, dialect).openStream();
    const parser = createSseParser();
    const out: SseFrame[] = [];
    const take = (frames: readonly SseFrame[]) => { for (const frame of frames) { sent.push(frame); out.push(...stream.push(frame)); } };
    quickly('a stream', () => {
      for (let at = 0; at < bytes.length; ) { const next = Math.min(bytes.length, at + 1 + dice.below(400)); take(parser.push(bytes.subarray(at, next))); at = next; }
      take(parser.end());
      // As a node does: the end is asked for only where the upstream has ended.
      out.push(...stream.end());
    });
    for (const frame of out) heard.push(frame);
    if (heard.ended() && heard.failed() === undefined) expect(sent.ended(), out.map((frame) => frame.data).join('\n').slice(-600)).toBe(true);
    // The client's own reader takes every frame that was written.
    const reader = dialectOf(client).openReader({ issuer: 'i' });
    const open = new Set<number>();
    for (const event of [...out.flatMap((frame) => reader.push(frame)), ...reader.end()]) {
      if (event.kind === 'block-start') open.add(event.index);
      if (event.kind === 'block-end') expect(open.delete(event.index)).toBe(true);
    }
  });
});
