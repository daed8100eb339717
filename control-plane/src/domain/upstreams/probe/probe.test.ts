import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { at, openTestPlane, textAt, tokenFor } from '../../../testing/test-plane.ts';
import type { Json, TestPlane } from '../../../testing/test-plane.ts';
import { probeUpstream } from './probe.ts';

const secret = 'sk-vendor-Quagga7-Zebra9';
let t: TestPlane;
let vendor = '';
let seen: string[] = [];
type Answer = (request: IncomingMessage, response: ServerResponse) => void;
let answer: Answer;
const json = (response: ServerResponse, status: number, body: unknown) => response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
const authorised = (request: IncomingMessage) => request.headers.authorization === `Bearer ${secret}`;
const server = createServer((request, response) => {
  seen.push(`${request.method} ${request.url}`);
  request.resume().on('end', () => { answer(request, response); });
});

beforeAll(async () => {
  t = await openTestPlane();
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  const place = server.address();
  vendor = `http://127.0.0.1:${typeof place === 'object' && place !== null ? place.port : 0}`;
});
afterAll(async () => {
  await new Promise((resolve) => { server.close(resolve); server.closeAllConnections(); });
  await t.close();
});
beforeEach(() => {
  seen = [];
  answer = (request, response) => {
    if (!authorised(request)) return void json(response, 401, { error: { message: `Incorrect API key provided: ${request.headers.authorization ?? 'none'}.` } });
    if (request.url === '/v1/models') return void json(response, 200, { data: [{ id: 'small' }, { id: 'large' }] });
    if (request.url === '/v1/chat/completions') return void json(response, 200, { choices: [{ message: { role: 'assistant', content: 'OK' } }] });
    json(response, 404, { error: 'no such path' });
  };
});

const fields = 'ok models answers { dialect text } steps { step state found advice } userErrors { code path }';
async function probe(input: Record<string, unknown>, headers?: Record<string, string>): Promise<{ ok: Json; models: Json; answers: Json; steps: { step: Json; state: Json; found: string; advice: string }[]; userErrors: Json; text: string }> {
  const query = `mutation($input: UpstreamProbeInput!) { upstreamProbe(input: $input) { ${fields} } }`;
  const reply = headers ? await t.send(query, { input }, headers) : await t.asOperator(query, { input });
  expect(reply.errors).toEqual([]);
  const found = at(reply.data, 'upstreamProbe');
  const steps = at(found, 'steps');
  if (!Array.isArray(steps)) throw new Error('no steps');
  return { ok: at(found, 'ok'), models: at(found, 'models'), answers: at(found, 'answers'), userErrors: at(found, 'userErrors'), text: reply.text, steps: steps.map((row) => ({ step: at(row, 'step'), state: at(row, 'state'), found: textAt(row, 'found'), advice: String(at(row, 'advice')) })) };
}
const states = (report: { steps: { step: Json; state: Json }[] }) => report.steps.map(({ step, state }) => `${String(step)} ${String(state)}`);
const unsaved = () => ({ baseUrl: vendor, dialects: ['openai-chat'], secret });

test('an upstream that works shows so in every step, and lists its models', async () => {
  const report = await probe({ ...unsaved(), model: 'small' });
  expect(states(report)).toEqual(['ADDRESS OK', 'CONNECT OK', 'CREDENTIAL OK', 'MODELS OK', 'ANSWER OK']);
  expect(report).toMatchObject({ ok: true, models: ['small', 'large'], answers: [{ dialect: 'openai-chat', text: 'OK' }] });
});

test('without a model nothing is asked that could cost', async () => {
  expect(states(await probe(unsaved()))).toEqual(['ADDRESS OK', 'CONNECT OK', 'CREDENTIAL OK', 'MODELS OK']);
  expect(seen).toEqual(['GET /v1/models', 'GET /v1/models']);
});

test('a secret that is not accepted is told, and neither answered, logged nor stored', async () => {
  const wrong = 'sk-wrong-Okapi3-Numbat4';
  const report = await probe({ ...unsaved(), secret: wrong, model: 'small' });
  expect(report.ok).toBe(false);
  expect(report.steps.find(({ step }) => step === 'CREDENTIAL')).toMatchObject({ state: 'FAILED', advice: expect.stringContaining('Copy it again') });
  const { client } = t.plane.domain.db;
  const kept = JSON.stringify([await client.auditEntry.findMany(), await client.upstream.findMany(), await client.credential.findMany()]);
  for (const text of [report.text, t.logLines.join(''), kept]) expect(text).not.toContain('Okapi3');
  expect(kept).toContain('upstream.probe');
});

