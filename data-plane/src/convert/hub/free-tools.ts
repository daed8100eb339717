// Pure. Tools that take free text, for those who are asked and know only tools with JSON: wrapped in one field, and unwrapped in the answer.
import { isLoose, parseJson, textOf } from '@fairlead/shared/wire/json.ts';
import type { Conversation, Part, Tool } from './conversation.ts';
import type { ReplyEvent } from './events.ts';
import type { LossList } from './loss.ts';
import type { Reply } from './reply.ts';

/** A conversation without free tools, and the way back for its answer. */
export type Unfree = { readonly conversation: Conversation; reply(reply: Reply): Reply; openEvents(): (event: ReplyEvent) => ReplyEvent[] };

/** The one field that holds the text. */
const field = 'input';

/** Wraps free tools and their calls; where there are none nothing is copied. */
export function wrapFreeTools(conversation: Conversation, losses: LossList): Unfree {
  const free = new Set(conversation.tools.filter((tool) => tool.free).map((tool) => tool.name));
  if (free.size === 0) return { conversation, reply: (reply) => reply, openEvents: () => (event) => [event] };
  const wrapped = (part: Part): Part => (part.kind === 'tool-call' && free.has(part.name) ? { ...part, input: JSON.stringify({ [field]: part.input }) } : part);
  return {
    conversation: { ...conversation, tools: conversation.tools.map((tool) => asFunction(tool, losses)), turns: conversation.turns.map((turn) => ({ ...turn, parts: turn.parts.map(wrapped) })) },
    reply: (reply) => ({ ...reply, parts: reply.parts.map((part) => (part.kind === 'tool-call' && free.has(part.name) ? { ...part, input: textWithin(part.input) } : part)) }),
    openEvents: () => openUnwrapping(free),
  };
}

function asFunction({ free, ...tool }: Tool, losses: LossList): Tool {
  if (!free) return tool;
  if (free.format && free.format['type'] !== 'text') losses.add('tool: free format');
  const grammar = textOf(free.format?.['definition']);
  const how = grammar === undefined ? '' : `\n\nThe text in "${field}" must follow this grammar (${textOf(free.format?.['syntax']) ?? 'lark'}):\n${grammar}`;
  return { ...tool, description: `${tool.description ?? ''}${how}` || undefined, schema: { type: 'object', properties: { [field]: { type: 'string', description: 'The whole text that the tool takes.' } }, required: [field] } };
}

/** The text of a wrapped input; one that is not wrapped, as some models answer, is the text itself. */
function textWithin(input: string): string {
  const read = parseJson(input);
  return isLoose(read) ? (textOf(read[field]) ?? input) : typeof read === 'string' ? read : input;
}

/** Unwraps as the text comes: the calls of free tools go on piece by piece. */
function openUnwrapping(free: ReadonlySet<string>): (event: ReplyEvent) => ReplyEvent[] {
  const open = new Map<number, { push(text: string): string; end(): string }>();
  return (event) => {
    if (event.kind === 'block-start' && event.block.kind === 'tool-call' && free.has(event.block.name)) {
      open.set(event.index, openJsonText());
      return [event];
    }
    const unwrapper = 'index' in event ? open.get(event.index) : undefined;
    if (!unwrapper || (event.kind !== 'block-delta' && event.kind !== 'block-end')) return [event];
    const text = event.kind === 'block-delta' ? unwrapper.push(event.text) : unwrapper.end();
    const said: ReplyEvent[] = text === '' ? [] : [{ kind: 'block-delta', index: event.index, text }];
    return event.kind === 'block-end' ? [...said, event] : said;
  };
}

/** Reads the text out of `{"input":"…"}` as it comes in pieces; anything else is read whole at its end. */
function openJsonText(): { push(text: string): string; end(): string } {
  let head = '';
  let state: 'head' | 'text' | 'over' = 'head';
  let cut = '';
  let whole = '';
  let given = false;
  const read = (more: string): string => {
    // An escape may be cut in two: what is not whole waits for the rest.
    const text = cut + more;
    let at = 0;
    let last = 0;
    while (at < text.length) {
      if (text[at] === '"') { state = 'over'; last = at; break; }
      const length = text[at] !== '\\' ? 1 : text[at + 1] === 'u' ? 6 : 2;
      if (at + length > text.length) break;
      at += length;
      last = at;
    }
    cut = state === 'over' ? '' : text.slice(last);
    const said = parseJson(`"${text.slice(0, last)}"`);
    const out = typeof said === 'string' ? said : '';
    given ||= out !== '';
    return out;
  };
  return {
    push(more) {
      whole += more;
      if (state === 'over') return '';
      if (state === 'text') return read(more);
      head += more;
      const opening = /^\s*\{\s*"input"\s*:\s*"/.exec(head);
      if (!opening) return '';
      state = 'text';
      return read(head.slice(opening[0].length));
    },
    end: () => (given || state === 'over' ? '' : textWithin(whole)),
  };
}
