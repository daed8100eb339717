// Pure. The items of a streamed Responses reply as blocks, whether their words come in pieces or all at their end.
import { looseOf, textOf, type Loose } from '@fairlead/shared/wire/json.ts';
import type { BlockKind, ReplyEvent, ReplySource } from '../hub/events.ts';
import { logprobsOf } from '../openai-chat/logprobs.ts';
import { citationsOf } from './citations.ts';
import { callOf, sealOf, thoughtOf } from './read-reply.ts';
import { serverToolPartOf } from './server-tools.ts';

/** A piece of an item that is or was a block. */
type Block = { readonly at: number; readonly kind: BlockKind['kind']; open: boolean; said: boolean; cited: boolean; rated: boolean };
type Item = { readonly type: string; readonly blocks: Map<number, Block>; done: boolean; /** Which of the two ways of telling thoughts this server has. */ told: 'summary' | 'content' | undefined; summary: number };

/** The items that came so far. */
export type StreamItems = {
  added(at: number, item: Loose): ReplyEvent[];
  /** More of a message's text or refusal. */
  text(at: number, part: number, text: string, refusal: boolean, logprobs: unknown): ReplyEvent[];
  cited(at: number, part: number, annotation: unknown): ReplyEvent[];
  /** More of what was thought: a piece of the summary by its number, or the thoughts themselves. */
  thought(at: number, summary: number | undefined, text: string): ReplyEvent[];
  /** More of a call's input. */
  input(at: number, text: string): ReplyEvent[];
  partDone(at: number, part: number, whole: Loose): ReplyEvent[];
  done(at: number, item: Loose): ReplyEvent[];
  /** The end of the reply, with all its items: what never came in pieces comes now. */
  finish(output: readonly Loose[]): ReplyEvent[];
  hasCalls(): boolean;
};

