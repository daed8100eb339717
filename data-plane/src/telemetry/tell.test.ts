import { expect, test } from 'vitest';
import { TestClock } from '@fairlead/shared/time/clock.ts';
import { facts, upstream } from '@fairlead/shared/plan/test-plan.ts';
import type { Arrival } from '../journey/inbound.ts';
import { resolveEndpoint } from '../http/endpoints.ts';
import { createMetrics } from './metrics.ts';
import { createTraceBuffer } from './trace.ts';
import { tell } from './tell.ts';

test('a trace stays small, however many upstreams were looked at', () => {
  const endpoint = resolveEndpoint('/v1/messages');
  if (!endpoint) throw new Error('no endpoint');
  const traces = createTraceBuffer();
  const arrival: Arrival = { exchangeId: 'exc_1', endpoint, headers: new Map(), query: new URLSearchParams(), receivedAtMs: 0, address: '', signal: new AbortController().signal, read: () => Promise.reject(new Error('not read')) };
  const leftOut = Array.from({ length: 5_000 }, (_, at) => ({ upstream: upstream(`u${at}`), reason: 'does not serve m' }));
  tell(
    { traces, metrics: createMetrics(), reporter: { nudge: () => undefined, flush: () => Promise.resolve() }, clock: new TestClock(), inFlight: { count: 1 } }, arrival,
    { attempts: [], revision: 1, principal: { tenant: 'ten_1', key: { id: 'key_1', tenant: 'ten_1', status: 'ACTIVE', funding: 'WALLET', leased: false } }, plan: { route: undefined, routeId: undefined, candidates: [], leftOut, facts: facts(), seed: '', sticky: { seconds: 0, returns: 'STAY' }, passedOver: [] } },
    { outcome: 'REFUSED', status: 404, firstContentAtMs: 0 },
  );
  expect(JSON.stringify(traces.take(1)).length).toBeLessThan(20_000);
});