test('a list that is open to everybody proves nothing of the secret', async () => {
  answer = (_, response) => { json(response, 200, { data: [{ id: 'small' }] }); };
  const report = await probe(unsaved());
  expect(states(report)).toEqual(['ADDRESS OK', 'CONNECT OK', 'CREDENTIAL UNSURE', 'MODELS OK']);
});

test('a wire format that is ticked but not spoken is named', async () => {
  const report = await probe({ ...unsaved(), dialects: ['openai-chat', 'anthropic-messages'], model: 'small' });
  expect(report.steps.filter(({ step }) => step === 'ANSWER').map(({ state, found }) => [state, found.split(':')[0]])).toEqual([['OK', 'openai-chat'], ['FAILED', 'anthropic-messages']]);
});

test('a page of HTML is no answer', async () => {
  answer = (_, response) => { response.writeHead(200, { 'content-type': 'text/html' }).end('<html>Welcome</html>'); };
  expect(states(await probe({ ...unsaved(), model: 'small' }))).toEqual(['ADDRESS OK', 'CONNECT OK', 'CREDENTIAL UNSURE', 'MODELS SKIPPED', 'ANSWER FAILED']);
});

test('a redirect is not followed: it could lead the secret elsewhere', async () => {
  answer = (_, response) => { response.writeHead(302, { location: `${vendor}/elsewhere` }).end(); };
  expect(states(await probe({ ...unsaved(), model: 'small' }))).toEqual(['ADDRESS OK', 'CONNECT FAILED']);
  expect(seen).toEqual(['GET /v1/models']);
});

test('where nobody listens, the step says so', async () => {
  const closed = await probe({ ...unsaved(), baseUrl: 'http://127.0.0.1:1' });
  expect(states(closed)).toEqual(['ADDRESS OK', 'CONNECT FAILED']);
  expect(closed.steps[1]?.found).toContain('Nothing listens at 127.0.0.1:1');
});

test('a server that never answers ends with the deadline', async () => {
  const leaving = new AbortController();
  answer = () => { leaving.abort(); };
  const member = await t.plane.domain.db.client.member.findFirstOrThrow({ where: { operator: true } });
  const done = await probeUpstream(t.plane.domain, { kind: 'MEMBER', id: 'sgn_test', memberId: member.id, tenantId: member.tenantId, role: 'OWNER', operator: true, scopes: ['*'] }, unsaved(), leaving.signal);
  expect(done.ok && done.value.steps.at(-1)).toMatchObject({ step: 'CONNECT', state: 'FAILED', found: expect.stringContaining('did not answer in time') });
});

test('a stored upstream is tried with its own secret at its own address, and nowhere else', async () => {
  const made = await t.asOperator('mutation($input: UpstreamCreateInput!) { upstreamCreate(input: $input) { upstream { id } } }', { input: { ...unsaved(), name: 'stored' } });
  const id = textAt(made.data, 'upstreamCreate', 'upstream', 'id');
  expect((await probe({ id, model: 'small' })).ok).toBe(true);
  seen = [];
  expect((await probe({ id, baseUrl: vendor })).userErrors).toEqual([{ code: 'INVALID', path: ['id'] }]);
  expect(seen).toEqual([]);
});

test('a tenant reaches public addresses only, and no upstream of another', async () => {
  const made = await t.asOperator('mutation { tenantCreate(input: {name: "red"}) { tenant { id } owner { id } } }');
  const red = { authorization: `Bearer ${await tokenFor(t.plane, { id: textAt(made.data, 'tenantCreate', 'owner', 'id'), tenantId: textAt(made.data, 'tenantCreate', 'tenant', 'id'), operator: false })}` };
  expect((await probe(unsaved(), red)).userErrors).toContainEqual({ code: 'ADDRESS_REFUSED', path: ['baseUrl'] });
  const practice = await t.plane.domain.db.client.upstream.findFirstOrThrow({ where: { preset: 'practice' } });
  expect((await probe({ id: practice.id }, red)).userErrors).toEqual([{ code: 'NOT_FOUND', path: ['id'] }]);
  expect(seen).toEqual([]);
});