/** Starts with nothing. */
export function openItems(source: ReplySource): StreamItems {
  const items = new Map<number, Item>();
  const seen = new Set<string>();
  let blocks = 0;
  let calls = 0;

  const itemAt = (at: number, type: string): Item => {
    const known = items.get(at);
    if (known) return known;
    const item: Item = { type, blocks: new Map(), done: false, told: undefined, summary: 0 };
    items.set(at, item);
    return item;
  };
  const begin = (item: Item, part: number, kind: BlockKind): { block: Block; start: ReplyEvent } => {
    const block: Block = { at: blocks++, kind: kind.kind, open: true, said: false, cited: false, rated: false };
    if (kind.kind === 'tool-call') calls += 1;
    item.blocks.set(part, block);
    return { block, start: { kind: 'block-start', index: block.at, block: kind } };
  };
  const say = (item: Item, part: number, kind: BlockKind, text: string): ReplyEvent[] => {
    const known = item.blocks.get(part);
    if (known || text === '') return more(known, text);
    const { block, start } = begin(item, part, kind);
    return [start, ...more(block, text)];
  };
  const more = (block: Block | undefined, text: string): ReplyEvent[] => {
    if (!block?.open || text === '') return [];
    block.said = true;
    return [{ kind: 'block-delta', index: block.at, text }];
  };
  const end = (block: Block | undefined): ReplyEvent[] => {
    if (!block?.open) return [];
    block.open = false;
    return [{ kind: 'block-end', index: block.at }];
  };
  const rate = (block: Block | undefined, list: unknown): ReplyEvent[] => {
    const logprobs = logprobsOf(list);
    if (!block?.open || logprobs.length === 0) return [];
    block.rated = true;
    return [{ kind: 'logprobs', index: block.at, logprobs }];
  };
  const partDone = (item: Item, part: number, whole: Loose): ReplyEvent[] => {
    const refusal = textOf(whole['refusal']);
    const late = item.blocks.has(part) ? [] : say(item, part, refusal === undefined ? { kind: 'text' } : { kind: 'text', refusal: true }, refusal ?? textOf(whole['text']) ?? '');
    const block = item.blocks.get(part);
    if (!block?.open) return late;
    const citations = block.cited ? [] : citationsOf(whole['annotations']).map((citation): ReplyEvent => ({ kind: 'citation', index: block.at, citation }));
    return [...late, ...citations, ...(block.rated ? [] : rate(block, whole['logprobs'])), ...end(block)];
  };
  const reasoningDone = (item: Item, whole: Loose): ReplyEvent[] => {
    const seal = sealOf(whole, source);
    const late = item.blocks.has(0) ? [] : say(item, 0, { kind: 'thinking' }, thoughtOf(whole));
    const block = item.blocks.get(0);
    if (block) return block.open && seal ? [...late, { kind: 'seal', index: block.at, seal }, ...end(block)] : [...late, ...end(block)];
    if (!seal) return [];
    const sealed = begin(item, 0, { kind: 'sealed-thinking', seal });
    return [sealed.start, ...end(sealed.block)];
  };
  const callDone = (item: Item, at: number, whole: Loose): ReplyEvent[] => {
    const started = item.blocks.has(0) ? [] : [begin(item, 0, { kind: 'tool-call', ...callOf(whole, at) }).start];
    const block = item.blocks.get(0);
    const late = block?.said ? [] : more(block, textOf(whole['arguments']) ?? textOf(whole['input']) ?? '');
    return [...started, ...late, ...end(block)];
  };
  const done = (at: number, whole: Loose): ReplyEvent[] => {
    const item = itemAt(at, textOf(whole['type']) ?? '');
    if (item.done) return [];
    item.done = true;
    remember(whole);
    switch (item.type) {
      case 'message':
        return [...looseOf(whole['content']).flatMap((part, index) => partDone(item, index, part)), ...[...item.blocks.values()].flatMap(end)];
      case 'reasoning':
        return reasoningDone(item, whole);
      case 'function_call':
      case 'custom_tool_call':
        return callDone(item, at, whole);
      default: {
        const part = serverToolPartOf(whole);
        if (!part) return [];
        const { block, start } = begin(item, 0, { kind: 'server-tool', tool: part.tool, id: part.id });
        return [start, { kind: 'block-delta', index: block.at, text: part.input }, { kind: 'found', index: block.at, found: part.found, output: part.output }, ...end(block)];
      }
    }
  };
  const remember = (item: Loose): void => { for (const id of [textOf(item['id']), textOf(item['call_id'])]) if (id) seen.add(id); };
  const isSeen = (item: Loose): boolean => [textOf(item['id']), textOf(item['call_id'])].some((id) => id !== undefined && seen.has(id));

  return {
    added(at, whole) {
      // A server that numbers no items puts each in the place of the last.
      if (items.get(at)?.done) items.delete(at);
      const item = itemAt(at, textOf(whole['type']) ?? '');
      remember(whole);
      const isCall = item.type === 'function_call' || item.type === 'custom_tool_call';
      return isCall && !item.blocks.has(0) ? [begin(item, 0, { kind: 'tool-call', ...callOf(whole, at) }).start] : [];
    },
    text(at, part, text, refusal, logprobs) {
      const item = itemAt(at, 'message');
      const said = say(item, part, refusal ? { kind: 'text', refusal: true } : { kind: 'text' }, text);
      return Array.isArray(logprobs) && logprobs.length > 0 ? [...said, ...rate(item.blocks.get(part), logprobs)] : said;
    },
    cited(at, part, annotation) {
      const block = items.get(at)?.blocks.get(part);
      if (!block?.open) return [];
      block.cited = true;
      return citationsOf([annotation]).map((citation): ReplyEvent => ({ kind: 'citation', index: block.at, citation }));
    },
    thought(at, summary, text) {
      const item = itemAt(at, 'reasoning');
      const told = summary === undefined ? 'content' : 'summary';
      item.told ??= told;
      if (item.told !== told || text === '') return [];
      const next = summary !== undefined && summary !== item.summary && item.blocks.has(0);
      item.summary = summary ?? 0;
      return say(item, 0, { kind: 'thinking' }, next ? `\n\n${text}` : text);
    },
    // Without its item a call has no name yet: its input comes once more, whole.
    input: (at, text) => more(items.get(at)?.blocks.get(0), text),
    partDone(at, part, whole) {
      const item = itemAt(at, 'message');
      return item.type === 'message' ? partDone(item, part, whole) : [];
    },
    done,
    finish(output) {
      const late = output.flatMap((item, at) => (items.get(at)?.done || (!items.has(at) && isSeen(item)) ? [] : done(at, item)));
      return [...late, ...[...items.values()].flatMap((item) => [...item.blocks.values()].flatMap(end))];
    },
    hasCalls: () => calls > 0,
  };
}
