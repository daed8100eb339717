// README: "a change moves only what changed": one key among thousands moves its own pieces alone, a damaged folder heals, and nothing older comes back.
import { createHash } from 'node:crypto';
import { copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, expect, test } from 'vitest';
import { ask } from '../clients/ask.ts';
import { openControlRoad } from '../stack/control-road.ts';
import type { ControlRoad } from '../stack/control-road.ts';
import { createKey } from '../stack/reads.ts';
import { openStack } from '../stack/stack.ts';
import type { Stack } from '../stack/stack.ts';

let stack: Stack;
let road: ControlRoad;
afterEach(async () => { await stack.close(); await road.close(); });

const many = 4_000;
const inDatabase = (work: (db: DatabaseSync) => void) => {
  const db = new DatabaseSync(join(stack.dataDir, 'control', 'fairlead.db'));
  db.exec('PRAGMA busy_timeout = 20000');
  db.exec('BEGIN IMMEDIATE');
  work(db);
  // As after an import: everything is looked at.
  db.exec("INSERT INTO dirty_mark (kind, object_id) VALUES ('seed', 'story')");
  db.exec('COMMIT');
  db.close();
};

/** A control plane with thousands of keys, and a node that reaches it over a road that counts. */
async function open(runtime: 'node' | 'deno' = 'node'): Promise<{ id: string; secret: string }> {
  stack = await openStack({ nodes: 0, runtime });
  road = await openControlRoad(stack.controlUrl);
  const key = await createKey(stack.api);
  inDatabase((db) => {
    const { tenant_id: tenantId } = db.prepare('SELECT tenant_id FROM key_').get() as { tenant_id: string };
    const now = new Date().toISOString().replace('Z', '+00:00');
    const add = db.prepare('INSERT INTO key_ (id, tenant_id, name, hint, digest, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?)');
    for (let at = 0; at < many; at++) add.run(`key_${String(at).padStart(26, '0')}`, tenantId, `key ${at}`, 'flk_x', createHash('sha256').update(`k${at}`).digest('hex'), now, now);
  });
  await stack.addNode({ FAIRLEAD_CONTROL_URL: road.url });
  await untilCurrent();
  return key;
}

/** The node has what is published, and the marks of the import are published. */
const untilCurrent = () => stack.api.until(async () => {
  const { fleetNodes } = await stack.api.run('{ fleetNodes { nodes { appliedRevision publishedRevision } } }');
  const [node] = fleetNodes.nodes;
  return node && node.appliedRevision === node.publishedRevision && pieces().length > many / 200 ? node.appliedRevision as number : undefined;
}, 30_000);
const pieces = () => road.seen.filter(({ path, status }) => path.startsWith('/snapshot/pieces/') && status === 200);
const revoke = (id: string) => stack.api.run('mutation ($input: KeyRevokeInput!) { keyRevoke(input: $input) { key { id } userErrors { message } } }', { input: { id } });
const status = async (secret: string) => (await ask(stack.node.url, secret, 'anthropic')).status;
const nack = async () => (await stack.api.run('{ fleetNodes { nodes { nack } } }')).fleetNodes.nodes[0]?.nack;

test.each(process.env.FAIRLEAD_TEST_DENO === '1' ? ['node', 'deno'] as const : ['node'] as const)('on %s, one key among thousands that is revoked moves its shard, a page and the manifest; the first time everything came', async (runtime) => {
  const { id, secret } = await open(runtime);
  expect(await status(secret)).toBe(200);
  const all = pieces();
  road.seen.length = 0;
  await revoke(id);
  expect(await status(secret)).toBe(401);
  const moved = pieces();
  expect(moved).toHaveLength(3);
  expect(moved.reduce((sum, { bytes }) => sum + bytes, 0)).toBeLessThan(25_000);
  expect(all.reduce((sum, { bytes }) => sum + bytes, 0)).toBeGreaterThan(many * 50);
});

test('wired: when every key is another, everything moves', async () => {
  await open();
  const all = pieces().length;
  road.seen.length = 0;
  inDatabase((db) => { db.exec("UPDATE key_ SET name = 'renamed ' || name"); });
  await stack.api.until(() => Promise.resolve(pieces().length > (all * 2) / 3), 30_000);
});

