import type { Command } from 'commander';
import { CliError, graphql, refuseErrors } from '../api/client.ts';
import type { UserError } from '../api/client.ts';
import { askOnce } from '../api/first-answer.ts';
import { print, talk } from '../output/print.ts';
import { loadSettings, saveSettings } from '../settings-file.ts';

interface Issued {
  experienceKeyIssue: {
    secret: string | null; budget: { amount: string; currency: string } | null; expiresAt: string | null; baseUrl: string | null;
    env: { name: string; value: string }[]; command: string | null; claimUrl: string | null; userErrors: UserError[];
  };
}

/** `fairlead try`: an experience key without an account, proved by a first answer. */
export function addTry(program: Command): void {
  program
    .command('try')
    .description('Get an experience key without an account and see it answer. Writes nothing but the key into your Fairlead settings.')
    .option('--campaign <slug>', 'which offer to take (default: the first)')
    .option('--model <name>', 'which model answers the proof', 'claude-haiku-5-5')
    .option('--print', 'only print the environment lines, for eval')
    .option('--json', 'print everything as JSON')
    .action(async (options: { campaign?: string; model: string; print?: boolean; json?: boolean }) => {
      const { data } = await graphql<Issued>(
        `mutation Try($input: ExperienceKeyIssueInput!) { experienceKeyIssue(input: $input) {
          secret budget { amount currency } expiresAt baseUrl env { name value } command claimUrl userErrors { code message path fix } } }`,
        { input: { client: 'fairlead-cli', ...(options.campaign ? { campaign: options.campaign } : {}) } }, { token: undefined },
      );
      const issued = data.experienceKeyIssue;
      refuseErrors(issued.userErrors, issued.secret !== null);
      const { secret, baseUrl } = issued;
      if (!secret || !baseUrl) throw new CliError('The control plane issued nothing and gave no reason.');
      saveSettings({ ...loadSettings(), experienceKey: secret });
      const lines = issued.env.map(({ name, value }) => `export ${name}=${quote(value)}`).join('\n');
      if (options.print) return print(issued, () => lines, options.json);

      talk(`Experience key issued: ${issued.budget?.amount ?? '?'} ${issued.budget?.currency ?? ''}, until ${issued.expiresAt ? new Date(issued.expiresAt).toLocaleString() : 'no end'}.`);
      talk(`Asking ${options.model} through ${baseUrl} …\n`);
      const answer = await askOnce(baseUrl, secret, options.model, 'Say hello in five words.', (text) => process.stderr.write(text));
      talk(`\n\nIt works: first token after ${answer.firstTokenMs} ms.`);
      talk('\nMake Claude Code use it in this shell:');
      print({ ...issued, answer }, () => lines, options.json);
      talk(`\nor in one line:\n  ${issued.command ?? ''}`);
      talk(`\nKeep the key for good, with your own account: ${issued.claimUrl ?? ''}`);
      talk('How much is left: npm run -s fairlead -- status');
    });
}

function quote(value: string): string {
  return /^[A-Za-z0-9_./:@%+=-]+$/.test(value) ? value : `'${value.replaceAll("'", `'\\''`)}'`;
}
