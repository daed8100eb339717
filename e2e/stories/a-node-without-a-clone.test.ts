// README: "Another node, on another machine": one file and a pasted token, without this repository.
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { ask } from '../clients/ask.ts';
import { root } from '../stack/process.ts';
import { billNano, createKey, ledgerNano } from '../stack/reads.ts';
import { openStack } from '../stack/stack.ts';
import type { Stack } from '../stack/stack.ts';

let folder: string;
let stack: Stack | undefined;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'fairlead-e2e-bundle-'));
  execFileSync(process.execPath, [join(root, 'scripts', 'bundle.mjs'), '--out', join(folder, 'fairlead-node.mjs')], { stdio: 'pipe' });
});
afterEach(async () => { await stack?.close(); stack = undefined; });
afterAll(() => { rmSync(folder, { recursive: true, force: true }); });

const runtimes = ['node', ...(process.env.FAIRLEAD_TEST_DENO === '1' ? ['deno' as const] : [])] as const;

test.each(runtimes)('one file alone in its folder joins on %s, answers in every dialect, is charged for, and starts again without its token', async (runtime) => {
  expect(readdirSync(folder)).toEqual(['fairlead-node.mjs']);
  stack = await openStack({ runtime, nodeFile: join(folder, 'fairlead-node.mjs') });
  const { secret } = await createKey(stack.api);
  const heard = async () => { const url = stack?.node.url ?? ''; return Promise.all((['anthropic', 'chat', 'responses', 'gemini'] as const).map((dialect) => ask(url, secret, dialect, { stream: dialect !== 'chat' }))); };
  expect((await heard()).map(({ status, whole }) => [status, whole])).toEqual([1, 2, 3, 4].map(() => [200, true]));
  await stack.node.part.kill('SIGKILL');
  await stack.node.restart();
  expect((await heard()).map(({ status }) => status)).toEqual([200, 200, 200, 200]);
  const { api, practice } = stack;
  await api.until(async () => (await ledgerNano(api)).requests >= 8);
  const { cost, requests } = await ledgerNano(api);
  expect({ cost, requests }).toEqual(billNano(await practice.bill()));
});

test('wired: what the bundle is made of does not start alone', async () => {
  const alone = mkdtempSync(join(tmpdir(), 'fairlead-e2e-alone-'));
  copyFileSync(join(root, 'data-plane', 'src', 'main.node.ts'), join(alone, 'main.node.ts'));
  stack = await openStack({ nodes: 0, nodeFile: join(alone, 'main.node.ts') });
  await expect(stack.addNode()).rejects.toThrow(/ERR_MODULE_NOT_FOUND/);
  rmSync(alone, { recursive: true, force: true });
});
