import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** What a client printed. */
export interface ClientRun { code: number | null; output: string; errors: string }

/** A program to run once, in an empty home and folder, with nothing but loopback in reach. `files` are written into its home. */
export interface ClientCommand { program: string; args: readonly string[]; env: Record<string, string>; files?: Record<string, string>; timeoutMs?: number }

/** Runs a client to its end. A JavaScript program is run by this Node. */
export async function runClient({ program, args, env, files = {}, timeoutMs = 90_000 }: ClientCommand): Promise<ClientRun> {
  const box = mkdtempSync(join(tmpdir(), 'fairlead-client-'));
  for (const name of ['home', 'work', 'tmp']) mkdirSync(join(box, name));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(box, 'home', name)), { recursive: true });
    writeFileSync(join(box, 'home', name), text);
  }
  const script = program.endsWith('.js');
  const child = spawn(script ? process.execPath : program, [...(script ? [program] : []), ...args], {
    cwd: join(box, 'work'), stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env.PATH ?? '', HOME: join(box, 'home'), TMPDIR: join(box, 'tmp'), TERM: 'xterm-256color', LANG: 'C.UTF-8', CI: '1',
      // A proxy that refuses: whatever is not loopback cannot be reached.
      HTTPS_PROXY: 'http://127.0.0.1:9', HTTP_PROXY: 'http://127.0.0.1:9', NO_PROXY: '127.0.0.1,localhost', ...env,
    },
  });
  let output = '';
  let errors = '';
  child.stdout.on('data', (bytes: Buffer) => { output += bytes.toString(); });
  child.stderr.on('data', (bytes: Buffer) => { errors += bytes.toString(); });
  const killer = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
  const code = await new Promise<number | null>((done) => child.once('exit', done));
  clearTimeout(killer);
  rmSync(box, { recursive: true, force: true });
  return { code, output, errors };
}