test('a damaged folder heals with what is damaged alone, and is whole when nobody is there any more', async () => {
  const { secret } = await open();
  const all = pieces().length;
  await stack.node.part.kill('SIGKILL');
  const pack = join(stack.node.dataDir, 'pieces.pack');
  const bytes = readFileSync(pack);
  // Three places in the middle, far apart.
  for (const share of [0.3, 0.5, 0.7]) { const at = Math.floor(bytes.length * share); bytes[at] = (bytes[at] ?? 0) ^ 0xff; }
  writeFileSync(pack, bytes);
  road.seen.length = 0;
  await stack.node.restart();
  expect(await status(secret)).toBe(200);
  expect(pieces().length).toBeGreaterThanOrEqual(1);
  expect(pieces().length).toBeLessThan(all);
  await stack.control.kill('SIGKILL');
  await stack.node.part.kill('SIGKILL');
  await stack.node.restart();
  expect(await status(secret)).toBe(200);
  await stack.control.restart();
});

/** Puts the files of before back where the newer ones are, as somebody does who restores a volume. */
async function setBack(names: readonly string[], change: () => Promise<unknown>): Promise<void> {
  const old = names.map((name) => join(stack.node.dataDir, name));
  for (const file of old) copyFileSync(file, `${file}.old`);
  await change();
  await stack.control.kill('SIGKILL');
  await stack.node.part.kill('SIGKILL');
  for (const file of old) copyFileSync(`${file}.old`, file);
  rmSync(join(stack.node.dataDir, 'previous.json'), { force: true });
}
/** Two changes, so that what is copied back is older than what a node may fall back to. */
const revokeAndMore = (id: string) => async () => { await revoke(id); await createKey(stack.api); };

test('an older copy of what a node was told is not served from: the revoked key does not come back, not even with nobody to ask', async () => {
  const { id, secret } = await open();
  await setBack(['head.json', 'pieces.pack'], revokeAndMore(id));
  await stack.node.restart();
  expect(await status(secret)).toBe(503);
  await stack.control.restart();
  await stack.api.until(async () => (await status(secret)) === 401, 30_000);
});

test('wired: without the record of what it has had, the older copy is served', async () => {
  const { id, secret } = await open();
  await setBack(['head.json', 'pieces.pack'], revokeAndMore(id));
  rmSync(join(stack.node.dataDir, 'record.json'));
  await stack.node.restart();
  expect(await status(secret)).toBe(200);
  await stack.control.restart();
});

test('an older head that somebody plays back on the way is refused as older, and told; what is held serves on', async () => {
  const { id, secret } = await open();
  let old: Buffer | undefined;
  road.instead = (path, body) => { if (path.startsWith('/snapshot/head')) old ??= body; return undefined; };
  await stack.api.until(async () => { await createKey(stack.api); return old !== undefined; }, 30_000);
  await revoke(id);
  await stack.api.until(async () => (await status(secret)) === 401, 30_000);
  road.instead = (path) => (path.startsWith('/snapshot/head') ? old : undefined);
  await stack.api.until(async () => { await createKey(stack.api); return (await nack())?.code === 'older'; }, 30_000);
  expect(await nack()).toMatchObject({ stage: 'order', path: 'head' });
  expect(await status(secret)).toBe(401);
  road.instead = () => undefined;
  await stack.api.until(async () => (await nack()) === null, 30_000);
});

test('keys of all roles are changed while a node is away; it follows, and serves', async () => {
  const { secret } = await open();
  await stack.node.part.kill('SIGKILL');
  for (let round = 0; round < 3; round++) {
    const { signingKeysRotate } = await stack.api.run('mutation { signingKeysRotate(input: { roles: [ROOT, MANIFEST, HEAD] }) { rootVersion } }');
    expect(signingKeysRotate.rootVersion).toBe(round + 2);
  }
  const { id } = await createKey(stack.api);
  await stack.node.restart();
  expect(await status(secret)).toBe(200);
  await revoke(id);
  expect(await nack()).toBe(null);
  expect(road.seen.filter(({ path, status: code }) => path.startsWith('/snapshot/roots/') && code === 200).length).toBe(4);
});
