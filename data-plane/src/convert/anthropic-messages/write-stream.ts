// Pure. ReplyEvents to the frames of a Messages stream.
import type { Reading } from '@fairlead/shared/money/charge.ts';
import type { BlockDelta, ContentBlock, MessagesEvent } from '@fairlead/shared/wire/anthropic-messages.ts';
import type { SseFrame } from '@fairlead/shared/wire/sse.ts';
import type { Citation } from '../hub/citation.ts';
import type { BlockKind, ReplyEvent, ReplyFacts, StreamWriter } from '../hub/events.ts';
import { openInOrder } from '../hub/in-order.ts';
import { createLossList } from '../hub/loss.ts';
import { packSeal } from '../hub/seal.ts';
import type { Stop } from '../hub/stop-reason.ts';
import { citationWord } from './citations.ts';
import { faults } from './faults.ts';
import { serverToolBlocks } from './server-tool-blocks.ts';
import { writeStop } from './stop-reasons.ts';
import { createToolIds } from './tool-ids.ts';
import { writeUsage } from './usage-words.ts';

/** A block of the hub; what a server tool was asked and found is written with its end. */
type Block = { readonly kind: BlockKind; ended: boolean; input: string; found: readonly Citation[]; output: string | undefined };

/** What happens to a block, in the order of blocks. */
type BlockEvent = Extract<ReplyEvent, { kind: 'block-start' | 'block-delta' | 'seal' | 'citation' | 'block-end' }>;

