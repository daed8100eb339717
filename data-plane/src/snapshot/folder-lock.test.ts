import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { FolderTaken, lockFolder } from './folder-lock.ts';

const folder = mkdtempSync(join(tmpdir(), 'lock-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('a second process is refused with a reason while the first lives, and not after its kill -9', async () => {
  const path = fileURLToPath(new URL('./folder-lock.ts', import.meta.url));
  const holder = spawn(process.execPath, ['--input-type=module', '-e', `import { lockFolder } from ${JSON.stringify(path)}; lockFolder(${JSON.stringify(folder)}); console.log('held'); setInterval(() => {}, 1000);`], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(holder.stdout, 'data');
  expect(() => lockFolder(folder)).toThrow(/Another node is running on .*FAIRLEAD_NODE_DATA/);
  holder.kill('SIGKILL');
  await once(holder, 'exit');
  lockFolder(folder).release();
  lockFolder(folder).release();
});

test('a folder that cannot be made says so', () => {
  writeFileSync(join(folder, 'file'), '');
  expect(() => lockFolder(join(folder, 'file', 'node'))).toThrow(FolderTaken);
  expect(() => lockFolder(join(folder, 'file', 'node'))).toThrow(/cannot be written/);
});
