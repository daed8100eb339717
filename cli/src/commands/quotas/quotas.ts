import type { Command } from 'commander';
import { CliError, graphql, refuseErrors } from '../../api/client.ts';
import type { UserError } from '../../api/client.ts';
import { talk } from '../../output/print.ts';

/** `fairlead quotas …`. */
export function addQuotas(program: Command): void {
  program.command('quotas').description('What tenants, keys and pools may spend.')
    .command('set').description('Set the limit of one window.').argument('<subject>', 'id of a tenant, key or pool').argument('<usd>', 'for example 25.00')
    .option('--window <window>', 'FIVE_HOURS, DAY, WEEK, MONTH or TOTAL', 'MONTH').option('--time-zone <zone>', 'whose midnight counts', 'UTC')
    .action(async (subject: string, limit: string, options: { window: string; timeZone: string }) => {
      const kind = { ten: 'tenantId', key: 'keyId', pol: 'poolId' }[subject.split('_')[0] ?? ''];
      if (!kind) throw new CliError(`"${subject}" is no id of a tenant, key or pool.`, 2);
      const { data } = await graphql<{ quotaSet: { quota: { id: string } | null; userErrors: UserError[] } }>('mutation Set($input: QuotaSetInput!) { quotaSet(input: $input) { quota { id } userErrors { code message path fix } } }', { input: { subject: { [kind]: subject }, limit, window: options.window, timeZone: options.timeZone } });
      refuseErrors(data.quotaSet.userErrors, data.quotaSet.quota !== null);
      talk(`${subject} may spend $${limit} (${options.window.toLowerCase().replace('_', ' ')}).`);
    });
}
