import type { Command } from 'commander';
import { graphql, refuseErrors } from '../../api/client.ts';
import type { UserError } from '../../api/client.ts';
import { print, talk } from '../../output/print.ts';
import { table, when } from '../../output/table.ts';
import { addLimits, limitsOf, shownLimits } from './limits.ts';
import type { LimitOptions } from './limits.ts';

interface KeyRow { id: string; name: string; hint: string; status: string; funding: string; expiresAt: string | null; lastUsedAt: string | null }

/** `fairlead keys …`. */
export function addKeys(program: Command): void {
  const keys = program.command('keys').description('The keys that clients present to nodes.');
  keys
    .command('list').description('Show the keys, newest first.').option('--first <n>', 'how many', '50').option('--json', 'print as JSON')
    .action(async (options: { first: string; json?: boolean }) => {
      const { data } = await graphql<{ keys: { nodes: KeyRow[] } }>('query Keys($first: Int) { keys(first: $first) { nodes { id name hint status funding expiresAt lastUsedAt } } }', { first: Number(options.first) });
      print(data.keys.nodes, () => table(['ID', 'NAME', 'KEY', 'STATUS', 'FUNDING', 'EXPIRES', 'LAST USED'], data.keys.nodes.map((key) => [key.id, key.name, `${key.hint}…`, key.status, key.funding, when(key.expiresAt), when(key.lastUsedAt)])), options.json);
    });
  const create = keys
    .command('create').description('Make a key; its secret is printed once, alone on standard output.').argument('<name>', 'what it is for')
    .option('--budget <usd>', 'what it may spend').option('--window <window>', 'FIVE_HOURS, FIVE_HOURS_ROLLING, DAY, WEEK, MONTH or TOTAL', 'TOTAL');
  addLimits(create).option('--json', 'print as JSON')
    .action(async (name: string, options: LimitOptions & { budget?: string; window: string; json?: boolean }) => {
      const input = { name, ...(options.budget ? { budget: { limit: options.budget, window: options.window } } : {}), ...limitsOf(options) };
      const { data } = await graphql<{ keyCreate: { key: KeyRow | null; secret: string | null; userErrors: UserError[] } }>('mutation Create($input: KeyCreateInput!) { keyCreate(input: $input) { key { id name hint status funding expiresAt lastUsedAt } secret userErrors { code message path fix } } }', { input });
      refuseErrors(data.keyCreate.userErrors, data.keyCreate.key !== null);
      if (!options.json) talk(`Key ${data.keyCreate.key?.id ?? ''}. Store the secret now; it is not shown again:`);
      print(data.keyCreate, () => data.keyCreate.secret ?? '', options.json);
    });
  addLimits(keys.command('limit').description('Set the limits of a key that are given; "none" takes one away.').argument('<id>', 'key_…')).option('--json', 'print as JSON')
    .action(async (id: string, options: LimitOptions & { json?: boolean }) => {
      const { data } = await graphql<{ keyUpdate: { key: Record<string, unknown> | null; userErrors: UserError[] } }>(`mutation Limit($input: KeyUpdateInput!) { keyUpdate(input: $input) { key { id name models requestsPerMinute tokensPerMinute concurrent sessions clients } userErrors { code message path fix } } }`, { input: { id, ...limitsOf(options) } });
      refuseErrors(data.keyUpdate.userErrors, data.keyUpdate.key !== null);
      print(data.keyUpdate.key, () => shownLimits(data.keyUpdate.key ?? {}), options.json);
    });
  keys
    .command('revoke').description('End a key at every node.').argument('<id>', 'key_…')
    .action(async (id: string) => {
      const { data } = await graphql<{ keyRevoke: { key: { id: string; status: string } | null; userErrors: UserError[] } }>('mutation Revoke($input: KeyRevokeInput!) { keyRevoke(input: $input) { key { id status } userErrors { code message path fix } } }', { input: { id } });
      refuseErrors(data.keyRevoke.userErrors, data.keyRevoke.key !== null);
      talk(`${id} is revoked.`);
    });
}
