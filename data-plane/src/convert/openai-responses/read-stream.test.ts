import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SseFrame } from '@fairlead/shared/wire/sse.ts';
import type { BlockKind, ReplyEvent, ReplyFacts } from '../hub/events.ts';
import type { ReplyPart } from '../hub/reply.ts';
import { readRequest } from './read-request.ts';
import { openReader } from './read-stream.ts';
import { openWriter } from './write-stream.ts';

const facts: ReplyFacts = { replyId: 'r', model: 'm', createdS: 1, reportUsage: true, asked: readRequest({ model: 'm', input: 'x', tools: [{ type: 'function', name: 'f' }, { type: 'custom', name: 'g' }] }) };

const word = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 6 });
const part: fc.Arbitrary<ReplyPart> = fc.oneof(
  fc.tuple(word, fc.boolean()).map(([text, cited]): ReplyPart => ({ kind: 'text', text, ...(cited && { citations: [{ url: 'https://x', title: 'X' }] }) })),
  word.map((text): ReplyPart => ({ kind: 'text', text, refusal: true })),
  fc.tuple(word, word).map(([text, data]): ReplyPart => ({ kind: 'thinking', text, seal: { dialect: 'openai-responses', issuer: 'i', data } })),
  word.map((data): ReplyPart => ({ kind: 'sealed-thinking', seal: { dialect: 'openai-responses', issuer: 'i', data } })),
  fc.tuple(fc.uuid(), fc.constantFrom('f', 'g'), word).map(([id, name, input]): ReplyPart => ({ kind: 'tool-call', id, name, input })),
  fc.constant<ReplyPart>({ kind: 'server-tool', tool: 'web-search', id: 's', input: '{"query":"q"}', found: [], output: undefined }),
);

function framesOf(parts: readonly ReplyPart[]): SseFrame[] {
  const writer = openWriter(facts);
  const blocks = parts.flatMap((one, index): ReplyEvent[] => {
    const kind: BlockKind = one.kind === 'text' ? { kind: 'text', ...(one.refusal && { refusal: true }) } : one.kind === 'thinking' ? { kind: 'thinking' } : one;
    const text = one.kind === 'tool-call' || one.kind === 'server-tool' ? one.input : one.kind === 'sealed-thinking' ? '' : one.text;
    const more: ReplyEvent[] = one.kind === 'text' ? (one.citations ?? []).map((citation) => ({ kind: 'citation', index, citation })) : one.kind === 'thinking' && one.seal ? [{ kind: 'seal', index, seal: one.seal }] : [];
    return [{ kind: 'block-start', index, block: kind }, ...[...text].map((piece): ReplyEvent => ({ kind: 'block-delta', index, text: piece })), ...more, { kind: 'block-end', index }];
  });
  const events: ReplyEvent[] = [{ kind: 'start', id: 'up', model: 'm' }, ...blocks, { kind: 'stop', stop: { reason: 'end', raw: undefined, sequence: undefined } }, { kind: 'end' }];
  return events.flatMap((event) => writer.push(event));
}

function readAll(frames: readonly SseFrame[]): ReplyEvent[] {
  const reader = openReader({ issuer: 'i' });
  return [...frames.flatMap((frame) => reader.push(frame)), ...reader.end()];
}

/** What was said, block by block; throws when the rules of a stream are broken. */
function saidIn(events: readonly ReplyEvent[]): unknown[] {
  const blocks: { block: BlockKind; text: string; more: unknown[]; open: boolean }[] = [];
  for (const event of events) {
    if (event.kind === 'block-start' && event.index !== blocks.length) throw new Error('blocks must be numbered in order');
    if (event.kind === 'block-start') blocks.push({ block: event.block, text: '', more: [], open: true });
    if (!('index' in event) || event.kind === 'block-start') continue;
    const block = blocks[event.index];
    if (!block?.open) throw new Error(`${event.kind} for a block that is not open`);
    if (event.kind === 'block-end') block.open = false;
    else if (event.kind === 'block-delta') block.text += event.text;
    else block.more.push(event);
  }
  if (blocks.some((block) => block.open)) throw new Error('a block was never ended');
  return blocks;
}

/** Kinds of events that this or that compatible server leaves out; the end of an item is there wherever Codex is served. */
const leftOut = [/^response\.(?:created|in_progress)$/, /\.delta$|annotation\.added$/, /^response\.content_part/, /_text\.done|arguments\.done|input\.done|refusal\.done/, /reasoning_summary_part/, /^response\.output_item\.added$/, /web_search_call/];

describe('a stream of Responses', () => {
  it('says the same whatever kinds of events its server leaves out, as long as it ends', () => {
    fc.assert(
      fc.property(fc.array(part, { maxLength: 5 }), fc.subarray(leftOut), (parts, without) => {
        const frames = framesOf(parts);
        const some = frames.filter((frame) => !without.some((kind) => kind.test(frame.event ?? '')));
        expect(saidIn(readAll(some))).toEqual(saidIn(readAll(frames)));
        expect(readAll(some).at(-1)).toEqual({ kind: 'end' });
      }),
    );
  });

  it('is never whole without its last event, wherever it is cut', () => {
    fc.assert(
      fc.property(fc.array(part, { maxLength: 5 }), fc.nat(), (parts, at) => {
        const frames = framesOf(parts);
        const events = readAll(frames.slice(0, at % frames.length));
        expect([events.at(-1)?.kind, events.some((event) => event.kind === 'end' || event.kind === 'stop')]).toEqual(['fault', false]);
      }),
    );
  });

  it('keeps what was sealed letter by letter, with the id of its item', () => {
    const item = { type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: 'gAAAA+/=' };
    const events = readAll([{ data: JSON.stringify({ type: 'response.output_item.done', output_index: 0, item }) }]);
    expect(events[0]).toEqual({ kind: 'block-start', index: 0, block: { kind: 'sealed-thinking', seal: { dialect: 'openai-responses', issuer: 'i', data: 'gAAAA+/=', id: 'rs_1' } } });
  });
});
