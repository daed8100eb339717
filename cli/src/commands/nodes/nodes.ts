import type { Command } from 'commander';
import { CliError, graphql, refuseErrors } from '../../api/client.ts';
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
  nodes.command('revoke').description('Shut a node out, and show which secrets it could read: replace them where it was stolen. Run again, it shows what is left to be replaced.').argument('<id>', 'the node').option('--json', 'print as JSON').action(async (id: string, options: { json?: boolean }) => {
    const { data } = await graphql<{ nodeRevoke: { fleetNode: { name: string } | null; exposedCredentials: { id: string; name: string; hint: string; upstream: { name: string } }[]; userErrors: UserError[] } }>('mutation Revoke($input: NodeRevokeInput!) { nodeRevoke(input: $input) { fleetNode { name } exposedCredentials { id name hint upstream { name } } userErrors { code message path fix } } }', { input: { id } });
    refuseErrors(data.nodeRevoke.userErrors, data.nodeRevoke.fleetNode !== null);
    const exposed = data.nodeRevoke.exposedCredentials;
    talk(exposed.length === 0 ? 'It is shut out. Every secret that it could read was replaced since.' : 'It is shut out. It could read these secrets: where it was stolen, replace each at its vendor and here.');
    print(exposed, () => table(['ID', 'NAME', 'HINT', 'PROVIDER'], exposed.map((row) => [row.id, row.name, row.hint, row.upstream.name])), options.json);
  });
  nodes.command('wait').description('Wait until every live node serves by a revision, such as the one that a mutation answered; ends with 1 when one is late.').argument('<revision>', 'the revision').option('--timeout <seconds>', 'how long to wait, at most 30', '10').option('--json', 'print as JSON').action(async (revision: string, options: { timeout: string; json?: boolean }) => {
    const { data } = await graphql<{ awaitPropagation: { reached: boolean; live: number; applied: number; silent: number; late: string[] | null } }>('query Wait($revision: Int!, $timeoutMs: Int) { awaitPropagation(revision: $revision, timeoutMs: $timeoutMs) { reached live applied silent late } }', { revision: whole(revision, 'revision'), timeoutMs: whole(options.timeout, 'timeout') * 1000 });
    const { reached, live, applied, silent, late } = data.awaitPropagation;
    print(data.awaitPropagation, () => `${applied} of ${live} live nodes serve by revision ${revision}${late?.length ? `; late: ${late.join(', ')}` : ''}${silent > 0 ? `; ${silent} silent` : ''}`, options.json);
    if (!reached) process.exitCode = 1;
  });
  nodes.command('token').description('Make a one-time token with which a new node joins; printed alone on standard output.').option('--name <name>', 'what the token is for', 'node').option('--region <region>', 'where the node will run', 'local').action(async (options: { name: string; region: string }) => {
    const { data } = await graphql<{ nodeTokenCreate: { token: string | null; expiresAt: string | null; userErrors: UserError[] } }>('mutation Token($input: NodeTokenCreateInput!) { nodeTokenCreate(input: $input) { token expiresAt userErrors { code message path fix } } }', { input: { name: options.name, region: options.region } });
    refuseErrors(data.nodeTokenCreate.userErrors, data.nodeTokenCreate.token !== null);
    talk(`Start the node with this as FAIRLEAD_NODE_TOKEN, before ${when(data.nodeTokenCreate.expiresAt)}:`);
    print(data, () => data.nodeTokenCreate.token ?? '', false);
  });
}

function whole(text: string, name: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new CliError(`The ${name} is a whole number, not "${text}".`, 2);
  return Number(text);
}
