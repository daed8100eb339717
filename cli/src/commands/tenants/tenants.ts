import type { Command } from 'commander';
import { graphql, refuseErrors } from '../../api/client.ts';
import type { UserError } from '../../api/client.ts';
import { print, talk } from '../../output/print.ts';
import { table } from '../../output/table.ts';
import { addPaces, pacesOf, shownLimits } from '../keys/limits.ts';
import type { PaceOptions } from '../keys/limits.ts';

/** `fairlead tenants …`. */
export function addTenants(program: Command): void {
  const tenants = program.command('tenants').description('Who pays.');
  tenants.command('list').description('Show the tenants.').option('--json', 'print as JSON').action(async (options: { json?: boolean }) => {
    const { data } = await graphql<{ tenants: { nodes: { id: string; name: string; slug: string; status: string }[] } }>('query { tenants(first: 200) { nodes { id name slug status } } }');
    print(data.tenants.nodes, () => table(['ID', 'NAME', 'SLUG', 'STATUS'], data.tenants.nodes.map((row) => [row.id, row.name, row.slug, row.status])), options.json);
  });
  tenants.command('create').description('Make a tenant with an owner; prints the owner\'s sign-in link.').argument('<name>', 'what it is called').option('--owner <name>', 'the owner\'s name').option('--json', 'print as JSON').action(async (name: string, options: { owner?: string; json?: boolean }) => {
    const { data } = await graphql<{ tenantCreate: { tenant: { id: string } | null; signInUrl: string | null; userErrors: UserError[] } }>('mutation Create($input: TenantCreateInput!) { tenantCreate(input: $input) { tenant { id } signInUrl userErrors { code message path fix } } }', { input: { name, ...(options.owner ? { ownerName: options.owner } : {}) } });
    refuseErrors(data.tenantCreate.userErrors, data.tenantCreate.tenant !== null);
    if (!options.json) talk(`Tenant ${data.tenantCreate.tenant?.id ?? ''}. Its owner signs in once with:`);
    print(data.tenantCreate, () => data.tenantCreate.signInUrl ?? '', options.json);
  });
  addPaces(tenants.command('limit').description('Set what all keys of a tenant together may do, of what is given; "none" takes a limit away.').argument('<id>', 'ten_…')).option('--json', 'print as JSON').action(async (id: string, options: PaceOptions & { json?: boolean }) => {
    const { data } = await graphql<{ tenantUpdate: { tenant: Record<string, unknown> | null; userErrors: UserError[] } }>('mutation Limit($input: TenantUpdateInput!) { tenantUpdate(input: $input) { tenant { id name models requestsPerMinute tokensPerMinute concurrent } userErrors { code message path fix } } }', { input: { id, ...pacesOf(options) } });
    refuseErrors(data.tenantUpdate.userErrors, data.tenantUpdate.tenant !== null);
    print(data.tenantUpdate.tenant, () => shownLimits(data.tenantUpdate.tenant ?? {}), options.json);
  });
}
