import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { EnrolmentFailed, loadIdentity } from './identity.ts';

const folder = mkdtempSync(join(tmpdir(), 'identity-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const whole = { nodeId: 'nod_1', fleet: 'flt_1', region: 'local', controlUrl: 'http://127.0.0.1:1', pin: { root: '1.ab' }, sign: { publicKey: 'a', privateKey: 'b' }, seal: { publicKey: 'c', privateKey: 'd' } };

test.each<[string, string]>([
  ['cut', JSON.stringify(whole).slice(0, 80)], ['empty', ''], ['a list', '[]'], ['without a sealing key', JSON.stringify({ ...whole, seal: { publicKey: 'c' } })], ['without a fleet', JSON.stringify({ ...whole, fleet: '' })],
  ['believing nobody', JSON.stringify({ ...whole, pin: { keys: [] } })], ['of before, believing nobody', JSON.stringify({ ...whole, pin: undefined, snapshotKeys: [] })], ['without a pin', JSON.stringify({ ...whole, pin: undefined })], ['with an address that is none', JSON.stringify({ ...whole, controlUrl: 'nowhere' })],
])('an identity that is %s says which file it is and what to do', (_what, text) => {
  const path = join(folder, 'identity.json');
  writeFileSync(path, text);
  expect(() => loadIdentity(path)).toThrow(EnrolmentFailed);
  expect(() => loadIdentity(path)).toThrow(/identity\.json is damaged\. .*node token/);
});

test('a whole identity is read, and none is none', () => {
  const path = join(folder, 'whole.json');
  writeFileSync(path, JSON.stringify(whole));
  expect([loadIdentity(path), loadIdentity(join(folder, 'none.json'))]).toEqual([whole, undefined]);
});

test('an identity of before there were roots believes the root that its key has signed', () => {
  const path = join(folder, 'before.json');
  writeFileSync(path, JSON.stringify({ ...whole, pin: undefined, snapshotKeys: ['k'] }));
  expect(loadIdentity(path)).toMatchObject({ nodeId: 'nod_1', pin: { keys: ['k'] } });
});
