// Every case under fixtures/, held against what is written there. `npm run golden` writes it anew, to be reviewed as code.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { DIALECT_NAMES, type DialectName } from '@fairlead/shared/wire/dialect-name.ts';
import { isLoose, type Loose } from '@fairlead/shared/wire/json.ts';
import { createSseParser, writeSseFrame, type SseFrame } from '@fairlead/shared/wire/sse.ts';
import { convertRequest, conversionOf, smallRequest, type TestFacts } from './testing/conversions.ts';
import { openUsageReader, readUsage } from './usage-reader.ts';

const ROOT = fileURLToPath(new URL('../../fixtures/', import.meta.url));
const facts: TestFacts = { replyId: 'reply-1', model: 'asked-model', createdS: 1_790_000_000, reportUsage: true };
const target = { model: 'upstream-model', maxOutputTokens: 32_000, limitOutput: false, issuer: 'issuer-1' };

type Case = { readonly dialect: DialectName; readonly name: string; readonly folder: string };

const cases: Case[] = DIALECT_NAMES.flatMap((dialect) => readdirSync(`${ROOT}${dialect}`).map((name) => ({ dialect, name, folder: `${ROOT}${dialect}/${name}` })));

function json(path: string): Loose | undefined {
  if (!existsSync(path)) return undefined;
  const read: unknown = JSON.parse(readFileSync(path, 'utf8'));
  if (!isLoose(read)) throw new Error(`${path} must hold an object`);
  return read;
}

function frames(path: string): SseFrame[] | undefined {
  if (!existsSync(path)) return undefined;
  const parser = createSseParser();
  return [...parser.push(readFileSync(path)), ...parser.end()];
}

function readable(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

describe.each(cases)('$dialect/$name', ({ dialect, folder }) => {
  const request = json(`${folder}/request.json`);
  const reply = json(`${folder}/reply.json`);
  const stream = frames(`${folder}/reply.sse`);

  it('says where it comes from and what it protects', () => {
    expect(json(`${folder}/case.json`)).toMatchObject({ origin: expect.any(String), date: expect.any(String), protects: expect.any(String) });
  });

  it('has this reading, whoever asks', async () => {
    const usage = openUsageReader(dialect);
    for (const frame of stream ?? []) usage.push(frame);
    const streamed = stream && { reading: usage.reading() ?? null, ended: usage.ended(), failed: usage.failed() ?? null, hasContent: usage.hasContent() };
    await expect(readable({ whole: reply && (readUsage(dialect, reply) ?? null), streamed })).toMatchFileSnapshot(`${folder}/expect/reading.json`);
  });

  for (const other of DIALECT_NAMES.filter((name) => name !== dialect)) {
    it(`reads like this in ${other}`, async () => {
      const losses: Record<string, unknown> = {};
      // A client of the other dialect asked the same, so that the answer goes the whole way back.
      const asked = request ? convertRequest(request, dialect, other, target).value : smallRequest(other);
      const conversion = conversionOf(asked, other, dialect, target, facts);
      if (request) {
        const written = convertRequest(request, dialect, other, target);
        losses['request'] = written.losses;
        await expect(readable(written.value)).toMatchFileSnapshot(`${folder}/expect/${other}.request.json`);
      }
      if (reply) {
        const written = conversion.reply(reply);
        losses['reply'] = written.losses;
        await expect(readable(written.value)).toMatchFileSnapshot(`${folder}/expect/${other}.reply.json`);
      }
      if (stream) {
        const back = conversion.openStream();
        const out = [...stream.flatMap((frame) => back.push(frame)), ...back.end()];
        losses['stream'] = back.losses();
        await expect(out.map(writeSseFrame).join('')).toMatchFileSnapshot(`${folder}/expect/${other}.reply.sse`);
      }
      await expect(readable(losses)).toMatchFileSnapshot(`${folder}/expect/${other}.losses.json`);
    });
  }
});
