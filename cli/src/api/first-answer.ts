import { createSseParser } from '@fairlead/shared/wire/sse.ts';
import { CliError } from './client.ts';

/** What a first answer took. */
export interface FirstAnswer { text: string; firstTokenMs: number }

const timeoutMs = 60_000;

/** Asks a model one question through a node, as Claude Code would, and shows the text as it comes. */
export async function askOnce(baseUrl: string, key: string, model: string, question: string, show: (text: string) => void): Promise<FirstAnswer> {
  const started = Date.now();
  let answer: Response;
  try {
    answer = await fetch(`${baseUrl}/v1/messages`, {
      method: 'POST', headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', 'anthropic-version': '2023-06-01' }, signal: AbortSignal.timeout(timeoutMs),
      body: JSON.stringify({ model, max_tokens: 64, stream: true, messages: [{ role: 'user', content: question }] }),
    });
  } catch (cause) {
    throw new CliError(`The node at ${baseUrl} does not answer.`, 7, `Is it running? (${cause instanceof Error ? cause.message : String(cause)})`);
  }
  if (!answer.ok || !answer.body) {
    const body = (await answer.json().catch(() => undefined)) as { error?: { message?: string } } | undefined;
    throw new CliError(`The node answered ${answer.status}: ${body?.error?.message ?? answer.statusText}`, answer.status === 429 || answer.status === 402 ? 6 : 1);
  }
  const parser = createSseParser();
  let text = '';
  let firstTokenMs = 0;
  let whole = false;
  for await (const chunk of answer.body) {
    for (const frame of parser.push(chunk)) {
      const event = JSON.parse(frame.data) as { type?: string; delta?: { text?: string }; error?: { message?: string } };
      if (event.type === 'error') throw new CliError(`The answer broke off: ${event.error?.message ?? 'no reason given'}`);
      if (event.type === 'message_stop') whole = true;
      if (event.type !== 'content_block_delta' || !event.delta?.text) continue;
      if (text === '') firstTokenMs = Date.now() - started;
      text += event.delta.text;
      show(event.delta.text);
    }
  }
  if (!whole) throw new CliError('The answer ended too early.');
  return { text, firstTokenMs };
}
