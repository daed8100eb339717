import { runClient, type ClientRun } from './run-client.ts';

/** The pinned Claude Code's program; set by the test runner when npm could install it. */
export const claudePath = process.env.FAIRLEAD_TEST_CLAUDE;

/** Runs Claude Code once, with its shell tool allowed. */
export async function runClaudeCode(env: Record<string, string>, prompt: string): Promise<ClientRun> {
  if (!claudePath) throw new Error('Claude Code is not installed');
  return runClient({
    program: claudePath, args: ['-p', prompt, '--allowedTools', 'Bash'],
    env: { CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1', DISABLE_AUTOUPDATER: '1', DISABLE_TELEMETRY: '1', CLAUDE_CODE_MAX_RETRIES: '2', ...env },
  });
}

/** A task of two turns: a shell command, then its output as the answer. The bracketed part is for the practice upstream. `first` is run before it. */
export function toolTask(word: string, first = ''): { prompt: string; expected: string } {
  const command = `${first}printf 'tool-%s-ok' ${word}`;
  return { prompt: `Run exactly this shell command and reply with its output only: ${command} [[call SHELL {"command":"${command}"}]]`, expected: `tool-${word}-ok` };
}
