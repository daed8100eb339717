import type { Command } from 'commander';
import { graphql, refuseErrors } from '../../api/client.ts';
import type { UserError } from '../../api/client.ts';
import { print, talk } from '../../output/print.ts';
import { table, when } from '../../output/table.ts';

interface NodeRow { id: string; name: string; region: string; state: string; runtime: string | null; appliedRevision: number; publishedRevision: number; lastSeenAt: string | null }

/** `fairlead nodes …`. */
export function addNodes(program: Command): void {
  const nodes = program.command('nodes').description('The data planes of this fleet.');
  nodes.command('list').description('Show the nodes and the revision each has applied.').option('--json', 'print as JSON').action(async (options: { json?: boolean }) => {
    const { data } = await graphql<{ fleetNodes: { nodes: NodeRow[] } }>('query { fleetNodes(first: 200) { nodes { id name region state runtime appliedRevision publishedRevision lastSeenAt } } }');
    print(data.fleetNodes.nodes, () => table(['ID', 'NAME', 'REGION', 'STATE', 'RUNTIME', 'REVISION', 'SEEN'], data.fleetNodes.nodes.map((row) => [row.id, row.name, row.region, row.state, row.runtime ?? '–', `${row.appliedRevision} of ${row.publishedRevision}`, when(row.lastSeenAt)])), options.json);
  });
  nodes.command('token').description('Make a one-time token with which a new node joins; printed alone on standard output.').option('--name <name>', 'what the token is for', 'node').option('--region <region>', 'where the node will run', 'local').action(async (options: { name: string; region: string }) => {
    const { data } = await graphql<{ nodeTokenCreate: { token: string | null; expiresAt: string | null; userErrors: UserError[] } }>('mutation Token($input: NodeTokenCreateInput!) { nodeTokenCreate(input: $input) { token expiresAt userErrors { code message path fix } } }', { input: { name: options.name, region: options.region } });
    refuseErrors(data.nodeTokenCreate.userErrors, data.nodeTokenCreate.token !== null);
    talk(`Start the node with this as FAIRLEAD_NODE_TOKEN, before ${when(data.nodeTokenCreate.expiresAt)}:`);
    print(data, () => data.nodeTokenCreate.token ?? '', false);
  });
}
