import { expect, test } from 'vitest';
import type { SnapshotUpstream } from '@fairlead/shared/snapshot/snapshot.ts';
import { cloudBody } from './cloud-body.ts';

const upstream = (addressing?: SnapshotUpstream['addressing']): SnapshotUpstream => ({ id: 'u', name: 'U', baseUrl: 'https://u.example', dialects: ['anthropic-messages'], auth: 'NONE', priority: 0, weight: 1, status: 'ACTIVE', credentials: [], ...(addressing ? { addressing } : {}) });
const body = { model: 'claude', stream: true, max_tokens: 5, messages: [] };
const called = (addressing: SnapshotUpstream['addressing'], does: 'generate' | 'count' = 'generate', dialect: 'anthropic-messages' | 'openai-chat' = 'anthropic-messages') => ({ upstream: upstream(addressing), model: 'claude', dialect, does });

test('Bedrock gets the version in the body, and neither model nor stream', () => {
  expect(cloudBody(body, called('BEDROCK'), [])).toEqual({ json: { anthropic_version: 'bedrock-2023-05-31', max_tokens: 5, messages: [] }, edits: ['written for Bedrock'] });
});

test('Bedrock gets the betas that it knows in the body; the others are left out and named', () => {
  const { json, edits } = cloudBody({ ...body, anthropic_beta: ['effort-2025-11-24', 7] }, called('BEDROCK'), ['claude-code-20250219', 'interleaved-thinking-2025-05-14', 'effort-2025-11-24']);
  expect([json.anthropic_beta, edits]).toEqual([['effort-2025-11-24', 'interleaved-thinking-2025-05-14'], ['written for Bedrock', 'beta claude-code-20250219 left out']]);
});

test('Vertex gets the version in the body and no model, but for counting, whose address names none', () => {
  expect(cloudBody(body, called('VERTEX'), ['x']).json).toEqual({ anthropic_version: 'vertex-2023-10-16', stream: true, max_tokens: 5, messages: [] });
  expect(cloudBody(body, called('VERTEX', 'count'), []).json).toHaveProperty('model', 'claude');
});

test.each([called(undefined), called('UNVERSIONED'), called('BEDROCK', 'generate', 'openai-chat'), called('VERTEX', 'generate', 'openai-chat')])('the body for any other address stays the very same one', (other) => {
  expect(cloudBody(body, other, ['x']).json).toBe(body);
});
