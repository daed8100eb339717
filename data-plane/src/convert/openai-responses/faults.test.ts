import { describe, expect, it } from 'vitest';
import { isLoose, parseJson, type Loose } from '@fairlead/shared/wire/json.ts';
import { createSseParser } from '@fairlead/shared/wire/sse.ts';
import type { PlainFault } from '../hub/fault-words.ts';
import { openUsageReader } from '../usage-reader.ts';
import { faults } from './faults.ts';

const eventsOf = (fault: PlainFault): Loose[] => createSseParser().push(faults.writeStreamFault(fault)).map((frame) => parseJson(frame.data)).filter(isLoose);

describe('a fault inside a stream', () => {
  it.each<[string, PlainFault, Loose]>([
    ['a break, which Codex tries again', { status: 502, message: 'It broke off.', code: 'upstream.broke-off', mayRetry: true }, { type: 'error', code: 'server_error', message: 'It broke off.' }],
    ['a limit, for as long as it says', { status: 429, message: 'Slow down.', code: 'pace.exceeded', mayRetry: true, retryAfterMs: 1_500 }, { type: 'response.failed', response: { error: { code: 'rate_limit_exceeded', message: 'Slow down. Please try again in 2s.' } } }],
    ['a limit that says nothing', { status: 429, message: 'Slow down.', code: 'pace.exceeded', mayRetry: true }, { type: 'response.failed', response: { error: { code: 'rate_limit_exceeded', message: 'Slow down.' } } }],
    ['a spent budget, which Codex shows', { status: 429, message: 'Used up.', code: 'quota.spent', mayRetry: true, retryAfterMs: 9_000 }, { type: 'response.failed', response: { error: { code: 'insufficient_quota', message: 'Used up.' } } }],
    ['a request that is wrong', { status: 400, message: 'input: wrong', code: 'upstream.refused', mayRetry: false }, { type: 'response.failed', response: { error: { code: 'invalid_prompt', message: 'input: wrong' } } }],
    ['a request that is too long', { status: 400, message: 'prompt is too long: 2 tokens > 1 maximum', code: 'upstream.refused', mayRetry: false }, { type: 'response.failed', response: { error: { code: 'context_length_exceeded' } } }],
    ['what no other try helps against', { status: 500, message: 'Something broke.', code: 'node.bug', mayRetry: false }, { type: 'response.failed', response: { error: { code: 'node.bug', message: 'Something broke.' } } }],
    ['a key that may not', { status: 403, message: 'No.', code: 'model.not-allowed', mayRetry: false }, { type: 'response.failed', response: { error: { code: 'model.not-allowed' } } }],
  ])('is said as %s', (_name, fault, event) => {
    expect(eventsOf(fault).at(-1)).toMatchObject(event);
    const watched = openUsageReader('openai-responses');
    for (const frame of createSseParser().push(faults.writeStreamFault(fault))) watched.push(frame);
    expect([watched.ended(), watched.failed()?.startsWith(fault.message)]).toEqual([false, true]);
  });

  it('that is a failed reply begins with one, since the vendor\'s library takes no other event first', () => {
    expect(eventsOf({ status: 400, message: 'x', code: 'upstream.refused', mayRetry: false }).map((event) => event['type'])).toEqual(['response.created', 'response.failed']);
  });
});

it.each<[Loose, number]>([
  [{ code: 'rate_limit_exceeded' }, 429], [{ code: 'insufficient_quota' }, 402], [{ code: 'context_length_exceeded' }, 400], [{ code: 'invalid_prompt' }, 400], [{ code: 'server_error' }, 500], [{ code: 'server_is_overloaded' }, 503],
  [{ type: 'rate_limit_error', code: null }, 429], [{ code: 503 }, 503], [{ status: 404 }, 404], [{ code: 'something_new' }, 502], [{ code: 200 }, 502], [{}, 502],
])('the error %j stands for the status %i', (error, status) => {
  expect(faults.statusOf(error)).toBe(status);
});
