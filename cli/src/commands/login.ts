import type { Command } from 'commander';
import { CliError, graphql, refuseErrors } from '../api/client.ts';
import type { UserError } from '../api/client.ts';
import { print, talk } from '../output/print.ts';
import { loadSettings, removeSettings, saveSettings, settingsPath } from '../settings-file.ts';

/** `fairlead login`, `logout` and `whoami`. */
export function addLogin(program: Command): void {
  program
    .command('login')
    .description('Sign in with a one-time link; keeps a management token (90 days) in your settings.')
    .argument('<link>', 'the sign-in link that "npm start" printed')
    .action(async (link: string) => {
      if (!URL.canParse(link)) throw new CliError('That is no link.', 2, 'Paste the whole sign-in link, with http:// at its beginning.');
      const url = new URL(link).origin;
      const token = /[?#&/](?:token=)?([^/?#=&]+)$/.exec(link)?.[1] ?? '';
      const redeemed = await graphql<{ signInRedeem: { viewer: { role: string } | null; userErrors: UserError[] } }>('mutation Redeem($input: SignInRedeemInput!) { signInRedeem(input: $input) { viewer { role } userErrors { code message path fix } } }', { input: { token } }, { token: undefined, url });
      refuseErrors(redeemed.data.signInRedeem.userErrors, redeemed.data.signInRedeem.viewer !== null);
      if (!redeemed.cookie) throw new CliError('The control plane signed nobody in.');
      const made = await graphql<{ managementTokenCreate: { secret: string | null; userErrors: UserError[] } }>('mutation Token($input: ManagementTokenCreateInput!) { managementTokenCreate(input: $input) { secret userErrors { code message path fix } } }', { input: { name: `fairlead on ${process.env.HOSTNAME || process.platform}`, scopes: ['*'] } }, { token: undefined, url, cookie: redeemed.cookie });
      refuseErrors(made.data.managementTokenCreate.userErrors, made.data.managementTokenCreate.secret !== null);
      saveSettings({ ...loadSettings(), url, token: made.data.managementTokenCreate.secret ?? '' });
      talk(`Signed in at ${url}. The token is in ${settingsPath()} (only you can read it).`);
    });
  program.command('logout').description('Forget the management token and the experience key.').action(() => { removeSettings(); talk('Forgotten.'); });
  program
    .command('whoami')
    .description('Show who the management token stands for.')
    .option('--json', 'print as JSON')
    .action(async (options: { json?: boolean }) => {
      const { data } = await graphql<{ viewer: { role: string; operator: boolean; member: { name: string }; tenant: { id: string; name: string } } | null }>('query { viewer { role operator member { name } tenant { id name } } }');
      const { viewer } = data;
      if (!viewer) throw new CliError('Nobody is signed in.', 3, 'npm run -s fairlead -- login <sign-in link>');
      print(viewer, () => `${viewer.member.name}, ${viewer.role.toLowerCase()} of ${viewer.tenant.name} (${viewer.tenant.id})${viewer.operator ? ', operator' : ''}`, options.json);
    });
}
