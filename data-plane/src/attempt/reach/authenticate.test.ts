import { generateKeyPairSync, verify } from 'node:crypto';
import { expect, test } from 'vitest';
import { Secret } from '@fairlead/shared/crypto/secret.ts';
import type { SnapshotUpstream } from '@fairlead/shared/snapshot/snapshot.ts';
import { TestClock } from '@fairlead/shared/time/clock.ts';
import type { Candidate } from '../../journey/candidate.ts';
import { AddressRefused } from '@fairlead/shared/egress/rules.ts';
import type { UpstreamAnswer, UpstreamCall } from '../transport/transport.ts';
import { createPresenter } from './authenticate.ts';

const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const privatePem = String(privateKey.export({ type: 'pkcs8', format: 'pem' }));
const keyFile = (more: object = {}) => JSON.stringify({ type: 'service_account', client_email: 'bot@p.iam.gserviceaccount.com', private_key_id: 'kid1', private_key: privatePem, token_uri: 'https://oauth2.googleapis.com/token', ...more });

type TokenEnd = (call: UpstreamCall) => Promise<UpstreamAnswer>;
const said = (status: number, body: unknown): UpstreamAnswer => ({ status, headers: {}, body: (async function* () { yield await Promise.resolve(Buffer.from(JSON.stringify(body))); })() });

/** A presenter whose token endpoint is this; nothing else can be called. */
function presenting(secret: string, auth: SnapshotUpstream['auth'], tokenEnd: TokenEnd = () => Promise.reject(new Error('nobody is called'))) {
  const clock = new TestClock();
  const calls: UpstreamCall[] = [];
  const presenter = createPresenter({ clock, transport: { call: (call) => { calls.push(call); return tokenEnd(call); }, close: () => Promise.resolve() } });
  const upstream: SnapshotUpstream = { id: 'ups_1', name: 'U', baseUrl: 'https://u.example/v1', dialects: ['openai-chat'], auth, priority: 0, weight: 1, status: 'ACTIVE', credentials: [] };
  const candidate: Candidate = { upstream, model: 'm', dialect: 'openai-chat', priority: 0, weight: 1, reason: '', credential: { id: 'crd_1', version: 1, priority: 0, weight: 1, sealed: '' }, price: undefined, outputCap: 1, bounded: false, reserveNano: 0n, tokensMost: 0 };
  const present = (signal = new AbortController().signal) => presenter.present({ candidate, url: new URL('https://u.example/v1/x?alt=sse'), headers: { 'content-type': 'application/json' }, body: Buffer.from('{}'), secret: new Secret(secret), signal });
  return { clock, calls, presenter, candidate, present };
}

test.each<[SnapshotUpstream['auth'], Record<string, string>, string]>([
  ['BEARER', { authorization: 'Bearer k-1 &2' }, '?alt=sse'], ['X_API_KEY', { 'x-api-key': 'k-1 &2' }, '?alt=sse'], ['X_GOOG_API_KEY', { 'x-goog-api-key': 'k-1 &2' }, '?alt=sse'], ['API_KEY', { 'api-key': 'k-1 &2' }, '?alt=sse'],
  ['QUERY_KEY', {}, '?alt=sse&key=k-1+%262'], ['NONE', {}, '?alt=sse'],
])('%s presents the credential in its own way and nowhere else', async (auth, headers, search) => {
  const { url, headers: sent } = await presenting('k-1 &2', auth).present();
  expect([sent, url.search]).toEqual([{ 'content-type': 'application/json', ...headers }, search]);
});

test('a token is asked for with an assertion that Google can verify, once for all who need it, and used until five minutes before its end', async () => {
  let count = 0;
  const { clock, calls, present } = presenting(keyFile(), 'SERVICE_ACCOUNT', () => Promise.resolve(said(200, { access_token: `ya29.${++count}`, expires_in: 3_600 })));
  const all = await Promise.all([present(), present(), present()]);
  expect(all.map(({ headers }) => headers.authorization)).toEqual(['Bearer ya29.1', 'Bearer ya29.1', 'Bearer ya29.1']);
  const form = new URLSearchParams(Buffer.from(calls[0]?.body ?? []).toString());
  const [head = '', claims = '', signature = ''] = (form.get('assertion') ?? '').split('.');
  expect(verify('sha256', Buffer.from(`${head}.${claims}`), publicKey, Buffer.from(signature, 'base64url'))).toBe(true);
  expect(JSON.parse(Buffer.from(head, 'base64url').toString())).toEqual({ alg: 'RS256', typ: 'JWT', kid: 'kid1' });
  expect(JSON.parse(Buffer.from(claims, 'base64url').toString())).toEqual({ iss: 'bot@p.iam.gserviceaccount.com', aud: 'https://oauth2.googleapis.com/token', scope: 'https://www.googleapis.com/auth/cloud-platform', iat: 1_800_000_000, exp: 1_800_003_600 });
  clock.advance(55 * 60_000 - 1);
  expect([(await present()).headers.authorization, calls.length]).toEqual(['Bearer ya29.1', 1]);
  clock.advance(1);
  expect([(await present()).headers.authorization, calls.length]).toEqual(['Bearer ya29.2', 2]);
});

