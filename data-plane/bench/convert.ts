// npm run bench:convert: CPU of one conversion, beside the same stream untouched and beside JSON alone. One process, one run; ratios matter.
import { Buffer } from 'node:buffer';
import { DIALECT_NAMES, type DialectName } from '@fairlead/shared/wire/dialect-name.ts';
import { createSseParser, encodeSseFrame } from '@fairlead/shared/wire/sse.ts';
import { openOutflow } from '../src/attempt/outflow.ts';
import type { StreamOut } from '../src/attempt/speak.ts';
import { openConversion } from '../src/convert/convert.ts';
import { dialectOf } from '../src/convert/dialect.ts';
import { emptyConversation, type Conversation } from '../src/convert/hub/conversation.ts';
import type { ReplyEvent } from '../src/convert/hub/events.ts';

const target = { model: 'upstream-model', maxOutputTokens: 32_000, limitOutput: false, issuer: 'i' };
const addressed = { model: 'm', stream: true };
const facts = { replyId: 'reply-1', model: 'm', createdS: 1, reportUsage: true };
const names = DIALECT_NAMES;
const prose = 'The quick brown fox jumps over the lazy dog and writes some code. ';
/** Streams arrive in pieces of this many bytes. */
const pieceBytes = 1_400;

/** A long talk with tools: what a coding client sends. */
function talk(bytes: number): Conversation {
  const rounds = Math.max(1, Math.round(bytes / 3_400));
  return {
    ...emptyConversation, model: 'm', stream: true, instructions: [{ kind: 'text', text: prose.repeat(20) }], maxOutputTokens: 1_000, extras: { dialect: 'gemini-generate', fields: {} },
    tools: Array.from({ length: 12 }, (_, at) => ({ name: `tool_${at}`, description: prose.repeat(4), schema: { type: 'object', properties: { path: { type: 'string', description: prose }, lines: { type: 'integer' } }, required: ['path'] } })),
    turns: Array.from({ length: rounds }, (_, at) => [
      { role: 'user' as const, parts: [{ kind: 'text' as const, text: prose.repeat(10) }] },
      { role: 'assistant' as const, parts: [{ kind: 'text' as const, text: prose.repeat(8) }, { kind: 'tool-call' as const, id: `call_${at}`, name: 'tool_1', input: JSON.stringify({ path: prose, lines: at }) }] },
      { role: 'user' as const, parts: [{ kind: 'tool-result' as const, callId: `call_${at}`, parts: [{ kind: 'text' as const, text: prose.repeat(28) }], isError: false }] },
    ]).flat(),
  };
}

/** A text of so many pieces, as events. */
function answer(pieces: number): ReplyEvent[] {
  return [
    { kind: 'start', id: 'r', model: 'm' }, { kind: 'block-start', index: 0, block: { kind: 'text' } },
    ...Array.from({ length: pieces }, (): ReplyEvent => ({ kind: 'block-delta', index: 0, text: 'some words of an answer, ' })),
    { kind: 'block-end', index: 0 }, { kind: 'stop', stop: { reason: 'end', raw: undefined, sequence: undefined } },
    { kind: 'reading', reading: { input: 10, output: 20, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0, reasoning: 0 } }, { kind: 'end' },
  ];
}

function bytesOf(name: DialectName, pieces: number): Uint8Array[] {
  const asked = talk(1);
  const writer = dialectOf(name).openWriter({ ...facts, asked });
  const all = Buffer.concat(answer(pieces).flatMap((event) => writer.push(event)).map((frame) => encodeSseFrame(frame)));
  return Array.from({ length: Math.ceil(all.length / pieceBytes) }, (_, at) => all.subarray(at * pieceBytes, (at + 1) * pieceBytes));
}

function bodyOf(name: DialectName, bytes: number): { text: string; json: Record<string, unknown> } {
  const text = JSON.stringify(dialectOf(name).writeRequest(talk(bytes), { ...target, model: 'm' }).value);
  return { text, json: JSON.parse(text) };
}

