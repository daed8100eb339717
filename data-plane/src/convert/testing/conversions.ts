// Conversions as tests ask for them: the whole way, with a small request where a case has none.
import type { DialectName } from '@fairlead/shared/wire/dialect-name.ts';
import type { Loose } from '@fairlead/shared/wire/json.ts';
import { openConversion, type Conversion, type StreamConversion } from '../convert.ts';
import type { ReplyFacts } from '../hub/events.ts';
import type { Written } from '../hub/loss.ts';
import type { Target } from '../hub/target.ts';

/** What a test says of an answer. */
export type TestFacts = Omit<ReplyFacts, 'asked'>;

const addressed = { model: 'asked-model', stream: true };
/** The upstream of tests. */
export const testTarget: Target = { model: 'upstream-model', maxOutputTokens: 32_000, limitOutput: false, issuer: 'issuer-1' };
const testFacts: TestFacts = { replyId: 'reply-1', model: 'asked-model', createdS: 1, reportUsage: true };

/** The least that a client of a dialect can say. */
export function smallRequest(dialect: DialectName): Loose {
  switch (dialect) {
    case 'anthropic-messages': return { model: 'asked-model', max_tokens: 100, stream: true, messages: [{ role: 'user', content: 'Hello' }] };
    case 'openai-chat': return { model: 'asked-model', stream: true, messages: [{ role: 'user', content: 'Hello' }] };
    case 'openai-responses': return { model: 'asked-model', stream: true, input: 'Hello' };
    case 'gemini-generate': return { contents: [{ role: 'user', parts: [{ text: 'Hello' }] }] };
  }
}

/** The whole conversion. */
export function conversionOf(body: Loose, client: DialectName, upstream: DialectName, target: Target = testTarget, facts: TestFacts = testFacts): Conversion {
  return openConversion({ body, client, upstream, addressed, target, facts });
}

/** The upstream's body for a client's body. */
export function convertRequest(body: Loose, client: DialectName, upstream: DialectName, target: Target = testTarget): Written<Loose> {
  return conversionOf(body, client, upstream, target).request;
}

/** The client's body for an upstream's whole answer to what was asked. */
export function convertReply(body: Loose, upstream: DialectName, client: DialectName, facts: TestFacts = testFacts, asked: Loose = smallRequest(client)): Written<Loose> {
  return conversionOf(asked, client, upstream, testTarget, facts).reply(body);
}

/** The way back for a stream that answers what was asked. */
export function openStreamConversion(upstream: DialectName, client: DialectName, facts: TestFacts = testFacts, asked: Loose = smallRequest(client)): StreamConversion {
  return conversionOf(asked, client, upstream, testTarget, facts).openStream();
}
