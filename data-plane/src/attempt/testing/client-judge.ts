// Pure. What a strict client of each dialect makes of an answer. It shares nothing with the code that it judges.
import { listOf, objectOf, parseJson } from '@fairlead/shared/wire/json.ts';
import type { Loose } from '@fairlead/shared/wire/json.ts';
import type { DialectName } from '@fairlead/shared/snapshot/snapshot.ts';

/** An answer as its client received it. */
export interface Received { status: number; bytes: string; stream: boolean }

/** `whole`: an answer with its end. `error`: a failure in the dialect's own words. `truncated`: anything else, which a client could take for an answer or choke on. */
export interface Judgement { verdict: 'whole' | 'error' | 'truncated'; text: string; why: string }

/** Reads an answer as a client of this dialect does. */
export function judge(dialect: DialectName, { status, bytes, stream }: Received): Judgement {
  if (status >= 400 || !stream) {
    const body = objectOf(parseJson(bytes));
    if (body && status >= 400 && isError(dialect, body)) return { verdict: 'error', text: '', why: '' };
    if (status >= 400) return truncated(`${status} that is no error of ${dialect}: ${bytes.slice(0, 200)}`);
    const text = body && wholeText(dialect, body);
    return text === undefined ? truncated(`200 that is no answer: ${bytes.slice(0, 200)}`) : { verdict: 'whole', text, why: '' };
  }
  return judgeStream(dialect, bytes);
}

function truncated(why: string, text = ''): Judgement {
  return { verdict: 'truncated', text, why };
}

function isError(dialect: DialectName, body: Loose): boolean {
  const error = objectOf(body.error);
  if (!error || typeof error.message !== 'string' || error.message === '') return false;
  switch (dialect) {
    case 'anthropic-messages': return body.type === 'error' && typeof error.type === 'string';
    case 'openai-chat': case 'openai-responses': return typeof error.type === 'string';
    case 'gemini-generate': return typeof error.code === 'number' && typeof error.status === 'string';
  }
}

function wholeText(dialect: DialectName, body: Loose): string | undefined {
  switch (dialect) {
    case 'anthropic-messages': return body.type === 'message' && body.role === 'assistant' && typeof body.stop_reason === 'string' && objectOf(body.usage) ? textsOf(listOf(body.content)) : undefined;
    case 'openai-chat': {
      const choice = objectOf(listOf(body.choices)[0]);
      const content = objectOf(choice?.message)?.content;
      return typeof choice?.finish_reason === 'string' && typeof content === 'string' ? content : undefined;
    }
    case 'openai-responses': return body.object === 'response' && body.status === 'completed' ? listOf(body.output).map((item) => textsOf(listOf(objectOf(item)?.content))).join('') : undefined;
    case 'gemini-generate': {
      const candidate = objectOf(listOf(body.candidates)[0]);
      return typeof candidate?.finishReason === 'string' ? textsOf(listOf(objectOf(candidate.content)?.parts)) : undefined;
    }
  }
}

function textsOf(parts: readonly unknown[]): string {
  return parts.map((part) => { const text = objectOf(part)?.text; return typeof text === 'string' ? text : ''; }).join('');
}

interface Frame { event: string | undefined; data: string }

/** The frames of a stream; undefined when it stops in the middle of one. Comments and empty lines are skipped, as clients do. */
function framesOf(bytes: string): Frame[] | undefined {
  const blocks = bytes.replaceAll('\r\n', '\n').split('\n\n');
  const last = blocks.pop();
  if (last?.trim() !== '') return undefined;
  return blocks.flatMap((block) => {
    const lines = block.split('\n').filter((line) => line !== '' && !line.startsWith(':'));
    const data = lines.filter((line) => line.startsWith('data:')).map((line) => line.slice(5).trim());
    return data.length === 0 ? [] : [{ event: lines.find((line) => line.startsWith('event:'))?.slice(6).trim(), data: data.join('\n') }];
  });
}

/** What a client keeps while it reads. */
interface Reading { text: string; open: Set<number>; begun: boolean; stopped: boolean; ended: boolean; failed: boolean; wrong: string | undefined }

