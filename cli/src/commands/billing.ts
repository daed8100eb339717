import { pipeline } from 'node:stream/promises';
import type { Command } from 'commander';
import { CliError, controlUrl, managementToken } from '../api/client.ts';

/** `fairlead billing export`: the entries of the ledger, streamed to standard output. */
export function addBilling(program: Command): void {
  const billing = program.command('billing').description('Take the books away.');
  billing.command('export').description('Print every entry of the ledger of a span, as CSV or JSON.')
    .requiredOption('--from <day>', 'from the beginning of this day or instant, in UTC').requiredOption('--to <day>', 'until before it')
    .option('--format <csv|json>', 'how to write it', 'csv').option('--tenant <id>', 'whose (operators)')
    .action(async (options: { from: string; to: string; format: string; tenant?: string }) => {
      const token = managementToken();
      if (!token) throw new CliError('This needs a sign-in.', 3, 'Sign in with: npm run -s fairlead -- login <sign-in link>');
      const query = new URLSearchParams({ from: options.from, to: options.to, format: options.format, ...(options.tenant ? { tenantId: options.tenant } : {}) });
      const url = `${controlUrl()}/export/ledger?${query}`;
      // No deadline for the whole: it may be millions of rows.
      const answer = await fetch(url, { headers: { authorization: `Bearer ${token}` } }).catch((cause: unknown) => { throw new CliError(`No control plane answers at ${controlUrl()}.`, 7, cause instanceof Error ? cause.message : undefined); });
      if (!answer.ok || !answer.body) {
        const body = (await answer.json().catch(() => undefined)) as { errors?: { message: string }[] } | undefined;
        throw new CliError(body?.errors?.[0]?.message ?? `The export answered ${answer.status}.`, answer.status === 401 || answer.status === 403 ? 3 : answer.status === 404 ? 4 : answer.status === 400 ? 2 : 1);
      }
      await pipeline(answer.body, process.stdout, { end: false });
    });
}
