// README: "Provider credentials are sealed": also by another key than yesterday's, and replaced where a node was stolen.
import { randomBytes } from 'node:crypto';
import { afterEach, expect, test } from 'vitest';
import { ask } from '../clients/ask.ts';
import { connectFirst, lead } from '../stack/providers.ts';
import { createKey } from '../stack/reads.ts';
import { openStack } from '../stack/stack.ts';
import type { Stack } from '../stack/stack.ts';

let stack: Stack;
afterEach(() => stack?.close());

const model = 'sealed-model';
const newKey = () => randomBytes(32).toString('base64');

test('the key that seals all others is replaced while everything is served; then the old one is needed no more, and no other one will do', async () => {
  const [old, now] = [newKey(), newKey()];
  const controlEnv: Record<string, string> = { FAIRLEAD_KEK: old };
  stack = await openStack({ controlEnv });
  const { first } = await connectFirst(stack);
  await lead(stack.api, model, [first]);
  const { secret } = await createKey(stack.api);
  const served = async () => { const { status, headers } = await ask(stack.node.url, secret, 'anthropic', { model }); return [status, headers.get('x-fairlead-upstream')]; };
  expect(await served()).toEqual([200, 'First']);

  await stack.control.kill();
  Object.assign(controlEnv, { FAIRLEAD_KEK: now, FAIRLEAD_KEK_OLD: old });
  await stack.control.restart();
  expect(await served()).toEqual([200, 'First']);
  await stack.api.until(async () => (await stack.api.run('{ auditEntries(first: 20) { nodes { action } } }')).auditEntries.nodes.some(({ action }: { action: string }) => action === 'secrets.rewrap'));

  await stack.control.kill();
  delete controlEnv.FAIRLEAD_KEK_OLD;
  await stack.control.restart();
  // A new group key: each credential is opened at rest, and sealed for the nodes again.
  const stolen = await stack.addNode();
  const { fleetNodes } = await stack.api.run('{ fleetNodes { nodes { id name } } }');
  const id = fleetNodes.nodes.find(({ name }: { name: string }) => name === 'node-2').id;
  const revoke = async () => (await stack.api.run('mutation ($input: NodeRevokeInput!) { nodeRevoke(input: $input) { exposedCredentials { id upstream { name } } userErrors { message } } }', { input: { id } })).nodeRevoke.exposedCredentials as { id: string; upstream: { name: string } }[];
  const exposed = await revoke();
  expect(exposed.map(({ upstream }) => upstream.name).sort()).toEqual(['First', 'Practice']);
  await stolen.part.kill('SIGKILL');
  expect(await served()).toEqual([200, 'First']);
  for (const one of exposed.filter(({ upstream }) => upstream.name === 'Practice')) {
    await stack.api.run('mutation ($input: CredentialRotateInput!) { credentialRotate(input: $input) { userErrors { message } } }', { input: { id: one.id, secret: 'another-secret-of-the-vendor' } });
  }
  expect((await revoke()).map(({ upstream }) => upstream.name)).toEqual(['First']);

  // Wired: a key that has sealed nothing here does not start it.
  await stack.control.kill();
  controlEnv.FAIRLEAD_KEK = newKey();
  await expect(stack.control.restart()).rejects.toThrow('FAIRLEAD_KEK_OLD');
});
