import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { CliError, graphql, refuseErrors } from '../../api/client.ts';
import type { UserError } from '../../api/client.ts';
import { print } from '../../output/print.ts';

interface Report { ok: boolean; models: string[]; steps: { step: string; state: string; found: string; advice: string | null }[]; answers: { dialect: string; text: string; durationMs: number }[]; userErrors: UserError[] }

/** `fairlead upstreams test`: whether a provider works, saved or not. */
export function addUpstreamTest(upstreams: Command): void {
  upstreams
    .command('test').description('Test a provider from the control plane: one that is connected by its id, or one that is not yet, with its secret on standard input.').argument('[id]', 'ups_…, of a connected provider')
    .option('--preset <preset>', 'anthropic, openai, groq …').option('--url <url>', 'base URL').option('--dialect <dialect...>', 'what it speaks').option('--model <name>', 'ask this model one short question; it may cost a fraction of a cent').option('--json', 'print as JSON')
    .action(async (id: string | undefined, options: { preset?: string; url?: string; dialect?: string[]; model?: string; json?: boolean }) => {
      const { data } = await graphql<{ upstreamProbe: Report }>('mutation Probe($input: UpstreamProbeInput!) { upstreamProbe(input: $input) { ok models steps { step state found advice } answers { dialect text durationMs } userErrors { code message path fix } } }', { input: { ...(id === undefined ? unsaved(options) : { id }), ...(options.model ? { model: options.model } : {}) } });
      const report = data.upstreamProbe;
      refuseErrors(report.userErrors, report.steps.length > 0);
      print(report, () => asText(report), options.json);
      if (!report.ok) process.exitCode = 1;
    });
}

function unsaved(options: { preset?: string; url?: string; dialect?: string[] }): Record<string, unknown> {
  if (!options.preset && !options.url) throw new CliError('Say which provider: its id, a preset or an address.', 2, 'For example: npm run -s fairlead -- upstreams test --preset anthropic < secret.txt');
  const secret = process.stdin.isTTY ? '' : readFileSync(0, 'utf8').trim();
  return { ...(options.preset ? { preset: options.preset } : {}), ...(options.url ? { baseUrl: options.url } : {}), ...(options.dialect ? { dialects: options.dialect } : {}), ...(secret === '' ? {} : { secret }) };
}

const marks: Record<string, string> = { OK: 'ok', FAILED: 'FAILED', UNSURE: 'unsure', SKIPPED: 'left out' };

function asText(report: Report): string {
  const lines = report.steps.flatMap(({ step, state, found, advice }) => [`${step.toLowerCase().padEnd(10)}  ${(marks[state] ?? state).padEnd(8)}  ${found}`, ...(advice ? [`${' '.repeat(22)}${advice}`] : [])]);
  const named = report.models.length > 0 ? [`Models: ${report.models.slice(0, 30).join(', ')}${report.models.length > 30 ? `, and ${report.models.length - 30} more` : ''}`] : [];
  return [...lines, ...named, report.ok ? 'Nothing failed.' : 'It does not work yet.'].join('\n');
}
