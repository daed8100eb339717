// README: "A new key answers at once, a revoked one is refused at once", at every node.
import { request } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ask } from '../clients/ask.ts';
import { createKey, issueExperienceKey } from '../stack/reads.ts';
import { openStack } from '../stack/stack.ts';
import type { Stack } from '../stack/stack.ts';

let stack: Stack;
beforeAll(async () => { stack = await openStack({ nodes: 2 }); });
afterAll(() => stack.close());

test('a key answers at every node as soon as the mutation has answered', async () => {
  for (let round = 0; round < 5; round++) {
    const { secret } = round % 2 ? await createKey(stack.api) : await issueExperienceKey(stack.api);
    expect(await Promise.all(stack.nodes.map((node) => ask(node.url, secret, 'anthropic').then(({ status }) => status)))).toEqual([200, 200]);
  }
});

test('a revoked key is refused at every node as soon as the mutation has answered', async () => {
  const { id, secret } = await createKey(stack.api);
  await stack.api.run('mutation ($input: KeyRevokeInput!) { keyRevoke(input: $input) { key { id } userErrors { message } } }', { input: { id } });
  expect(await Promise.all(stack.nodes.map((node) => ask(node.url, secret, 'anthropic').then(({ status }) => status)))).toEqual([401, 401]);
});

test('a node that cannot acknowledge is named, and the change is saved all the same', async () => {
  stack.nodes[1]?.part.child.kill('SIGSTOP');
  const { keyCreate } = await stack.api.run('mutation { keyCreate(input: { name: "late" }) { secret userErrors { code message } } }');
  stack.nodes[1]?.part.child.kill('SIGCONT');
  expect(keyCreate.userErrors.map(({ code }: { code: string }) => code)).toEqual(['NOT_PROPAGATED']);
  expect(keyCreate.userErrors[0].message).toContain('node-2');
  // It asks for news once when it meets the key, before it would say 401.
  expect((await ask(stack.nodes[1]?.url ?? '', keyCreate.secret, 'anthropic')).status).toBe(200);
});

test('a mutation tells its revision: it can be waited for, and a request may ask for it', async () => {
  const second = stack.nodes[1];
  if (!second) throw new Error('there is no second node');
  const { keyCreate } = await stack.api.run('mutation { keyCreate(input: { name: "zookie" }) { key { id } secret revision userErrors { code } } }');
  expect(keyCreate.revision).toBeGreaterThan(0);
  const waited = 'query ($revision: Int!, $ms: Int) { awaitPropagation(revision: $revision, timeoutMs: $ms) { reached live applied late } }';
  expect((await stack.api.run(waited, { revision: keyCreate.revision })).awaitPropagation).toEqual({ reached: true, live: 2, applied: 2, late: [] });
  second.part.child.kill('SIGSTOP');
  const { keyUpdate } = await stack.api.run('mutation ($input: KeyUpdateInput!) { keyUpdate(input: $input) { revision userErrors { code } } }', { input: { id: keyCreate.key.id, name: 'zookie 2' } });
  expect(keyUpdate.revision).toBeGreaterThan(keyCreate.revision);
  expect((await stack.api.run(waited, { revision: keyUpdate.revision, ms: 300 })).awaitPropagation).toEqual({ reached: false, live: 2, applied: 1, late: ['node-2'] });
  second.part.child.kill('SIGCONT');
  const asked = await ask(second.url, keyCreate.secret, 'anthropic', { headers: { 'x-fairlead-min-revision': String(keyUpdate.revision) } });
  expect(asked.status).toBe(200);
  expect(Number(asked.headers.get('x-fairlead-revision'))).toBeGreaterThanOrEqual(keyUpdate.revision);
  const never = await ask(second.url, keyCreate.secret, 'anthropic', { headers: { 'x-fairlead-min-revision': String(keyUpdate.revision + 1_000) } });
  expect([never.status, never.headers.get('x-fairlead-code')]).toEqual([503, 'node.behind']);
  await expect(stack.api.run(waited, { revision: 1_000_000 })).rejects.toThrow('was not published');
});

test('every node shows the revision that it has applied', async () => {
  const nodes = await stack.api.until(async () => {
    const { fleetNodes } = await stack.api.run('{ fleetNodes { nodes { name state runtime appliedRevision publishedRevision } } }');
    return fleetNodes.nodes.every((node: { state: string }) => node.state === 'LIVE') ? fleetNodes.nodes : undefined;
  });
  expect(nodes).toHaveLength(2);
  for (const node of nodes) expect(node.appliedRevision).toBe(node.publishedRevision);
});

test('the snapshot is not for strangers, and a signed request works once', async () => {
  expect((await fetch(`${stack.controlUrl}/snapshot/head`)).status).toBe(401);
  expect((await fetch(`${stack.controlUrl}/snapshot/head`, { headers: { authorization: 'FairleadNode id=nod_1,ts=1,nonce=x,bh=x,sig=x' } })).status).toBe(401);
  await expect(stack.api.run('mutation { nodeHeartbeat(input: { bootId: "b", appliedRevision: 1, secretEpoch: 1, runtime: "x", build: "x", spool: { events: 0, bytes: 0, oldestMs: 0, refusing: false } }) { revision } }')).rejects.toThrow();
});

test('metrics are for loopback only, and not through a proxy', async () => {
  const text = await (await fetch(`${stack.node.url}/metrics`)).text();
  expect(text).toMatch(/fairlead_exchanges_total\{dialect="anthropic-messages",outcome="OK"\} \d+/);
  const forwarded = await new Promise<number | undefined>((done, fail) => request(`${stack.node.url}/metrics`, { headers: { 'x-forwarded-for': '8.8.8.8' } }, (answer) => { answer.resume(); done(answer.statusCode); }).on('error', fail).end());
  expect(forwarded).toBe(403);
});

test('a revoked node is refused everywhere', async () => {
  const third = await stack.addNode();
  const { fleetNodes } = await stack.api.run('{ fleetNodes { nodes { id name } } }');
  const id = fleetNodes.nodes.find(({ name }: { name: string }) => name === 'node-3').id;
  await stack.api.run('mutation ($input: NodeRevokeInput!) { nodeRevoke(input: $input) { userErrors { message } } }', { input: { id } });
  await third.part.kill('SIGKILL');
  await third.restart();
  await stack.api.until(async () => third.part.log().includes('control.lost'));
  const { fleetNodes: after } = await stack.api.run('{ fleetNodes { nodes { id state } } }');
  expect(after.nodes.find((node: { id: string }) => node.id === id).state).toBe('REVOKED');
});
