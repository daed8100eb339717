// Answers and conversations that every dialect can say, for properties.
import fc from 'fast-check';
import type { ReplyEvent } from '../hub/events.ts';
import type { Part, Turn } from '../hub/conversation.ts';
import type { Reply, ReplyPart } from '../hub/reply.ts';
import type { StopReason } from '../hub/stop-reason.ts';

/** A short text of any characters, without blanks around it. */
export const word = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }).filter((text) => text.trim() === text);
/** What a model may write as the input of a call. */
const toolInput = fc.dictionary(word, fc.oneof(word, fc.integer(), fc.boolean(), fc.constant(null), fc.array(word, { maxLength: 2 })), { maxKeys: 3 });
const toolName = fc.stringMatching(/^[a-zA-Z_][a-zA-Z0-9_-]{0,20}$/);
const count = fc.nat(1_000_000);
const reading = fc.record({ input: count, output: count, cacheRead: count, cacheWrite5m: fc.constant(0), cacheWrite1h: fc.constant(0), reasoning: fc.constant(0) });
const callPart = fc.tuple(toolName, toolInput).map(([name, value]): ReplyPart => ({ kind: 'tool-call', id: '', name, input: JSON.stringify(value) }));
const textPart = word.map((text): ReplyPart => ({ kind: 'text', text }));
const thinkingPart = word.map((text): ReplyPart => ({ kind: 'thinking', text }));

/** Replies that all dialects can say: thinking, then text, then calls with ids of their own. */
export const reply: fc.Arbitrary<Reply> = fc
  .record({ thinking: fc.array(thinkingPart, { maxLength: 1 }), text: fc.array(textPart, { maxLength: 1 }), calls: fc.array(callPart, { maxLength: 3 }), reading, reason: fc.constantFrom<StopReason>('end', 'length', 'refusal') })
  .map(({ thinking, text, calls, reading: used, reason }) => ({
    id: 'reply-1',
    model: 'm',
    parts: [...thinking, ...text, ...calls.map((part, at) => (part.kind === 'tool-call' ? { ...part, id: `call-${at}` } : part))],
    stop: { reason: calls.length > 0 ? 'tools' : reason, raw: undefined, sequence: undefined },
    reading: used,
  }));

/** The events of a reply with its texts cut into pieces; blocks may be open together. */
export function eventsOf(said: Reply, pieceLength: number, together: boolean): ReplyEvent[] {
  const ends: ReplyEvent[] = [];
  const events: ReplyEvent[] = [{ kind: 'start', id: said.id, model: said.model }];
  for (const [index, part] of said.parts.entries()) {
    if (part.kind === 'sealed-thinking' || part.kind === 'server-tool') continue;
    const text = part.kind === 'tool-call' ? part.input : part.text;
    const characters = [...text];
    events.push({ kind: 'block-start', index, block: part.kind === 'tool-call' ? { kind: 'tool-call', id: part.id, name: part.name } : { kind: part.kind } });
    for (let at = 0; at < characters.length; at += pieceLength) events.push({ kind: 'block-delta', index, text: characters.slice(at, at + pieceLength).join('') });
    const end: ReplyEvent = { kind: 'block-end', index };
    if (together && part.kind === 'tool-call') ends.push(end);
    else events.push(end);
  }
  return [...events, ...ends, { kind: 'stop', stop: said.stop }, ...(said.reading ? [{ kind: 'reading' as const, reading: said.reading }] : []), { kind: 'end' }];
}

/** The reply that events add up to; throws when they break the rules of a stream. */
export function replyOf(events: readonly ReplyEvent[]): Reply {
  const parts: { part: ReplyPart; open: boolean }[] = [];
  let whole: Reply = { id: '', model: '', parts: [], stop: { reason: 'unknown', raw: undefined, sequence: undefined }, reading: undefined };
  let over = false;
  for (const event of events) {
    if (over) throw new Error(`${event.kind} after the end`);
    if (event.kind === 'start') whole = { ...whole, id: event.id, model: event.model };
    if (event.kind === 'reading') whole = { ...whole, reading: event.reading };
    if (event.kind === 'stop') whole = { ...whole, stop: { ...event.stop, raw: undefined } };
    if (event.kind === 'end' || event.kind === 'fault') over = true;
    if (event.kind === 'block-start') {
      if (event.index !== parts.length) throw new Error('blocks must be numbered in order');
      parts.push({ open: true, part: opened(event.block) });
    }
    if (event.kind !== 'block-delta' && event.kind !== 'block-end') continue;
    const block = parts[event.index];
    if (!block?.open) throw new Error(`${event.kind} for a block that is not open`);
    if (event.kind === 'block-end') block.open = false;
    else if (block.part.kind === 'tool-call' || block.part.kind === 'server-tool') block.part = { ...block.part, input: block.part.input + event.text };
    else if (block.part.kind !== 'sealed-thinking') block.part = { ...block.part, text: block.part.text + event.text };
  }
  if (!over || parts.some((block) => block.open)) throw new Error('the stream ended with an open block');
  return { ...whole, parts: parts.map((block) => block.part) };
}

function opened(block: Extract<ReplyEvent, { kind: 'block-start' }>['block']): ReplyPart {
  switch (block.kind) {
    case 'tool-call': return { ...block, input: '' };
    case 'server-tool': return { ...block, input: '', found: [], output: undefined };
    case 'sealed-thinking': return block;
    case 'text': return { kind: 'text', text: '' };
    case 'thinking': return { kind: 'thinking', text: '' };
  }
}

const userPart: fc.Arbitrary<Part> = fc.oneof(
  word.map((text): Part => ({ kind: 'text', text })),
  fc.constant<Part>({ kind: 'image', source: { kind: 'data', mediaType: 'image/png', data: 'AAAA' } }),
);

/** Conversations with pictures, parallel calls, their results, and reminders between them. */
export const turns: fc.Arbitrary<Turn[]> = fc
  .array(fc.record({ asked: fc.array(userPart, { minLength: 1, maxLength: 3 }), said: fc.array(word, { maxLength: 1 }), calls: fc.array(fc.tuple(toolName, toolInput, word), { maxLength: 3 }), reminder: fc.boolean() }), { minLength: 1, maxLength: 4 })
  .map((rounds) =>
    rounds.flatMap(({ asked, said, calls, reminder }, round): Turn[] => {
      const id = (at: number): string => `c${round}-${at}`;
      const spoken: Part[] = [...said.map((text): Part => ({ kind: 'text', text })), ...calls.map(([name, value], at): Part => ({ kind: 'tool-call', id: id(at), name, input: JSON.stringify(value) }))];
      const results = calls.map(([, , text], at): Part => ({ kind: 'tool-result', callId: id(at), parts: [{ kind: 'text', text }], isError: false }));
      const between: Turn[] = reminder ? [{ role: 'system', parts: [{ kind: 'text', text: 'reminder' }] }] : [];
      const answered: Turn[] = results.length > 0 ? [...between, { role: 'user', parts: results }] : between;
      return [{ role: 'user', parts: asked }, ...(spoken.length > 0 ? [{ role: 'assistant' as const, parts: spoken }] : []), ...answered];
    }),
  );
