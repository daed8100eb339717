import { expect, test } from 'vitest';
import type { DialectName } from '@fairlead/shared/snapshot/snapshot.ts';
import type { Ask } from '../journey/ask.ts';
import type { Candidate } from '../journey/candidate.ts';
import type { Inbound } from '../journey/inbound.ts';
import { readOutputLimit } from '../journey/output-limit.ts';
import { prepareSameDialect } from './request-body.ts';

const upstream = { id: 'ups_1', name: 'U', baseUrl: 'http://127.0.0.1', dialects: ['openai-chat' as const], auth: 'BEARER' as const, priority: 0, weight: 1, status: 'ACTIVE' as const, credentials: [] };
const bounded: Candidate = { upstream, model: 'm', dialect: 'openai-chat', priority: 0, weight: 1, reason: '', credential: { id: 'crd_1', version: 1, priority: 0, weight: 1, sealed: 'x' }, price: undefined, outputCap: 64, bounded: true, reserveNano: 0n, tokensMost: 0 };

function sent(dialect: DialectName, json: Record<string, unknown>): unknown {
  const ask: Ask = { model: 'm', dialect, does: 'generate', metered: true, stream: false, inputBytes: 1, maxOutputTokens: readOutputLimit(dialect, json), answers: 1, reachesBeyond: false, wantsUsageChunk: false, writesCache: false, client: undefined, sessionId: undefined };
  const inbound: Inbound = { exchangeId: 'exc_1', endpoint: { path: '', dialect, does: 'generate', meter: 'required' }, headers: new Map(), query: new URLSearchParams(), address: '', body: Buffer.from(JSON.stringify(json)), json, receivedAtMs: 0, signal: new AbortController().signal };
  return JSON.parse(Buffer.from(prepareSameDialect(inbound, ask, { ...bounded, dialect }).bytes).toString());
}

test.each<[DialectName, Record<string, unknown>, Record<string, unknown>]>([
  ['openai-chat', { max_completion_tokens: 10, max_tokens: 9_000 }, { max_completion_tokens: 64, max_tokens: 64 }],
  ['openai-chat', { max_completion_tokens: '9000', max_tokens: 5 }, { max_completion_tokens: 64, max_tokens: 64 }],
  ['openai-chat', {}, { max_completion_tokens: 64 }],
  ['openai-responses', { max_output_tokens: -5 }, { max_output_tokens: 64 }],
  ['anthropic-messages', { max_tokens: 1e12 }, { max_tokens: 64 }],
  ['gemini-generate', { generation_config: { max_output_tokens: 9_000, temperature: 1 } }, { generation_config: { max_output_tokens: 64, temperature: 1 } }],
  ['gemini-generate', {}, { generationConfig: { maxOutputTokens: 64 } }],
])('%s: %j leaves with no limit above what is reserved', (dialect, json, limits) => {
  expect(sent(dialect, json)).toEqual(limits);
});

test('a limit within the reservation leaves the body as it came', () => {
  expect(sent('openai-chat', { max_tokens: 5 })).toEqual({ max_tokens: 5 });
});

test('what an upstream of another dialect gave the client to carry stays here', () => {
  const thinking = (signature: string) => ({ type: 'thinking', thinking: 'x', signature });
  const said = [{ role: 'user', content: 'a' }, { role: 'assistant', content: [thinking('WyJmbDEiLCJvcGVuYWkt'), { type: 'text', text: 'b' }] }, { role: 'user', content: 'c' }];
  expect(sent('anthropic-messages', { max_tokens: 5, messages: said })).toEqual({ max_tokens: 5, messages: [said[0], { role: 'assistant', content: [{ type: 'text', text: 'b' }] }, said[2]] });
  const own = { max_tokens: 5, messages: [said[0], { role: 'assistant', content: [thinking('EqoB')] }, said[2]] };
  expect(sent('anthropic-messages', own)).toEqual(own);
});