function judgeStream(dialect: DialectName, bytes: string): Judgement {
  const frames = framesOf(bytes);
  if (!frames) return truncated(`stops within a frame: …${bytes.slice(-100)}`);
  const seen: Reading = { text: '', open: new Set(), begun: false, stopped: false, ended: false, failed: false, wrong: undefined };
  for (const frame of frames) {
    if (seen.failed || seen.wrong !== undefined) break;
    if (seen.ended) { seen.wrong = `${frame.data.slice(0, 80)} after the end`; break; }
    const body = objectOf(parseJson(frame.data));
    if (!body && frame.data !== '[DONE]') { seen.wrong = `no JSON: ${frame.data.slice(0, 80)}`; break; }
    read[dialect](frame, body ?? {}, seen);
  }
  if (seen.wrong !== undefined) return truncated(seen.wrong, seen.text);
  if (seen.failed) return { verdict: 'error', text: seen.text, why: '' };
  return seen.ended || (dialect === 'gemini-generate' && seen.stopped) ? { verdict: 'whole', text: seen.text, why: '' } : truncated('no end', seen.text);
}

const read: Record<DialectName, (frame: Frame, body: Loose, seen: Reading) => void> = {
  'anthropic-messages'({ event }, body, seen) {
    const type = String(body.type);
    const index = typeof body.index === 'number' ? body.index : -1;
    if (event !== type) seen.wrong = `the event ${event} carries ${type}`;
    switch (type) {
      case 'ping': return;
      case 'error': if (isError('anthropic-messages', body)) seen.failed = true; else seen.wrong = 'an error without words'; return;
      case 'message_start': if (seen.begun) seen.wrong = 'a second start'; seen.begun = true; return;
      case 'content_block_start': if (!seen.begun || seen.open.has(index)) seen.wrong = 'a block out of order'; seen.open.add(index); return;
      case 'content_block_delta': {
        if (!seen.open.has(index)) seen.wrong = 'a delta outside of a block';
        const text = objectOf(body.delta)?.text;
        if (typeof text === 'string') seen.text += text;
        return;
      }
      case 'content_block_stop': if (!seen.open.delete(index)) seen.wrong = 'an end without a block'; return;
      case 'message_delta': if (typeof objectOf(body.delta)?.stop_reason === 'string') seen.stopped = true; return;
      case 'message_stop': if (!seen.stopped || seen.open.size > 0) seen.wrong = 'an end without its reason'; seen.ended = true; return;
      default: seen.wrong = `an unknown event ${type}`;
    }
  },
  'openai-chat'({ data }, body, seen) {
    if (data === '[DONE]') { if (!seen.stopped) seen.wrong = '[DONE] without a reason'; seen.ended = true; return; }
    if (body.error !== undefined) { if (isError('openai-chat', body)) seen.failed = true; else seen.wrong = 'an error without words'; return; }
    if (body.object !== 'chat.completion.chunk') seen.wrong = 'no chunk';
    const choice = objectOf(listOf(body.choices)[0]);
    const content = objectOf(choice?.delta)?.content;
    if (typeof content === 'string') seen.text += content;
    if (typeof choice?.finish_reason === 'string') seen.stopped = true;
  },
  'openai-responses'({ event }, body, seen) {
    const type = String(body.type);
    if (event !== type) seen.wrong = `the event ${event} carries ${type}`;
    if (type === 'error') { if (typeof body.message === 'string') seen.failed = true; else seen.wrong = 'an error without words'; return; }
    if (!seen.begun && type !== 'response.created') { seen.wrong = `${type} before response.created`; return; }
    seen.begun = true;
    if (type === 'response.output_text.delta' && typeof body.delta === 'string') seen.text += body.delta;
    if (type === 'response.failed') seen.failed = true;
    if (type === 'response.completed') { seen.ended = true; if (objectOf(body.response)?.status !== 'completed') seen.wrong = 'completed without its status'; }
  },
  'gemini-generate'(_frame, body, seen) {
    if (body.error !== undefined) { if (isError('gemini-generate', body)) seen.failed = true; else seen.wrong = 'an error without words'; return; }
    const candidate = objectOf(listOf(body.candidates)[0]);
    if (!candidate) { seen.wrong = 'no candidate'; return; }
    seen.text += textsOf(listOf(objectOf(candidate.content)?.parts));
    if (typeof candidate.finishReason === 'string') seen.stopped = true;
  },
};
