// What tenants, clients and vendors may do to a shared node, and what must not follow from it.
import { expect, test } from 'vitest';
import { compileErrorRules } from '@fairlead/shared/faults/error-rule.ts';
import { errorRulesOf } from './error-rules.ts';
import { repairFor } from './repair.ts';
import { trial } from './testing/trial.ts';
import type { Behaviour } from './testing/trial.ts';

const at = { client: 'anthropic-messages', upstream: 'anthropic-messages', stream: false } as const;
const json = (status: number, body: unknown, headers: Record<string, string> = {}): Behaviour => () => ({ status, headers, body: (async function* () { yield await Promise.resolve(Buffer.from(JSON.stringify(body))); })() });
const wrong = json(400, { error: { message: 'messages: required' } });

test('a tenant\'s error rule rests no credential and opens no breaker of the operator\'s upstreams', async () => {
  for (const outcome of ['credential', 'credential-spent', 'limited', 'overloaded', 'failed']) {
    const theirs = errorRulesOf(compileErrorRules([{ id: 'a', name: 'a', position: 0, tenant: 'ten_1', outcome }]), 'ten_1');
    expect((await trial({ ...at, behaviours: [wrong], errorRules: theirs })).blamed, outcome).toEqual(new Set());
    expect((await trial({ ...at, behaviours: [wrong], errorRules: theirs, owner: 'ten_1' })).blamed.size, outcome).toBe(1);
    const operators = errorRulesOf(compileErrorRules([{ id: 'a', name: 'a', position: 0, outcome }]), 'ten_1');
    expect((await trial({ ...at, behaviours: [wrong], errorRules: operators })).blamed.size, outcome).toBe(1);
  }
});

test('a tenant\'s error rule does not keep the operator\'s refused credential in use', async () => {
  const theirs = errorRulesOf(compileErrorRules([{ id: 'a', name: 'a', position: 0, tenant: 'ten_1', outcome: 'client-input' }]), 'ten_1');
  const { blamed, status } = await trial({ ...at, behaviours: [json(401, { error: { message: 'no' } })], errorRules: theirs });
  expect([[...blamed], status]).toEqual([['c0'], 401]);
});

test.each([304, 600, 999])('a vendor\'s status %i, which no runtime could pass on, is a 502 for the client', async (status) => {
  const sorry = errorRulesOf(compileErrorRules([{ id: 'a', name: 'a', position: 0, say: 'Sorry.' }]), 'ten_1');
  expect((await trial({ ...at, behaviours: [json(status, { error: { message: 'x' } })], errorRules: sorry })).status).toBe(502);
});

test('a vendor\'s header that cannot be written is left out, and the answer is not', async () => {
  const { headers, status } = await trial({ ...at, behaviours: [json(400, { error: { message: 'x' } }, { 'anthropic-a': '€', 'anthropic-b': 'x\u0000y', 'anthropic-c': 'z'.repeat(10_000), 'request-id': 'req_1' })] });
  expect([status, headers]).toEqual([400, { 'request-id': 'req_1', 'content-type': 'application/json' }]);
});

test.each([true, false])('an answer that comes packed though plain bytes were asked for fails over at once (stream: %s)', async (stream) => {
  const packed: Behaviour = ({ signal }) => ({ status: 200, headers: { 'content-type': stream ? 'text/event-stream' : 'application/json', 'content-encoding': 'gzip' }, body: (async function* () { yield await new Promise<Uint8Array>((_, fail) => { signal.addEventListener('abort', () => fail(signal.reason), { once: true }); }); })() });
  const good = stream
    ? json(400, { error: { message: 'reached' } })
    : json(200, { type: 'message', content: [{ type: 'text', text: 'reached' }], usage: { input_tokens: 1, output_tokens: 1 } });
  const { attempts, bytes } = await trial({ ...at, stream, behaviours: [packed, good] });
  expect([attempts[0]?.outcome, attempts[0]?.durationMs, attempts[1]?.upstream, bytes.includes('reached')]).toEqual(['broke-off', 0, 'U1', true]);
});

test('one long word in a vendor\'s error is looked at in time that grows with its length', () => {
  const spentMs = (length: number) => { const begun = performance.now(); for (let time = 0; time < 20; time++) repairFor('anthropic-messages', 400, 'a'.repeat(length), {}); return performance.now() - begun; };
  spentMs(1_000);
  // Sixteen times the text took 256 times as long: three seconds for these twenty.
  expect(spentMs(8_000)).toBeLessThan(1_000);
});
