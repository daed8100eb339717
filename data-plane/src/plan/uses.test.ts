import type { DialectName } from '@fairlead/shared/snapshot/snapshot.ts';
import { expect, test } from 'vitest';
import { serviceAsked, usesOf } from './uses.ts';

test.each<[DialectName, Record<string, unknown>, unknown]>([
  ['anthropic-messages', { tools: [{ type: 'web_search_20250305', name: 'web_search', max_uses: 5 }, { type: 'web_fetch_20250910', max_uses: 2 }, { name: 'own' }] }, { 'web-search': 5, 'web-fetch': 2 }],
  ['anthropic-messages', { tools: [{ type: 'web_search_20250305', max_uses: -1 }] }, { 'web-search': 20 }],
  ['openai-responses', { tools: [{ type: 'web_search' }, { type: 'code_interpreter' }], max_tool_calls: 3 }, { 'web-search': 3, 'code-execution': 3 }],
  ['openai-chat', { web_search_options: {} }, { 'web-search': 1 }],
  ['openai-chat', { tools: [{ type: 'function' }] }, undefined],
  ['gemini-generate', { tools: [{ googleSearch: {} }] }, undefined],
])('%s: %j may use %j', (dialect, json, uses) => {
  expect(usesOf(dialect, json)).toEqual(uses);
});

test('only an unusual grade of service is one that is asked for', () => {
  expect(['priority', 'flex', 'auto', 'default', 'standard_only', undefined, 3].map((word) => serviceAsked({ service_tier: word }))).toEqual(['priority', 'flex', undefined, undefined, undefined, undefined, undefined]);
});