test('a token that cannot be renewed is used until its end, then the credential is unusable', async () => {
  let well = true;
  const { clock, present } = presenting(keyFile(), 'SERVICE_ACCOUNT', () => Promise.resolve(well ? said(200, { access_token: 'ya29.1', expires_in: 3_600 }) : said(500, { error: 'backend' })));
  await present();
  well = false;
  clock.advance(3_599_999);
  expect((await present()).headers.authorization).toBe('Bearer ya29.1');
  clock.advance(1);
  await expect(present()).rejects.toMatchObject({ name: 'CredentialUnusable', message: 'the token endpoint oauth2.googleapis.com answered 500: {"error":"backend"}' });
});

test('a token that the upstream refused is asked for anew', async () => {
  let count = 0;
  const { present, presenter, candidate } = presenting(keyFile(), 'SERVICE_ACCOUNT', () => Promise.resolve(said(200, { access_token: `ya29.${++count}` })));
  await present();
  presenter.refused(candidate);
  expect((await present()).headers.authorization).toBe('Bearer ya29.2');
});

test('one who leaves while the token comes takes it from nobody else', async () => {
  const answer = Promise.withResolvers<UpstreamAnswer>();
  const { calls, present } = presenting(keyFile(), 'SERVICE_ACCOUNT', () => answer.promise);
  const leaving = new AbortController();
  const [left, stays] = [present(leaving.signal), present()];
  leaving.abort(new Error('left'));
  await expect(left).rejects.toThrow('left');
  answer.resolve(said(200, { access_token: 'ya29.1' }));
  expect([(await stays).headers.authorization, calls[0]?.signal.aborted && calls.length]).toEqual(['Bearer ya29.1', 1]);
});

test('a token endpoint that says nothing is given up after ten seconds', async () => {
  const called = Promise.withResolvers<void>();
  const { clock, present } = presenting(keyFile(), 'SERVICE_ACCOUNT', () => { called.resolve(); return new Promise(() => undefined); });
  const waiting = present();
  await called.promise;
  clock.advance(9_999);
  expect(await Promise.race([waiting, Promise.resolve('waits')])).toBe('waits');
  clock.advance(1);
  await expect(waiting).rejects.toThrow('the token endpoint oauth2.googleapis.com did not answer within 10 s');
});

test('an address that the node may not call stays one', async () => {
  await expect(presenting(keyFile(), 'SERVICE_ACCOUNT', () => Promise.reject(new AddressRefused('x', 'is private'))).present()).rejects.toThrow(AddressRefused);
});

test.each(['http://oauth2.googleapis.com/token', 'https://oauth2.googleapis.com.evil.example/token', 'https://evilgoogleapis.com/token', 'http://169.254.169.254/token', 'https://u.example:444/token', 'nonsense'])('a key file does not have the node ask at %s', async (token_uri) => {
  const { calls, present } = presenting(keyFile({ token_uri }), 'SERVICE_ACCOUNT');
  await expect(present()).rejects.toThrow(/^the token_uri of the service account is neither/);
  expect(calls).toEqual([]);
});

test.each([[keyFile({ token_uri: undefined }), 'https://oauth2.googleapis.com/token'], [keyFile({ token_uri: 'https://sts.googleapis.com/v1/token' }), 'https://sts.googleapis.com/v1/token'], [keyFile({ token_uri: 'https://u.example/token' }), 'https://u.example/token']])('a key file may have the node ask at Google or at the upstream itself', async (file, address) => {
  const { calls, present } = presenting(file, 'SERVICE_ACCOUNT', () => Promise.resolve(said(200, { access_token: 'ya29.1' })));
  await present();
  expect(calls.map(({ url }) => url.href)).toEqual([address]);
});

test.each([
  ['SIGV4', 'no-colon-in-it'], ['SERVICE_ACCOUNT', 'not json'], ['SERVICE_ACCOUNT', '{"client_email":"x"}'], ['SERVICE_ACCOUNT', keyFile({ private_key: 'garbage-of-a-key' })],
] as const)('a broken credential of %s is called unusable without being quoted', async (auth, secret) => {
  await expect(presenting(secret, auth).present()).rejects.toSatisfy((error: Error) => error.name === 'CredentialUnusable' && !/no-colon|garbage|BEGIN/.test(String(error.stack)));
});

test('a token endpoint that repeats the assertion has it cut out', async () => {
  const { present } = presenting(keyFile(), 'SERVICE_ACCOUNT', ({ body }) => Promise.resolve(said(400, { error: 'invalid_grant', got: new URLSearchParams(Buffer.from(body).toString()).get('assertion') })));
  await expect(present()).rejects.toThrow('answered 400: {"error":"invalid_grant","got":"[secret]"}');
});
