import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { openTestPlane } from '../testing/test-plane.ts';
import { createAddressReader } from './address.ts';
import { openConsoleFiles } from './console-files.ts';
import { createPace } from './pace.ts';

test('only what trusted proxies wrote is believed about an address', () => {
  const trusting = createAddressReader(['10.0.0.0/8', '::1']);
  expect(trusting('203.0.113.5', '1.2.3.4')).toBe('203.0.113.5');
  expect(trusting('10.0.0.1', '6.6.6.6, 203.0.113.5, 10.9.9.9')).toBe('203.0.113.5');
  expect(trusting('::ffff:10.0.0.1', 'rubbish')).toBe('10.0.0.1');
  expect(createAddressReader([])('10.0.0.1', '1.2.3.4')).toBe('10.0.0.1');
});

test('a pace lets so many pass in a span, for each address', () => {
  const pace = createPace(2, 1000);
  expect([pace.take('a', 0), pace.take('a', 1), pace.take('a', 2), pace.take('b', 3), pace.take('a', 1001)]).toEqual([true, true, false, true, true]);
});

test('the console\'s files are served with their policy, its own paths with the entry page, and nothing from outside its folder', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'fairlead-console-'));
  try {
    await mkdir(path.join(folder, '_app', 'immutable'), { recursive: true });
    await writeFile(path.join(folder, 'index.html'), '<html><script>start()</script><script src="/x.js"></script></html>');
    await writeFile(path.join(folder, '_app', 'immutable', 'a.js'), 'export {}');
    const files = await openConsoleFiles(folder);
    const get = (pathname: string, headers: Record<string, string> = {}) => files.answer(new Request(`http://x${pathname}`, { headers }), pathname);
    const page = get('/keys/key_1', { accept: 'text/html' });
    expect(page?.headers.get('content-security-policy')).toMatch(/script-src 'self' 'sha256-[A-Za-z0-9+/=]+';/);
    expect(page?.headers.get('cache-control')).toBe('no-cache');
    expect(get('/', { 'if-none-match': page?.headers.get('etag') ?? '' })?.status).toBe(304);
    expect(get('/_app/immutable/a.js')?.headers.get('cache-control')).toContain('immutable');
    expect(get('/_app/immutable/gone.js')).toBeUndefined();
    expect(get('/../../etc/passwd.txt')).toBeUndefined();
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test('a path whose escapes stand for no text is not found, and no failure of ours', async () => {
  const consoleDir = await mkdtemp(path.join(tmpdir(), 'fairlead-console-'));
  await writeFile(path.join(consoleDir, 'index.html'), '<p>console');
  const t = await openTestPlane({ settings: { consoleDir } });
  try {
    for (const wrong of ['/%E0%A4%A', '/%ff', '/%']) expect((await t.plane.app.fetch(new Request(`http://127.0.0.1:4400${wrong}`))).status, wrong).toBe(404);
    expect((await t.plane.app.fetch(new Request('http://127.0.0.1:4400/keys'))).status).toBe(200);
  } finally {
    await t.close();
    await rm(consoleDir, { recursive: true });
  }
});
