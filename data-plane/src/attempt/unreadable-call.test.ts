// Gemini may end an answer with the word that the model's call cannot be read: another try is better than a made-up call or a good end.
import { expect, test } from 'vitest';
import type { DialectName } from '@fairlead/shared/snapshot/snapshot.ts';
import { judge } from './testing/client-judge.ts';
import { trial } from './testing/trial.ts';
import type { Behaviour } from './testing/trial.ts';
import { healthyText, vendorAnswer } from './testing/vendor-answers.ts';

const { whole, opening, content, ending } = vendorAnswer('gemini-generate');
const headers = (stream: boolean) => ({ 'content-type': stream ? 'text/event-stream' : 'application/json' });
const last = { candidates: [{ content: {}, index: 0, finishReason: 'MALFORMED_FUNCTION_CALL', finishMessage: 'Malformed function call: f(' }], usageMetadata: { promptTokenCount: 9, totalTokenCount: 9 } };

async function* bytesOf(pieces: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const piece of pieces) yield Buffer.from(piece);
}

/** An answer that ends so, streamed before or after some content. */
const unreadable = (stream: boolean, after: boolean): Behaviour => () => ({ status: 200, headers: headers(stream), body: bytesOf(stream ? [...opening, ...content.slice(0, after ? 1 : 0), `data: ${JSON.stringify(last)}\n\n`] : [JSON.stringify(last)]) });
const healthy = (stream: boolean): Behaviour => () => ({ status: 200, headers: headers(stream), body: bytesOf(stream ? [...opening, ...content, ...ending] : [whole]) });
const run = async (client: DialectName, stream: boolean, after: boolean) => {
  const got = await trial({ client, upstream: 'gemini-generate', stream, behaviours: [unreadable(stream, after), healthy(stream)] });
  return { ...got, ...judge(client, { status: got.status, bytes: got.bytes, stream }) };
};

test.each(['anthropic-messages', 'openai-chat'] as const)('a client that speaks %s is answered by the next upstream, or told of an error where content had left', async (client) => {
  for (const stream of [true, false]) expect(await run(client, stream, false)).toMatchObject({ verdict: 'whole', text: healthyText });
  const cut = await run(client, true, true);
  expect([cut.verdict, cut.outcome, cut.bytes.includes('MALFORMED_FUNCTION_CALL')]).toEqual(['error', 'FAILED', true]);
});

test('a client of Gemini is answered by the next upstream as well, and what has left arrives byte for byte', async () => {
  expect(await run('gemini-generate', true, false)).toMatchObject({ verdict: 'whole', text: healthyText });
  expect((await run('gemini-generate', false, false)).bytes).toBe(JSON.stringify(last));
  const cut = await run('gemini-generate', true, true);
  expect(cut.bytes).toBe([...opening, content[0], `data: ${JSON.stringify(last)}\n\n`].join(''));
});
