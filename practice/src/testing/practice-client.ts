// Opens a practice upstream on a free loopback port and speaks to it as a client would; for tests only.
import { createHash } from 'node:crypto';
import { createSseParser, type SseFrame } from '@fairlead/shared/wire/sse.ts';
import { openPractice, type Practice } from '../server.ts';

/** The credential that the opened upstream accepts. */
export const CREDENTIAL = 'practice-credential-for-tests';

/** The digest under which the upstream knows it. */
export const DIGEST = createHash('sha256').update(CREDENTIAL).digest('hex');

/** An answer read to its end. */
export type Read = { readonly status: number; readonly headers: Headers; readonly text: string; readonly frames: SseFrame[]; readonly broken: boolean };

/** A practice upstream with a client for it. */
export type Stage = {
  readonly practice: Practice;
  readonly url: string;
  /** Sends a body and reads the answer to its end or its break. */
  post(path: string, body: unknown, init?: { readonly headers?: Record<string, string>; readonly signal?: AbortSignal }): Promise<Read>;
  /** Reads a JSON document of the control door. */
  look(path: string, method?: string, body?: unknown): Promise<Record<string, unknown>>;
  [Symbol.asyncDispose](): Promise<void>;
};

/** Opens a stage; a test closes it by leaving its block. */
export async function openStage(now?: () => number): Promise<Stage> {
  const practice = await openPractice({ host: '127.0.0.1', port: 0, credentialDigests: new Set([DIGEST]) }, now);
  const url = `http://127.0.0.1:${practice.port}`;
  return {
    practice,
    url,
    async post(path, body, init = {}) {
      const response = await fetch(`${url}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${CREDENTIAL}`, ...init.headers },
        body: typeof body === 'string' ? body : JSON.stringify(body),
        ...(init.signal && { signal: init.signal }),
      });
      return readToEnd(response);
    },
    async look(path, method = 'GET', body) {
      const response = await fetch(`${url}/_practice/${path}`, { method, ...(body !== undefined && { body: JSON.stringify(body) }) });
      const read: Record<string, unknown> = JSON.parse(await response.text());
      return { ...read, httpStatus: response.status };
    },
    [Symbol.asyncDispose]: () => practice.close(),
  };
}

async function readToEnd(response: Response): Promise<Read> {
  const parser = createSseParser();
  const frames: SseFrame[] = [];
  const decoder = new TextDecoder();
  let text = '';
  let broken = false;
  try {
    for await (const chunk of response.body ?? []) {
      frames.push(...parser.push(chunk));
      text += decoder.decode(chunk, { stream: true });
    }
  } catch {
    broken = true;
  }
  const isStream = (response.headers.get('content-type') ?? '').startsWith('text/event-stream');
  return { status: response.status, headers: response.headers, text, frames: isStream ? frames : [], broken };
}
