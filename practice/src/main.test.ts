import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { DIGEST } from './testing/practice-client.ts';

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url));

describe('the process', () => {
  it('says on which port it is ready, and closes when told, also with a stalled stream', async () => {
    const child = spawn(process.execPath, [MAIN], { env: { PATH: process.env['PATH'], PRACTICE_PORT: '0', PRACTICE_CREDENTIAL_DIGEST: DIGEST }, stdio: ['ignore', 'pipe', 'inherit'] });
    try {
      const [line] = await once(child.stdout, 'data');
      const ready: { ready: boolean; port: number } = JSON.parse(String(line));
      expect(ready).toEqual({ ready: true, port: expect.any(Number) });
      const stalled = await fetch(`http://127.0.0.1:${ready.port}/v1/chat/completions`, {
        method: 'POST',
        headers: { authorization: 'Bearer practice-credential-for-tests' },
        body: JSON.stringify({ model: 'practice-1', stream: true, messages: [{ role: 'user', content: '[[practice stall]]' }] }),
      });
      expect(stalled.status).toBe(200);
      const exited = once(child, 'exit');
      child.kill('SIGTERM');
      expect(await exited).toEqual([0, null]);
      await expect(stalled.text()).rejects.toThrow();
    } finally {
      child.kill('SIGKILL');
    }
  });

  it('does not start without digests, and says what is missing', async () => {
    const child = spawn(process.execPath, [MAIN], { env: { PATH: process.env['PATH'], PRACTICE_PORT: 'x' }, stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
    expect((await once(child, 'close'))[0]).toBe(1);
    expect(said).toMatch(/PRACTICE_PORT[\s\S]*PRACTICE_CREDENTIAL_DIGEST is missing/);
  });
});