/** Opens a writer for one stream. Clients of this dialect expect one block after the other. */
export function openWriter(facts: ReplyFacts): StreamWriter {
  const losses = createLossList();
  const ids = createToolIds();
  const blocks: Block[] = [];
  const inOrder = openInOrder();
  /** The client's own numbers: one block of the hub may be two here. */
  let index = 0;
  let started = false;
  let over = false;
  let reading: Reading | undefined;
  let stop: Stop = { reason: 'unknown', raw: undefined, sequence: undefined };

  const start = (id: string): SseFrame[] => {
    if (started) return [];
    started = true;
    const message = { id: id || facts.replyId, type: 'message', role: 'assistant', model: facts.model, content: [], stop_reason: null, stop_sequence: null, usage: { ...writeUsage(reading), output_tokens: 0 } } as const;
    return [frame({ type: 'message_start', message })];
  };
  /** Once text was written, thinking without words waits for what follows: as the last block it would hide the text from clients. */
  let spoke = false;
  const waiting: ContentBlock[] = [];
  let silent: Block | undefined;
  let silentSeal: string | undefined;
  const released = (): SseFrame[] => waiting.splice(0).flatMap(whole);
  const whole = (content_block: ContentBlock): SseFrame[] => [frame({ type: 'content_block_start', index, content_block }), frame({ type: 'content_block_stop', index: index++ })];
  const say = (block: Block, event: ReplyEvent): SseFrame[] => {
    const { kind } = block;
    switch (event.kind) {
      case 'block-start': {
        if (kind.kind === 'server-tool') return [];
        if (spoke && kind.kind === 'sealed-thinking') { waiting.push(opened(kind, '')); return []; }
        if (spoke && kind.kind === 'thinking') { silent = block; silentSeal = undefined; return []; }
        if (kind.kind === 'text') spoke = true;
        const before = released();
        const id = kind.kind === 'tool-call' ? ids.give(kind.id) : '';
        const sealed = kind.kind === 'tool-call' && kind.seal ? whole({ type: 'redacted_thinking', data: packSeal({ ...kind.seal, callId: id }) }) : [];
        return [...before, ...sealed, frame({ type: 'content_block_start', index, content_block: opened(kind, id) })];
      }
      case 'block-delta':
        if (kind.kind === 'server-tool') block.input += event.text;
        if (kind.kind === 'server-tool') return [];
        return silent === block ? [...begun(block), said(kind.kind, event.text)] : [said(kind.kind, event.text)];
      case 'seal':
        if (silent === block) { silentSeal = packSeal(event.seal); return []; }
        return kind.kind === 'thinking' ? [delta({ type: 'signature_delta', signature: packSeal(event.seal) })] : [];
      case 'citation':
        return kind.kind === 'text' ? [delta({ type: 'citations_delta', citation: citationWord(event.citation) })] : [];
      case 'block-end':
        if (kind.kind === 'server-tool') return serverToolBlocks({ ...kind, input: block.input, found: block.found, output: block.output }, index).flatMap(whole);
        if (silent === block) {
          silent = undefined;
          if (silentSeal !== undefined) waiting.push({ type: 'thinking', thinking: '', signature: silentSeal });
          return [];
        }
        return kind.kind === 'sealed-thinking' && spoke ? [] : [frame({ type: 'content_block_stop', index: index++ })];
      default:
        return [];
    }
  };
  /** The start of thinking that has words after all. */
  const begun = (block: Block): SseFrame[] => {
    if (silent !== block) return [];
    silent = undefined;
    return [...released(), frame({ type: 'content_block_start', index, content_block: { type: 'thinking', thinking: '', signature: '' } })];
  };
  const delta = (change: BlockDelta): SseFrame => frame({ type: 'content_block_delta', index, delta: change });
  /** As `delta`, of words: hundreds of frames differ in these alone. */
  const said = (kind: BlockKind['kind'], text: string): SseFrame => {
    const [type, field] = kind === 'tool-call' ? ['input_json_delta', 'partial_json'] : kind === 'thinking' ? ['thinking_delta', 'thinking'] : ['text_delta', 'text'];
    return { event: 'content_block_delta', data: `{"type":"content_block_delta","index":${index},"delta":{"type":"${type}","${field}":${JSON.stringify(text)}}}` };
  };
  const take = (event: BlockEvent): SseFrame[] => {
    const block = blocks[event.index];
    if (!block || block.ended) return [];
    if (event.kind === 'block-end') block.ended = true;
    const sayOne = (one: ReplyEvent): SseFrame[] => ('index' in one ? say(blocks[one.index] ?? block, one) : []);
    const events = inOrder(event);
    const [only] = events;
    return only && events.length === 1 ? sayOne(only) : events.flatMap(sayOne);
  };
  const write = (event: ReplyEvent): SseFrame[] => {
    switch (event.kind) {
      case 'block-delta':
      case 'seal':
      case 'citation':
      case 'block-end':
        return take(event);
      case 'start':
        return start(event.id);
      case 'block-start':
        blocks[event.index] = { kind: event.block, ended: false, input: '', found: [], output: undefined };
        return [...start(''), ...take(event)];
      case 'found': {
        const block = blocks[event.index];
        if (block) { block.found = event.found; block.output = event.output; }
        return [];
      }
      case 'logprobs':
        losses.add('logprobs');
        return [];
      case 'reading':
        reading = event.reading;
        return [];
      case 'keep-alive':
        return [...start(''), frame({ type: 'ping' })];
      case 'stop':
        stop = event.stop;
        return [];
      case 'end': {
        over = true;
        const rest = blocks.flatMap((_, at) => take({ kind: 'block-end', index: at }));
        if (waiting.length > 0) losses.add('thinking: seal of the last text');
        const reason = writeStop(stop, blocks.some((block) => block.kind.kind === 'tool-call'));
        return [...start(''), ...rest, frame({ type: 'message_delta', delta: { stop_reason: reason, stop_sequence: stop.sequence ?? null }, usage: writeUsage(reading) }), frame({ type: 'message_stop' })];
      }
      case 'fault':
        over = true;
        return [frame({ type: 'error', error: { type: faults.errorType(event.status), message: event.message } })];
    }
  };

  return { push: (event) => (over ? [] : write(event)), losses: () => losses.list() };
}

function opened(block: Exclude<BlockKind, { kind: 'server-tool' }>, id: string): ContentBlock {
  switch (block.kind) {
    case 'text':
      return { type: 'text', text: '' };
    case 'thinking':
      return { type: 'thinking', thinking: '', signature: '' };
    case 'sealed-thinking':
      return { type: 'redacted_thinking', data: packSeal(block.seal) };
    case 'tool-call':
      return { type: 'tool_use', id, name: block.name, input: {} };
  }
}

function frame(event: MessagesEvent): SseFrame {
  return { event: event.type, data: JSON.stringify(event) };
}
