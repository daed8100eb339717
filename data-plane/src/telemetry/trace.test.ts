import { expect, test } from 'vitest';
import type { ExchangeTrace } from '@fairlead/shared/usage/trace.ts';
import { createTraceBuffer } from './trace.ts';

const trace = (exchangeId: string): ExchangeTrace => ({ exchangeId, tenantId: 'ten_1', keyId: 'key_1', startedAt: 1, endedAt: 2, dialect: 'openai-chat', model: 'm', stream: false, status: 200, outcome: 'OK', revision: 1, faultCode: undefined, candidates: [], attempts: [] });
const ids = (texts: readonly string[] | undefined) => texts?.map((text) => (JSON.parse(text) as ExchangeTrace).exchangeId);

test('a full buffer drops what comes and counts it, also when a batch is given back', () => {
  const traces = createTraceBuffer(3);
  for (const id of ['a', 'b', 'c', 'd']) traces.add(trace(id));
  const taken = traces.take(2);
  expect([ids(taken?.traces), taken?.dropped]).toEqual([['a', 'b'], 1]);
  for (const id of ['e', 'f']) traces.add(trace(id));
  if (taken) traces.giveBack(taken);
  const all = traces.take(10);
  expect([ids(all?.traces), all?.dropped]).toEqual([['a', 'b', 'c'], 3]);
  expect(traces.take(10)).toBeUndefined();
});

test('a trace says what was known of it when its turn ended, and leaves out what was not', () => {
  const traces = createTraceBuffer();
  const told = trace('a');
  traces.add(told);
  told.attempts.push({ attempt: 1, upstreamId: 'ups_1', upstream: 'U', model: 'm', dialect: 'openai-chat', outcome: 'hedge-lost', startedAt: 1, durationMs: 7 });
  const [text = ''] = traces.take(1)?.traces ?? [];
  expect(JSON.parse(text)).toMatchObject({ attempts: [{ durationMs: 7 }] });
  expect(text).not.toContain('faultCode');
});
