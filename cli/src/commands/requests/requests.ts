import type { Command } from 'commander';
import { graphql } from '../../api/client.ts';
import { print } from '../../output/print.ts';
import { table, when } from '../../output/table.ts';

interface Row { id: string; startedAt: string; outcome: string | null; status: number | null; model: string | null; client: string | null; inputTokens: number; outputTokens: number; durationMs: number | null; cost: { amount: string }; upstream: { name: string } | null }

const fields = 'id startedAt outcome status model client inputTokens outputTokens durationMs cost { amount } upstream { name }';

/** `fairlead requests`: the request log. */
export function addRequests(program: Command): void {
  const requests = program.command('requests').description('The request log.');
  requests.command('list', { isDefault: true }).description('Show the newest requests.').option('--first <n>', 'how many', '20').option('--json', 'print as JSON').action(async (options: { first: string; json?: boolean }) => {
    const { data } = await graphql<{ exchanges: { nodes: Row[] } }>(`query Log($first: Int) { exchanges(first: $first) { nodes { ${fields} } } }`, { first: Number(options.first) });
    print(data.exchanges.nodes, () => table(['ID', 'WHEN', 'OUTCOME', 'MODEL', 'PROVIDER', 'CLIENT', 'IN', 'OUT', 'MS', 'COST'], data.exchanges.nodes.map((row) => [row.id, when(row.startedAt), `${row.outcome ?? '…'} ${row.status ?? ''}`, row.model ?? '–', row.upstream?.name ?? '–', row.client ?? '–', String(row.inputTokens), String(row.outputTokens), String(row.durationMs ?? '–'), `$${row.cost.amount}`])), options.json);
  });
  requests.command('show').description('Show why a request went where it went, and what it cost.').argument('<id>', 'exc_…').action(async (id: string) => {
    const { data } = await graphql<{ exchange: unknown }>(`query One($id: ID!) { exchange(id: $id) { ${fields} faultCode dialect stream sessionId repo branch ticket ttftMs decision { route revision recalled notes passedOver { route reason } candidates { upstream model chosen reason } attempts { attempt why startedMs upstream model dialect outcome status ttftMs durationMs detail losses } } } }`, { id });
    print(data.exchange, () => JSON.stringify(data.exchange, null, 2), false);
  });
}
