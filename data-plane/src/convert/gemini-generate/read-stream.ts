// Pure. The chunks of a generateContent stream to ReplyEvents.
import { jsonOf, type SseFrame } from '@fairlead/shared/wire/sse.ts';
import { isLoose, looseOf, numberOf, textOf, type Loose } from '@fairlead/shared/wire/json.ts';
import { brokenOff, unreadableFrame } from '../hub/events.ts';
import type { ReplyEvent, ReplySource, StreamReader } from '../hub/events.ts';
import { createLossList, type Loss } from '../hub/loss.ts';
import type { Seal } from '../hub/seal.ts';
import { faults } from './faults.ts';
import { fieldOf } from './field-of.ts';
import { citationsOf, toolsToldOf } from './grounding.ts';
import { logprobsOf } from './logprobs.ts';
import { ON_TEXT } from './seals.ts';
import { readStop } from './stop-reasons.ts';
import { readingOf } from './usage.ts';

/** Reads the chunks of one answer; a whole reply is the only one of its answer. */
export type ChunkReader = { read(chunk: Loose): ReplyEvent[]; end(): ReplyEvent[]; losses(): readonly Loss[] };

type Prose = { readonly kind: 'text' | 'thinking'; readonly block: number; readonly startsAt: number; text: string };

/**
 * Opens a reader of chunks. This dialect has no blocks: text and thoughts are told apart by a mark and end where the
 * other begins; calls come whole. An answer is one only with the reason why it ended.
 */
