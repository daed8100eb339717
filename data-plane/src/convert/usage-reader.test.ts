import type { DialectName } from '@fairlead/shared/snapshot/snapshot.ts';
import { expect, test } from 'vitest';
import { openUsageReader, readUsage } from './usage-reader.ts';

const answers: [DialectName, Record<string, unknown>, { event: string; data: string }][] = [
  ['anthropic-messages', { usage: { input_tokens: 1, output_tokens: 2, service_tier: 'priority' } }, { event: 'message_start', data: JSON.stringify({ type: 'message_start', message: { usage: { input_tokens: 1, output_tokens: 2, service_tier: 'priority' } } }) }],
  ['openai-chat', { service_tier: 'priority', usage: { prompt_tokens: 1, completion_tokens: 2 } }, { event: 'message', data: JSON.stringify({ service_tier: 'priority', choices: [], usage: { prompt_tokens: 1, completion_tokens: 2 } }) }],
  ['openai-responses', { service_tier: 'priority', usage: { input_tokens: 1, output_tokens: 2 } }, { event: 'response.completed', data: JSON.stringify({ type: 'response.completed', response: { service_tier: 'priority', usage: { input_tokens: 1, output_tokens: 2 } } }) }],
];

test.each(answers)('%s tells the grade of service that it gave, whole and as a stream', (dialect, body, frame) => {
  const expected = { input: 1, output: 2, service: 'priority' };
  expect(readUsage(dialect, body)).toMatchObject(expected);
  const reader = openUsageReader(dialect);
  reader.push(frame);
  expect(reader.reading()).toMatchObject(expected);
});

test('a vendor that names no grade leaves it out', () => {
  expect(readUsage('openai-chat', { usage: { prompt_tokens: 1, completion_tokens: 2 } })).not.toHaveProperty('service');
});
