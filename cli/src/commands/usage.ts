import type { Command } from 'commander';
import { CliError, graphql } from '../api/client.ts';
import { print } from '../output/print.ts';
import { table } from '../output/table.ts';

interface Row { tenantId: string | null; keyId: string | null; upstreamId: string | null; model: string | null; at: string | null; requests: number; inputTokens: number; outputTokens: number; cost: { amount: string } }

/** `fairlead usage`: what was used and what it cost. */
export function addUsage(program: Command): void {
  program.command('usage').description('Show what was used and what it cost.')
    .option('--by <dimension...>', 'TENANT, KEY, UPSTREAM, MODEL, HOUR or DAY', ['MODEL']).option('--days <n>', 'how far back', '7').option('--json', 'print as JSON')
    .action(async (options: { by: string[]; days: string; json?: boolean }) => {
      const days = Number(options.days);
      if (!Number.isFinite(days) || days <= 0) throw new CliError('--days must be a positive number.', 2);
      const input = { from: new Date(Date.now() - days * 86_400_000).toISOString(), to: new Date().toISOString(), groupBy: options.by.map((name) => name.toUpperCase()) };
      const { data } = await graphql<{ usage: { rows: Row[]; totals: { requests: number; cost: { amount: string } } } }>('query Usage($input: UsageInput!) { usage(input: $input) { rows { tenantId keyId upstreamId model at requests inputTokens outputTokens cost { amount } } totals { requests cost { amount } } } }', { input });
      const name = (row: Row) => [row.tenantId, row.keyId, row.upstreamId, row.model, row.at].filter((part) => part !== null).join(' ');
      print(data.usage, () => `${table(['', 'REQUESTS', 'IN', 'OUT', 'COST'], data.usage.rows.map((row) => [name(row), String(row.requests), String(row.inputTokens), String(row.outputTokens), `$${row.cost.amount}`]))}\nIn all: ${data.usage.totals.requests} requests, $${data.usage.totals.cost.amount}`, options.json);
    });
}
