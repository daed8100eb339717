import type { Command } from 'commander';
import { CliError, graphql, refuseErrors } from '../../api/client.ts';
import type { UserError } from '../../api/client.ts';
import { talk } from '../../output/print.ts';

/** `fairlead quotas …`. */
export function addQuotas(program: Command): void {
  program.command('quotas').description('What tenants, members, keys, campaigns, pools, upstreams and credentials may spend.')
    .command('set').description('Set the limit of one window.').argument('<subject>', 'id of a tenant, member, key, campaign, pool, upstream or credential').argument('<amount>', 'dollars such as 25.00, or a whole number of tokens or requests')
    .option('--unit <unit>', 'USD, TOKENS or REQUESTS', 'USD')
    .option('--window <window>', 'FIVE_HOURS, FIVE_HOURS_ROLLING, DAY, WEEK, MONTH or TOTAL', 'MONTH').option('--time-zone <zone>', 'whose midnight counts', 'UTC')
    .option('--when-unreachable <what>', 'what nodes do while they reach nobody to ask: REFUSE, or SERVE on as excess')
    .action(async (subject: string, limit: string, options: { unit: string; window: string; timeZone: string; whenUnreachable?: string }) => {
      const kind = { ten: 'tenantId', mem: 'memberId', cmp: 'campaignId', key: 'keyId', pol: 'poolId', ups: 'upstreamId', crd: 'credentialId' }[subject.split('_')[0] ?? ''];
      if (!kind) throw new CliError(`"${subject}" is no id of a tenant, member, key, campaign, pool, upstream or credential.`, 2);
      const { data } = await graphql<{ quotaSet: { quota: { id: string } | null; userErrors: UserError[] } }>('mutation Set($input: QuotaSetInput!) { quotaSet(input: $input) { quota { id } userErrors { code message path fix } } }', { input: { subject: { [kind]: subject }, limit, unit: options.unit, window: options.window, timeZone: options.timeZone, whenUnreachable: options.whenUnreachable } });
      refuseErrors(data.quotaSet.userErrors, data.quotaSet.quota !== null);
      talk(`${subject} may spend ${options.unit === 'USD' ? `$${limit}` : `${limit} ${options.unit.toLowerCase()}`} (${options.window.toLowerCase().replaceAll('_', ' ')}).`);
    });
}
