// README: ranking by what vendors' accounts have left. A balance is read at the vendor, shown, and led by; unknown is never 0.
import { createServer, request as call } from 'node:http';
import type { Server } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ask } from '../clients/ask.ts';
import { createKey } from '../stack/reads.ts';
import { openStack, secondCredential } from '../stack/stack.ts';
import type { Stack } from '../stack/stack.ts';

let stack: Stack;
let secret: string;
const left = { Left: 10, Right: 90 };
type Name = keyof typeof left;
const names: readonly Name[] = ['Left', 'Right'];
const ids = new Map<string, { upstreamId: string; credentialId: string }>();
const vendors: Server[] = [];

/** A vendor that answers as the practice upstream does, and tells what its account has left. */
async function openVendor(name: Name): Promise<string> {
  const server = createServer((incoming, outgoing) => {
    if (incoming.url === '/v1/credits') {
      const known = incoming.headers.authorization === `Bearer ${secondCredential}`;
      outgoing.writeHead(known ? 200 : 401, { 'content-type': 'application/json' }).end(JSON.stringify(known ? { data: { total_credits: 100, total_usage: 100 - left[name] } } : {}));
      return;
    }
    const onward = call(new URL(incoming.url ?? '/', stack.practiceUrl), { method: incoming.method, headers: incoming.headers }, (answer) => { outgoing.writeHead(answer.statusCode ?? 502, answer.headers); answer.pipe(outgoing); });
    onward.on('error', () => outgoing.destroy());
    incoming.pipe(onward);
  });
  vendors.push(server);
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  const at = server.address();
  return `http://127.0.0.1:${typeof at === 'object' && at ? at.port : 0}`;
}

beforeAll(async () => {
  stack = await openStack();
  for (const name of names) {
    const { upstreamCreate } = await stack.api.run('mutation ($input: UpstreamCreateInput!) { upstreamCreate(input: $input) { upstream { id credentials { id } } userErrors { message } } }', {
      input: { name, baseUrl: await openVendor(name), dialects: ['anthropic-messages'], auth: 'BEARER', secret: secondCredential },
    });
    ids.set(name, { upstreamId: upstreamCreate.upstream.id, credentialId: upstreamCreate.upstream.credentials[0].id });
  }
  ({ secret } = await createKey(stack.api));
});
afterAll(async () => {
  await stack.close();
  await Promise.all(vendors.map((server) => new Promise((done) => { server.close(done); server.closeAllConnections(); })));
});

const rankBy = (rank: string) => stack.api.run('mutation ($input: RouteCreateInput!) { routeCreate(input: $input) { userErrors { message } } }', { input: { name: `by ${rank}`, models: [`claude-${rank.toLowerCase().replaceAll('_', '-')}`], rank, stickySeconds: 0, targets: names.map((name) => ({ upstreamId: ids.get(name)?.upstreamId, model: 'claude-haiku-5-5' })) } });
const servedBy = async (model: string, times = 12) => {
  const served = new Set<string | null>();
  for (let at = 0; at < times; at++) {
    const heard = await ask(stack.node.url, secret, 'anthropic', { prompt: `question ${at}`, model });
    expect(heard.status, heard.body).toBe(200);
    served.add(heard.headers.get('x-fairlead-upstream'));
  }
  return served;
};
const balanceOf = async (name: Name) => (await stack.api.run('query ($id: ID!) { upstream(id: $id) { credentials { balance { state left limit unit problem } } } }', { id: ids.get(name)?.upstreamId })).upstream.credentials[0].balance;
const read = (name: Name) => stack.api.run('mutation ($input: CredentialBalanceRefreshInput!) { credentialBalanceRefresh(input: $input) { userErrors { message } } }', { input: { credentialId: ids.get(name)?.credentialId } });

test('wired: as long as nobody reads the balances, both are unknown and serve alike', async () => {
  await rankBy('ACCOUNT_LEFT');
  expect(await balanceOf('Left')).toEqual({ state: 'UNKNOWN', left: null, limit: null, unit: null, problem: null });
  expect(await servedBy('claude-account-left', 24)).toEqual(new Set(names));
});

test('once they are read, the fuller account serves', async () => {
  for (const name of names) {
    await stack.api.run('mutation ($input: UpstreamBalanceSetInput!) { upstreamBalanceSet(input: $input) { userErrors { message } } }', { input: { upstreamId: ids.get(name)?.upstreamId, source: 'OPENROUTER' } });
    await read(name);
  }
  expect(await balanceOf('Right')).toEqual({ state: 'OK', left: '90', limit: '100', unit: 'USD', problem: null });
  await stack.api.until(async () => ((await servedBy('claude-account-left', 6)).has('Left') ? undefined : true));
  expect(await servedBy('claude-account-left')).toEqual(new Set(['Right']));
});

test('and the trace says why', async () => {
  const heard = await ask(stack.node.url, secret, 'anthropic', { prompt: 'why', model: 'claude-account-left' });
  const exchange = await stack.api.until(async () => {
    const { exchange: found } = await stack.api.run('query ($id: ID!) { exchange(id: $id) { decision { candidates { upstream reason } } } }', { id: heard.headers.get('x-fairlead-exchange') });
    return found?.decision ? found : undefined;
  });
  expect(exchange.decision.candidates.map((row: { reason: string }) => row.reason).join('\n')).toMatch(/90 USD left[\s\S]*10 USD left/);
});
