// Thinking that an upstream sealed goes out to a client of another dialect and comes back word for word, and to nobody else.
import { expect, test } from 'vitest';
import type { DialectName } from '@fairlead/shared/wire/dialect-name.ts';
import { listOf, looseOf, objectOf, textOf, type Loose } from '@fairlead/shared/wire/json.ts';
import { conversionOf, smallRequest, testTarget } from './testing/conversions.ts';

const hidden = { type: 'thinking', thinking: '', signature: 'c2lnLWhpZGRlbg==' };
const shown = { type: 'thinking', thinking: 'Let me see.', signature: 'c2lnLXNob3du' };
const redacted = { type: 'redacted_thinking', data: 'cmVkYWN0ZWQ=' };
const call = { type: 'tool_use', id: 'toolu_1', name: 'shell', input: {} };
const clients = ['openai-chat', 'openai-responses', 'gemini-generate'] as const;

/** What a client sends next: all it was answered, and the result of its call. Gemini's clients send no thoughts back. */
function next(client: (typeof clients)[number], answer: Loose): Loose {
  switch (client) {
    case 'openai-chat': return { model: 'm', messages: [{ role: 'user', content: 'Hello' }, objectOf(looseOf(answer.choices)[0]?.message), { role: 'tool', tool_call_id: 'toolu_1', content: 'ok' }] };
    case 'openai-responses': return { model: 'm', input: [{ role: 'user', content: 'Hello' }, ...listOf(answer.output), { type: 'function_call_output', call_id: 'toolu_1', output: 'ok' }] };
    case 'gemini-generate': {
      const parts = looseOf(objectOf(looseOf(answer.candidates)[0]?.content)?.parts).filter((part) => part.thought !== true);
      return { contents: [{ role: 'user', parts: [{ text: 'Hello' }] }, { role: 'model', parts }, { role: 'user', parts: [{ functionResponse: { id: 'toolu_1', name: 'shell', response: { output: 'ok' } } }] }] };
    }
  }
}

function assistantBlocks(body: Loose): Loose[] {
  return looseOf(body.messages).filter((message) => message.role === 'assistant').flatMap((message) => looseOf(message.content));
}

test.each(clients.flatMap((client) => [[[hidden]], [[shown]], [[redacted]], [[shown, hidden]], [[shown, { ...shown, thinking: 'And more.', signature: 'c2lnLW1vcmU=' }]], [[redacted, shown]]].map(([thinking]) => [client, thinking] as const)))('a client of %s carries %j', (client: (typeof clients)[number], thinking) => {
  const reply = { id: 'msg_1', type: 'message', role: 'assistant', model: 'm', content: [...(thinking ?? []), call], stop_reason: 'tool_use', stop_sequence: null, usage: { input_tokens: 1, output_tokens: 1 } };
  const answer = conversionOf(smallRequest(client), client, 'anthropic-messages').reply(reply).value;
  const again = next(client, answer);
  expect(assistantBlocks(conversionOf(again, client, 'anthropic-messages').request.value)).toEqual([...(thinking ?? []), call]);
  // Another issuer would answer with an error.
  const elsewhere = conversionOf(again, client, 'anthropic-messages', { ...testTarget, issuer: 'issuer-2' }).request;
  expect(assistantBlocks(elsewhere.value)).toEqual([call]);
  expect(elsewhere.losses.map((loss) => loss.feature)).toContain('thinking: sealed by another issuer');
  for (const other of (['openai-chat', 'openai-responses', 'gemini-generate'] satisfies DialectName[]).filter((name) => name !== client)) {
    expect(JSON.stringify(conversionOf(again, client, other).request.value)).not.toContain(textOf(objectOf(thinking?.[0])?.signature) ?? 'cmVkYWN0ZWQ=');
  }
});
