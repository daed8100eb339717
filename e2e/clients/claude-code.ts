import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The pinned Claude Code's program; set by the test runner when npm could install it. */
export const claudePath = process.env.FAIRLEAD_TEST_CLAUDE;

/** Runs Claude Code once, in an empty home and folder, with nothing but loopback in reach. */
export async function runClaudeCode(env: Record<string, string>, prompt: string): Promise<{ code: number | null; output: string; errors: string }> {
  if (!claudePath) throw new Error('Claude Code is not installed');
  const box = mkdtempSync(join(tmpdir(), 'fairlead-claude-'));
  for (const name of ['home', 'work', 'tmp']) mkdirSync(join(box, name));
  const child = spawn(claudePath, ['-p', prompt, '--allowedTools', 'Bash'], {
    cwd: join(box, 'work'), stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env.PATH ?? '', HOME: join(box, 'home'), TMPDIR: join(box, 'tmp'), TERM: 'xterm-256color', LANG: 'C.UTF-8', CI: '1',
      // A proxy that refuses: whatever is not loopback cannot be reached.
      HTTPS_PROXY: 'http://127.0.0.1:9', HTTP_PROXY: 'http://127.0.0.1:9', NO_PROXY: '127.0.0.1,localhost',
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1', DISABLE_AUTOUPDATER: '1', DISABLE_TELEMETRY: '1', CLAUDE_CODE_MAX_RETRIES: '2', ...env,
    },
  });
  let output = '';
  let errors = '';
  child.stdout.on('data', (bytes: Buffer) => { output += bytes.toString(); });
  child.stderr.on('data', (bytes: Buffer) => { errors += bytes.toString(); });
  const killer = setTimeout(() => child.kill('SIGKILL'), 90_000);
  const code = await new Promise<number | null>((done) => child.once('exit', done));
  clearTimeout(killer);
  rmSync(box, { recursive: true, force: true });
  return { code, output, errors };
}

/** A task of two turns: a shell command, then its output as the answer. The bracketed part is for the practice upstream. `first` is run before it. */
export function toolTask(word: string, first = ''): { prompt: string; expected: string } {
  const command = `${first}printf 'tool-%s-ok' ${word}`;
  return { prompt: `Run exactly this shell command and reply with its output only: ${command} [[call SHELL {"command":"${command}"}]]`, expected: `tool-${word}-ok` };
}
