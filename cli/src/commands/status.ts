import type { Command } from 'commander';
import { CliError, graphql } from '../api/client.ts';
import { print } from '../output/print.ts';
import { when } from '../output/table.ts';
import { loadSettings } from '../settings-file.ts';

interface Status { experienceKey: { hint: string; state: string; budget: { amount: string } | null; left: { amount: string } | null; expiresAt: string | null; claimed: boolean } | null }

/** `fairlead status`: what is left of the experience key in use. */
export function addStatus(program: Command): void {
  program
    .command('status')
    .description('Show what is left of your experience key (FAIRLEAD_KEY, or the one "try" got).')
    .option('--json', 'print as JSON')
    .action(async (options: { json?: boolean }) => {
      const secret = process.env.FAIRLEAD_KEY || loadSettings().experienceKey;
      if (!secret) throw new CliError('No key is known here.', 2, 'Get one with: npm run -s fairlead -- try');
      const { data } = await graphql<Status>('query Status($secret: String!) { experienceKey(secret: $secret) { hint state budget { amount } left { amount } expiresAt claimed } }', { secret }, { token: undefined });
      const key = data.experienceKey;
      if (!key) throw new CliError('This key is not known to the control plane.', 4);
      print(key, () => `${key.hint}…  ${key.state.toLowerCase()}  $${key.left?.amount ?? '–'} left of $${key.budget?.amount ?? '–'}  until ${when(key.expiresAt)}${key.claimed ? '  claimed' : ''}`, options.json);
    });
}
