// Pure. ReplyEvents to the frames of a Chat Completions stream.
import type { Reading } from '@fairlead/shared/money/charge.ts';
import { CHAT_DONE, type ChatChunk, type ChatDelta } from '@fairlead/shared/wire/openai-chat.ts';
import type { SseFrame } from '@fairlead/shared/wire/sse.ts';
import type { Citation } from '../hub/citation.ts';
import type { BlockKind, ReplyEvent, ReplyFacts, StreamWriter } from '../hub/events.ts';
import { createLossList } from '../hub/loss.ts';
import { packSeal } from '../hub/seal.ts';
import type { Stop } from '../hub/stop-reason.ts';
import { annotationWord } from './citations.ts';
import { errorType } from './faults.ts';
import { logprobWords } from './logprobs.ts';
import { sealDetail, sealOnCall } from './seals.ts';
import { writeStop } from './stop-reasons.ts';
import { writeUsage } from './usage-words.ts';

type Call = { readonly kind: 'tool-call'; readonly slot: number; readonly free: boolean; empty: boolean };
/** Where a block of text begins in the whole text, and what it rests on: told when it is over, since only then its end is known. */
type Text = { readonly kind: 'text'; readonly refusal?: true; readonly from: number; readonly citations: Citation[] };
type Block = Exclude<BlockKind, { kind: 'tool-call' | 'text' }> | Call | Text;
type Choice = ChatChunk['choices'][number];

/** Opens a writer for one stream. The reason and the usage are written at the end, when both are known. */
export function openWriter(facts: ReplyFacts): StreamWriter {
  const losses = createLossList();
  const free = new Set(facts.asked.tools.filter((tool) => tool.free).map((tool) => tool.name));
  const blocks: Block[] = [];
  let calls = 0;
  let seals = 0;
  /** What each block of thinking says: it is sealed with its words, since several become one text here. */
  const thoughts: string[] = [];
  let textLength = 0;
  let id: string | undefined;
  let over = false;
  let reading: Reading | undefined;
  let stop: Stop = { reason: 'unknown', raw: undefined, sequence: undefined };

  // Hundreds of chunks say the same around what they bring: it is written once.
  let head = '';
  const tail = facts.reportUsage ? ',"usage":null}' : '}';
  const chunk = (choices: string, rest: string): SseFrame => {
    if (head === '') head = `${JSON.stringify({ id: id ?? facts.replyId, object: 'chat.completion.chunk', created: facts.createdS, model: facts.model }).slice(0, -1)},"choices":`;
    return { data: `${head}${choices}${rest}` };
  };
  const say = (delta: ChatDelta, finish: Choice['finish_reason'] = null, logprobs: Choice['logprobs'] = null): SseFrame =>
    chunk(`[{"index":0,"delta":${JSON.stringify(delta)},"logprobs":${logprobs === null ? 'null' : JSON.stringify(logprobs)},"finish_reason":${finish === null ? 'null' : `"${finish}"`}}]`, tail);
  const start = (given: string): SseFrame[] => {
    if (id !== undefined) return [];
    id = given || facts.replyId;
    return [say({ role: 'assistant', content: '' })];
  };
  const openCall = (index: number, block: Extract<BlockKind, { kind: 'tool-call' }>): SseFrame[] => {
    const isFree = free.has(block.name);
    blocks[index] = { kind: 'tool-call', slot: calls, free: isFree, empty: true };
    const named = isFree ? { type: 'custom' as const, custom: { name: block.name, input: '' } } : { type: 'function' as const, function: { name: block.name, arguments: '' } };
    return [...start(''), say({ tool_calls: [{ index: calls++, id: block.id, ...named, ...(block.seal && { extra_content: sealOnCall(packSeal(block.seal)) }) }] })];
  };
  const more = (call: Call, text: string): SseFrame => {
    call.empty = false;
    return say({ tool_calls: [{ index: call.slot, ...(call.free ? { custom: { input: text } } : { function: { arguments: text } }) }] });
  };
  const write = (event: ReplyEvent): SseFrame[] => {
    switch (event.kind) {
      case 'block-delta': {
        const block = blocks[event.index];
        switch (block?.kind) {
          case 'text':
            if (block.refusal) return [say({ refusal: event.text })];
            textLength += event.text.length;
            return [say({ content: event.text })];
          case 'thinking':
            thoughts[event.index] = (thoughts[event.index] ?? '') + event.text;
            return [say({ reasoning_content: event.text })];
          case 'tool-call':
            return [more(block, event.text)];
          default:
            return [];
        }
      }
      case 'start':
        return start(event.id);
      case 'block-start': {
        const { block } = event;
        if (block.kind === 'tool-call') return openCall(event.index, block);
        blocks[event.index] = block.kind === 'text' ? { ...block, from: textLength, citations: [] } : block;
        if (block.kind === 'server-tool') losses.add('server tool: what it found');
        return block.kind === 'sealed-thinking' ? [...start(''), say({ reasoning_details: [sealDetail(block.seal, seals++)] })] : start('');
      }
      case 'seal':
        return [say({ reasoning_details: [sealDetail({ ...event.seal, text: thoughts[event.index] ?? '' }, seals++)] })];
      case 'citation': {
        const block = blocks[event.index];
        if (block?.kind === 'text') block.citations.push(event.citation);
        return [];
      }
      case 'logprobs':
        return [say({}, null, { content: logprobWords(event.logprobs) })];
      case 'found':
        return [];
      case 'block-end': {
        const block = blocks[event.index];
        if (block?.kind === 'text' && block.citations.length > 0) return [say({ annotations: block.citations.splice(0).map((citation) => annotationWord(citation, block.from, textLength)) })];
        // Clients parse the arguments as JSON, and nothing is no JSON.
        return block?.kind === 'tool-call' && block.empty && !block.free ? [more(block, '{}')] : [];
      }
      case 'reading':
        reading = event.reading;
        return [];
      case 'keep-alive':
        return [...start(''), say({})];
      case 'stop':
        stop = event.stop;
        return [];
      case 'end': {
        over = true;
        const usage = facts.reportUsage && reading ? [chunk('[]', `,"usage":${JSON.stringify(writeUsage(reading))}}`)] : [];
        return [...start(''), say({}, writeStop(stop, calls > 0)), ...usage, { data: CHAT_DONE }];
      }
      case 'fault':
        over = true;
        return [{ data: JSON.stringify({ error: { message: event.message, type: errorType(event.status), param: null, code: null } }) }];
    }
  };

  return { push: (event) => (over ? [] : write(event)), losses: () => losses.list() };
}
