// Pure. ReplyEvents to the chunks of a generateContent stream.
import type { Reading } from '@fairlead/shared/money/charge.ts';
import type { GeminiCandidate, GeminiPart, GeminiReply } from '@fairlead/shared/wire/gemini-generate.ts';
import { parseJson } from '@fairlead/shared/wire/json.ts';
import type { SseFrame } from '@fairlead/shared/wire/sse.ts';
import type { Citation } from '../hub/citation.ts';
import type { BlockKind, ReplyEvent, ReplyFacts, StreamWriter } from '../hub/events.ts';
import { createLossList } from '../hub/loss.ts';
import type { Seal } from '../hub/seal.ts';
import type { Stop } from '../hub/stop-reason.ts';
import { faults } from './faults.ts';
import { groundingWords, type Told } from './grounding.ts';
import { logprobWords } from './logprobs.ts';
import { writeStop } from './stop-reasons.ts';
import { writeUsage } from './usage-words.ts';
import { callPart, codeParts, isCut, lastPart } from './write-parts.ts';

/** A block of the hub, with what has been said in it. */
type Block = { readonly kind: BlockKind; text: string; startsAt: number; ended: boolean; sent: boolean; seal: Seal | undefined; found: readonly Citation[]; output: string | undefined; readonly citations: Citation[] };

/**
 * Opens a writer for one stream. Text and thoughts go on as they come; a call goes out whole, when it has ended. The
 * reason, the usage and the sources come in a last chunk. Gemini CLI bears no comments: every frame is a chunk.
 */
export function openWriter(facts: ReplyFacts): StreamWriter {
  const losses = createLossList();
  const blocks: Block[] = [];
  const hidden = facts.asked.showThinking === false;
  /** What was sealed and has not travelled yet: the next call takes it along. */
  let before: Seal[] = [];
  let whole = '';
  let id = '';
  let over = false;
  let reading: Reading | undefined;
  let stop: Stop = { reason: 'unknown', raw: undefined, sequence: undefined };

  // Hundreds of chunks say the same around what they bring: it is written once.
  let tail = '';
  const chunk = (parts: readonly GeminiPart[], more?: Omit<GeminiCandidate, 'content' | 'index'>, usage?: GeminiReply['usageMetadata']): SseFrame => {
    if (tail === '') tail = JSON.stringify({ modelVersion: facts.model, responseId: id || facts.replyId }).slice(1);
    const rest = more === undefined ? '' : JSON.stringify(more).slice(1, -1);
    return { data: `{"candidates":[{"content":{"role":"model","parts":${JSON.stringify(parts)}},"index":0${rest === '' ? '' : `,${rest}`}}],${usage === undefined ? '' : `"usageMetadata":${JSON.stringify(usage)},`}${tail}` };
  };
  const start = (kind: BlockKind): Block => {
    if (kind.kind === 'sealed-thinking') before.push(kind.seal);
    return { kind, text: '', startsAt: whole.length, ended: false, sent: false, seal: undefined, found: [], output: undefined, citations: [] };
  };
  const say = (block: Block, text: string): SseFrame[] => {
    if (block.text === '') block.startsAt = whole.length;
    block.text += text;
    switch (block.kind.kind) {
      case 'text':
        whole += text;
        return [chunk([{ text }])];
      case 'thinking':
        return hidden ? [] : [chunk([{ text, thought: true }])];
      default:
        return [];
    }
  };
  /** The calls that can go out: in the order of their start, and what looks cut only when it is known why the answer stopped. */
  const calls = (over: boolean): SseFrame[] => {
    const out: SseFrame[] = [];
    for (const block of blocks) {
      const { kind } = block;
      if (kind.kind !== 'tool-call' || block.sent) continue;
      if (!over && (!block.ended || (block.text !== '' && parseJson(block.text) === undefined))) break;
      block.sent = true;
      if (isCut(block.text, stop)) {
        losses.add('tool-call: cut by the limit');
        continue;
      }
      out.push(chunk([callPart({ ...kind, input: block.text }, before, losses)]));
      before = [];
    }
    return out;
  };
  const end = (block: Block): SseFrame[] => {
    if (block.ended) return [];
    block.ended = true;
    const { kind } = block;
    switch (kind.kind) {
      case 'thinking':
        if (block.seal) before.push({ ...block.seal, text: block.text });
        return [];
      case 'tool-call':
        return calls(false);
      case 'server-tool': {
        const parts = codeParts({ tool: kind.tool, input: block.text, found: block.found, output: block.output });
        return parts.length > 0 ? [chunk(parts)] : [];
      }
      default:
        return [];
    }
  };
  const told = (): Told => ({
    whole,
    tools: blocks.flatMap(({ kind, text, found, output }) => (kind.kind === 'server-tool' ? [{ tool: kind.tool, input: text, found, output }] : [])),
    cited: blocks.flatMap((block) => block.citations.map((citation) => ({ said: block, citation }))),
  });
  const write = (event: ReplyEvent): SseFrame[] => {
    const block = 'index' in event ? blocks[event.index] : undefined;
    switch (event.kind) {
      case 'start':
        id = event.id;
        tail = '';
        return [];
      case 'block-start':
        blocks[event.index] = start(event.block);
        return [];
      case 'block-delta':
        return block ? say(block, event.text) : [];
      case 'seal':
        if (block) block.seal = event.seal;
        return [];
      case 'citation':
        block?.citations.push(event.citation);
        return [];
      case 'logprobs':
        return [chunk([], { logprobsResult: logprobWords(event.logprobs) })];
      case 'found':
        if (block) [block.found, block.output] = [event.found, event.output];
        return [];
      case 'block-end':
        return block ? end(block) : [];
      case 'reading':
        reading = event.reading;
        return [];
      case 'keep-alive':
        return [chunk([])];
      case 'stop':
        stop = event.stop;
        return [];
      case 'end': {
        over = true;
        const rest = [...blocks.flatMap(end), ...calls(true)];
        return [...rest, chunk([lastPart(before)], { finishReason: writeStop(stop), ...groundingWords(told()) }, reading && writeUsage(reading))];
      }
      case 'fault':
        over = true;
        return [{ data: JSON.stringify({ error: { code: event.status, message: event.message, status: faults.errorType(event.status) } }) }];
    }
  };

  return { push: (event) => (over ? [] : write(event)), losses: () => losses.list() };
}