export function openChunkReader({ issuer }: ReplySource): ChunkReader {
  const losses = createLossList();
  let over = false;
  let started = false;
  let stopped = false;
  let blocks = 0;
  let prose: Prose | undefined;
  /** All text so far: what an answer is based on is told by places in it. */
  let whole = '';
  let replyId = '';
  const callIds = new Set<string>();
  /** The signature of a text, which waits for what follows: clients take an answer whose last block is no text for an empty one. */
  let held: Seal | undefined;
  /** Code that runs: its result comes in a part of its own. */
  let running: number | undefined;

  const seal = (data: string, id?: string): Seal => ({ dialect: 'gemini-generate' as const, issuer, data, ...(id !== undefined && { id }) });
  const endProse = (): ReplyEvent[] => {
    const ended = prose;
    prose = undefined;
    return ended ? [{ kind: 'block-end', index: ended.block }] : [];
  };
  /** The end of text or thoughts, where something else begins. */
  const turnTo = (): ReplyEvent[] => {
    const sealed = held;
    held = undefined;
    return [...endProse(), ...(sealed ? [{ kind: 'block-start' as const, index: blocks, block: { kind: 'sealed-thinking' as const, seal: sealed } }, { kind: 'block-end' as const, index: blocks++ }] : [])];
  };
  const endRun = (): ReplyEvent[] => {
    const ended = running;
    running = undefined;
    return ended === undefined ? [] : [{ kind: 'block-end', index: ended }];
  };
  const say = (kind: Prose['kind'], text: string): ReplyEvent[] => {
    if (text === '') return [];
    const events: ReplyEvent[] = [];
    if (prose?.kind !== kind) {
      events.push(...turnTo(), { kind: 'block-start', index: blocks, block: { kind } });
      prose = { kind, block: blocks++, startsAt: whole.length, text: '' };
    }
    if (kind === 'text') { whole += text; prose.text += text; }
    return [...events, { kind: 'block-delta', index: prose.block, text }];
  };
  const call = (asked: Loose, signature: string | undefined): ReplyEvent[] => {
    const name = textOf(asked['name']) ?? '';
    // What has no name cannot be called.
    if (name === '') return [];
    let id = textOf(asked['id']) || `call_${replyId === '' ? '' : `${replyId}_`}${callIds.size}`;
    while (callIds.has(id)) id += '_';
    callIds.add(id);
    const before = turnTo();
    const index = blocks++;
    const input = JSON.stringify(isLoose(asked['args']) ? asked['args'] : {});
    return [...before, { kind: 'block-start', index, block: { kind: 'tool-call', id, name, ...(signature !== undefined && { seal: seal(signature) }) } }, { kind: 'block-delta', index, text: input }, { kind: 'block-end', index }];
  };
  const serverTool = (tool: 'web-search' | 'web-fetch' | 'code-execution', input: string): ReplyEvent[] => {
    const index = blocks++;
    return [{ kind: 'block-start', index, block: { kind: 'server-tool', tool, id: `server_${index}` } }, ...(input === '' ? [] : [{ kind: 'block-delta' as const, index, text: input }])];
  };
  const part = (piece: Loose): ReplyEvent[] => {
    const signature = textOf(fieldOf(piece, 'thoughtSignature')) || undefined;
    const asked = fieldOf(piece, 'functionCall');
    if (isLoose(asked)) return call(asked, signature);
    const code = fieldOf(piece, 'executableCode');
    if (isLoose(code)) {
      const events = [...turnTo(), ...endRun(), ...serverTool('code-execution', JSON.stringify({ code: textOf(code['code']) ?? '' }))];
      running = blocks - 1;
      return events;
    }
    const printed = fieldOf(piece, 'codeExecutionResult');
    if (isLoose(printed)) {
      const events = running === undefined ? [...turnTo(), ...serverTool('code-execution', '')] : [];
      running ??= blocks - 1;
      return [...events, { kind: 'found', index: running, found: [], output: textOf(printed['output']) }, ...endRun()];
    }
    if (isLoose(fieldOf(piece, 'inlineData')) || isLoose(fieldOf(piece, 'fileData'))) losses.add('answer: image');
    const text = textOf(piece['text']) ?? '';
    if (piece['thought'] === true) {
      const events = say('thinking', text);
      if (signature === undefined) return events;
      if (prose?.kind === 'thinking') return [...events, { kind: 'seal', index: prose.block, seal: seal(signature) }, ...endProse()];
      held = seal(signature);
      return events;
    }
    const events = say('text', text);
    if (signature !== undefined) held = seal(signature, text === '' ? undefined : ON_TEXT);
    return events;
  };
  const refuse = (said: string | undefined): ReplyEvent[] => {
    if (!said || whole !== '') return [];
    const index = blocks++;
    return [...endProse(), { kind: 'block-start', index, block: { kind: 'text', refusal: true } }, { kind: 'block-delta', index, text: said }, { kind: 'block-end', index }];
  };
  const finish = (raw: string, candidate: Loose): ReplyEvent[] => {
    const stop = readStop(raw, callIds.size > 0);
    const told = textOf(candidate['finishMessage']);
    if (!stop) {
      over = true;
      return [{ kind: 'fault', status: 502, message: `The model wrote no usable answer (${raw})${told ? `: ${told.slice(0, 300)}` : '.'}` }];
    }
    stopped = true;
    if (held) losses.add('thinking: seal of the last text');
    const grounding = candidate['groundingMetadata'];
    const cited = prose?.kind === 'text' && isLoose(grounding) ? citationsOf(grounding, whole, prose).map((citation): ReplyEvent => ({ kind: 'citation', index: prose?.block ?? 0, citation })) : [];
    const tools = toolsToldOf(candidate).flatMap(({ tool, input, found, output }): ReplyEvent[] => [...serverTool(tool, input), { kind: 'found', index: blocks - 1, found, output }, { kind: 'block-end', index: blocks - 1 }]);
    return [...cited, ...endProse(), ...endRun(), ...tools, ...(stop.reason === 'refusal' ? refuse(told) : []), { kind: 'stop', stop }];
  };
  const answer = (candidate: Loose): ReplyEvent[] => {
    const events = looseOf(isLoose(candidate['content']) ? candidate['content']['parts'] : undefined).flatMap(part);
    const logprobs = logprobsOf(candidate['logprobsResult']);
    if (logprobs.length > 0 && prose?.kind === 'text') events.push({ kind: 'logprobs', index: prose.block, logprobs });
    const raw = textOf(candidate['finishReason']);
    if (raw) events.push(...finish(raw, candidate));
    return events;
  };

  return {
    read(chunk) {
      if (over) return [];
      if (chunk['error'] !== undefined && chunk['error'] !== null) {
        over = true;
        const error = isLoose(chunk['error']) ? chunk['error'] : {};
        return [{ kind: 'fault', status: faults.statusOf(error), message: textOf(error['message']) ?? textOf(chunk['error']) ?? 'The upstream reported an error.' }];
      }
      const events: ReplyEvent[] = [];
      replyId ||= textOf(chunk['responseId']) ?? '';
      if (!started) {
        started = true;
        events.push({ kind: 'start', id: replyId, model: textOf(chunk['modelVersion']) ?? '' });
      }
      const usage = fieldOf(chunk, 'usageMetadata');
      if (isLoose(usage)) events.push({ kind: 'reading', reading: readingOf({ ...usage }) });
      const before = events.length;
      const candidate = looseOf(chunk['candidates']).find((one) => (numberOf(one['index']) ?? 0) === 0);
      if (candidate && !stopped) events.push(...answer(candidate));
      const feedback = fieldOf(chunk, 'promptFeedback');
      const blocked = isLoose(feedback) ? textOf(feedback['blockReason']) : undefined;
      if (blocked && isLoose(feedback) && !stopped && !over) {
        stopped = true;
        events.push(...refuse(textOf(feedback['blockReasonMessage'])), ...endProse(), ...endRun(), { kind: 'stop', stop: { reason: 'refusal', raw: blocked, sequence: undefined } });
      }
      // A chunk that says nothing is how this dialect keeps a connection alive.
      if (events.length === before && !stopped) events.push({ kind: 'keep-alive' });
      return events;
    },
    end() {
      if (over) return [];
      over = true;
      return [stopped ? { kind: 'end' } : brokenOff];
    },
    losses: () => losses.list(),
  };
}

/** Opens a reader for one stream. */
export function openReader(source: ReplySource): StreamReader {
  const chunks = openChunkReader(source);
  let over = false;
  return {
    push(frame: SseFrame) {
      if (over) return [];
      const read = jsonOf(frame);
      if (isLoose(read)) return chunks.read(read);
      // Compatible servers end with the mark of another dialect; it says nothing here.
      if (frame.data.trim() === '[DONE]') return [];
      over = true;
      return [unreadableFrame];
    },
    end: () => (over ? [] : chunks.end()),
    losses: () => chunks.losses(),
  };
}