/** Microseconds of CPU a call: the least of several rounds, since others use this machine too. */
function cpuUs(work: () => void, totalMs: number): number {
  const until = (ms: number) => { const end = performance.now() + ms; let calls = 0; while (performance.now() < end) { work(); calls += 1; } return calls; };
  until(totalMs / 4);
  let least = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 5; round++) {
    const before = process.cpuUsage();
    const calls = until(totalMs / 5);
    const { user, system } = process.cpuUsage(before);
    least = Math.min(least, (user + system) / calls);
  }
  return least;
}

function untouched(name: DialectName, pieces: readonly Uint8Array[]): void {
  const flow = openOutflow(name, { how: 'raw' });
  for (const piece of pieces) flow.push(piece);
  flow.end();
}

/** The whole way that a converted stream goes: parsed, metered, converted, written. */
function converted(upstream: DialectName, client: DialectName, json: Record<string, unknown>, pieces: readonly Uint8Array[]): void {
  const stream = openConversion({ body: json, client, upstream, addressed, target, facts }).openStream();
  const out: StreamOut = { how: 'frames', push: (frame) => stream.push(frame), end: () => stream.end() };
  const flow = openOutflow(upstream, out);
  for (const piece of pieces) flow.push(piece);
  flow.end();
}

/** The client's own events as objects, to be written again with nothing else done. */
function saidOf(pieces: readonly Uint8Array[]): { event: string | undefined; data: unknown }[] {
  const parser = createSseParser();
  return pieces.flatMap((piece) => parser.push(piece)).map(({ event, data }) => ({ event, data: data === '[DONE]' ? undefined : JSON.parse(data) as unknown }));
}

function written(said: ReturnType<typeof saidOf>): void {
  for (const { event, data } of said) encodeSseFrame({ ...(event === undefined ? {} : { event }), data: data === undefined ? '[DONE]' : JSON.stringify(data) });
}

const quick = process.argv.includes('--quick');
const ms = quick ? 200 : 1_000;
const table: string[][] = [];
for (const upstream of names) {
  const pieces = bytesOf(upstream, 200);
  const many = bytesOf(upstream, 10_000);
  const same = cpuUs(() => { untouched(upstream, pieces); }, ms);
  const parsed = cpuUs(() => { const parser = createSseParser(); for (const piece of pieces) for (const frame of parser.push(piece)) JSON.parse(frame.data === '[DONE]' ? '0' : frame.data); }, ms);
  for (const client of names.filter((name) => name !== upstream)) {
    const said = saidOf(bytesOf(client, 200));
    const spoken = cpuUs(() => { written(said); }, ms);
    const small = bodyOf(client, 1).json;
    const cost = cpuUs(() => { converted(upstream, client, small, pieces); }, ms);
    const long = cpuUs(() => { converted(upstream, client, small, many); }, ms);
    const body = bodyOf(client, 100_000);
    const large = bodyOf(client, 1_000_000);
    const alone = (of: typeof body) => () => { JSON.stringify(JSON.parse(of.text)); };
    const json = cpuUs(alone(body), ms);
    const request = (of: typeof body) => () => { JSON.stringify(openConversion({ body: JSON.parse(of.text), client, upstream, addressed, target, facts }).request.value); };
    const asked = cpuUs(request(body), ms);
    const askedLarge = cpuUs(request(large), ms);
    table.push([client, upstream, (cost / 1000).toFixed(2), (cost / same).toFixed(1), (cost / parsed).toFixed(1), (parsed / same).toFixed(1), ((parsed + spoken) / same).toFixed(1), (long / cost / 50).toFixed(2), asked.toFixed(0), (asked / json).toFixed(1), (askedLarge / cpuUs(alone(large), ms)).toFixed(1)]);
  }
}
console.log(`Node ${process.versions.node}. CPU of one call, the least of five rounds. A stream of 200 events in pieces of ${pieceBytes} bytes: parsed, metered, converted, written. Parsing alone finds the upstream's frames and parses their JSON; writing alone makes the JSON and frames of the client's events from objects that are there: no conversion can cost less. A request of 100 KB: parsed, converted, written.\n`);
console.log('| client | upstream | 200 events ms | × untouched | × parsing alone | parsing alone × untouched | parsing and writing alone × untouched | 10,000 events, per event × | 100 KB µs | × JSON alone | 1 MB × JSON alone |');
console.log('|---|---|---|---|---|---|---|---|---|---|---|');
for (const row of table) console.log(`| ${row.join(' | ')} |`);
