import { statSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openKek } from './kek-file.ts';

let dataDir: string;
beforeEach(async () => { dataDir = await mkdtemp(path.join(tmpdir(), 'fairlead-kek-')); });
afterEach(() => rm(dataDir, { recursive: true }));
const open = async () => (await openKek({ dataDir, kek: undefined })).kek;

test('the key file is never there in part: a start that is killed half-way leaves none', async () => {
  const sizes = new Set<number>();
  for (let round = 0; round < 40; round++) {
    const done = { yet: false };
    const ended = open().finally(() => { done.yet = true; });
    while (!done.yet) {
      sizes.add(statSync(path.join(dataDir, 'control', 'kek'), { throwIfNoEntry: false })?.size ?? -1);
      await new Promise((resolve) => { setImmediate(resolve); });
    }
    await ended;
    await rm(path.join(dataDir, 'control'), { recursive: true });
  }
  expect([...sizes].filter((size) => size !== -1 && size !== 45)).toEqual([]);
});

test('starts at the same instant all get the one key, whole, and leave nothing else behind', async () => {
  for (let round = 0; round < 20; round++) {
    const keys = await Promise.all(Array.from({ length: 12 }, open));
    expect(new Set(keys.map((key) => Buffer.from(key).toString('hex'))).size).toBe(1);
    expect(await readdir(path.join(dataDir, 'control'))).toEqual(['kek']);
    await rm(path.join(dataDir, 'control'), { recursive: true });
  }
});

test('a key file that is damaged, or that others may read, ends the start with its remedy and stays as it is', async () => {
  const file = path.join(dataDir, 'control', 'kek');
  await mkdir(path.dirname(file));
  for (const damaged of ['', 'AAAA\n']) {
    await writeFile(file, damaged, { mode: 0o600 });
    await expect(open()).rejects.toThrow('Restore it from a backup');
  }
  await writeFile(file, `${Buffer.alloc(32, 7).toString('base64')}\n`);
  await chmod(file, 0o640);
  await expect(open()).rejects.toThrow(`chmod 600 ${file}`);
  await chmod(file, 0o600);
  expect([...(await open())]).toEqual([...Buffer.alloc(32, 7)]);
});

test('where a key is given, the file\'s is one of those before it', async () => {
  const [made, given, earlier] = [await open(), new Uint8Array(32).fill(9), new Uint8Array(32).fill(8)];
  expect(await openKek({ dataDir, kek: given, kekOld: [earlier] })).toEqual({ kek: given, older: [earlier, made] });
});
