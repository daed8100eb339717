import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { CliError, graphql, refuseErrors } from '../../api/client.ts';
import type { UserError } from '../../api/client.ts';
import { print, talk } from '../../output/print.ts';
import { table } from '../../output/table.ts';
import { addUpstreamTest } from './test.ts';

interface UpstreamRow { id: string; name: string; baseUrl: string; dialects: string[]; priority: number; status: string }

/** `fairlead upstreams …`. */
export function addUpstreams(program: Command): void {
  const upstreams = program.command('upstreams').description('The providers that nodes call.');
  addUpstreamTest(upstreams);
  upstreams
    .command('list').description('Show the providers.').option('--json', 'print as JSON')
    .action(async (options: { json?: boolean }) => {
      const { data } = await graphql<{ upstreams: { nodes: UpstreamRow[] } }>('query { upstreams(first: 200) { nodes { id name baseUrl dialects priority status } } }');
      print(data.upstreams.nodes, () => table(['ID', 'NAME', 'ADDRESS', 'DIALECTS', 'PRIORITY', 'STATUS'], data.upstreams.nodes.map((row) => [row.id, row.name, row.baseUrl, row.dialects.join(','), String(row.priority), row.status])), options.json);
    });
  upstreams
    .command('add').description('Connect a provider; its secret is read from standard input, never from the command line.').argument('<name>', 'what people see')
    .option('--preset <preset>', 'anthropic, openai, gemini, openrouter, ollama …').option('--url <url>', 'base URL, when no preset fits').option('--dialect <dialect...>', 'what it speaks').option('--priority <n>', 'lower goes first')
    .action(async (name: string, options: { preset?: string; url?: string; dialect?: string[]; priority?: string }) => {
      const secret = process.stdin.isTTY ? '' : readFileSync(0, 'utf8').trim();
      if (secret === '') throw new CliError('No secret came on standard input.', 2, 'For example: npm run -s fairlead -- upstreams add Anthropic --preset anthropic < secret.txt');
      const input = { name, secret, ...(options.preset ? { preset: options.preset } : {}), ...(options.url ? { baseUrl: options.url } : {}), ...(options.dialect ? { dialects: options.dialect } : {}), ...(options.priority ? { priority: Number(options.priority) } : {}) };
      const { data } = await graphql<{ upstreamCreate: { upstream: UpstreamRow | null; userErrors: UserError[] } }>('mutation Add($input: UpstreamCreateInput!) { upstreamCreate(input: $input) { upstream { id name baseUrl dialects priority status } userErrors { code message path fix } } }', { input });
      refuseErrors(data.upstreamCreate.userErrors, data.upstreamCreate.upstream !== null);
      talk(`${name} is connected (${data.upstreamCreate.upstream?.id ?? ''}).`);
    });
}
