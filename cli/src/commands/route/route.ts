import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { CliError, graphql, refuseErrors } from '../../api/client.ts';
import type { UserError } from '../../api/client.ts';
import { print } from '../../output/print.ts';
import { table } from '../../output/table.ts';

interface Simulated {
  scenario: string | null; route: string | null; explicit: string | null; problem: string | null; userErrors: UserError[];
  candidates: { upstream: string; model: string; dialect: string; reason: string; input: { amount: string } | null; output: { amount: string } | null }[];
  leftOut: { upstream: string; reason: string }[]; passedOver: { name: string; reason: string }[];
}
interface Place { upstream: string; model: string }
interface Move { from: Place | null; to: Place | null; count: number; cost: { amount: string }; newCost: { amount: string }; unpriced: number; ttftMs: number | null; newTtftMs: number | null; failureShare: number | null; newFailureShare: number | null }
interface Replayed {
  considered: number; withoutFacts: number; moved: number; moves: Move[]; unserved: number; unservedExamples: { exchangeId: string; model: string; reason: string }[];
  cost: { amount: string } | null; newCost: { amount: string } | null; unpriced: number; whole: boolean; userErrors: UserError[];
}

const errors = 'userErrors { code message path fix }';

/** `fairlead route …`: routes tried before they are saved. */
export function addRoute(program: Command): void {
  const route = program.command('route').description('Where requests go, and where they would go with other routes.');
  route
    .command('simulate').description('Show where a request would go and why. Nothing is called.')
    .option('--model <name>', 'the model as a client writes it').option('--exchange <id>', 'a recorded request: its facts count where none are given').option('--key <id>', 'whose request it is').option('--dialect <name>', 'the client\'s wire format').option('--client <name>', 'such as claude-code')
    .option('--input-tokens <n>', 'the size of the input').option('--tools <n>', 'how many tools it offers').option('--header <name=value...>', 'headers that rules read').option('--is <fact...>', 'images, thinking, webSearch, longContext, subagent or background').option('--at <time>', 'when it comes, for rules about the time')
    .option('--draft <file>', 'routes to try, as JSON: {"routes": [...], "without": ["rte_…"]}').option('--well', 'take every provider for well').option('--json', 'print as JSON')
    .action(async (options: SimulateOptions) => {
      if (!options.model && !options.exchange) throw new CliError('Say which request: --model or --exchange.', 2, 'For example: npm run -s fairlead -- route simulate --model claude-haiku-5-5');
      const { data } = await graphql<{ routeSimulate: Simulated }>(
        `query Simulate($input: RouteSimulateInput!) { routeSimulate(input: $input) { scenario route explicit problem candidates { upstream model dialect reason input { amount } output { amount } } leftOut { upstream reason } passedOver { name reason } ${errors} } }`, { input: simulateInput(options) },
      );
      refuseErrors(data.routeSimulate.userErrors, data.routeSimulate.scenario !== null);
      print(data.routeSimulate, () => simulationText(data.routeSimulate), options.json);
      if (data.routeSimulate.candidates.length === 0) process.exitCode = 1;
    });
  route
    .command('replay').description('Show what a draft of routes would have done with the requests of the last hours. Nothing is saved.')
    .requiredOption('--draft <file>', 'routes to try, as JSON: {"routes": [...], "without": ["rte_…"]}').option('--hours <n>', 'how many hours back, up to 168', '24').option('--limit <n>', 'the most requests, the newest first').option('--json', 'print as JSON')
    .action(async (options: { draft: string; hours: string; limit?: string; json?: boolean }) => {
      const input = { draft: readDraft(options.draft), hours: whole(options.hours, '--hours'), ...(options.limit ? { limit: whole(options.limit, '--limit') } : {}) };
      const { data } = await graphql<{ routeReplay: Replayed }>(
        `query Replay($input: RouteReplayInput!) { routeReplay(input: $input) { considered withoutFacts moved unserved unpriced whole cost { amount } newCost { amount }
          moves { from { upstream model } to { upstream model } count unpriced cost { amount } newCost { amount } ttftMs newTtftMs failureShare newFailureShare } unservedExamples { exchangeId model reason } ${errors} } }`, { input },
      );
      refuseErrors(data.routeReplay.userErrors, data.routeReplay.cost !== null);
      print(data.routeReplay, () => replayText(data.routeReplay), options.json);
    });
}

interface SimulateOptions { model?: string; exchange?: string; key?: string; dialect?: string; client?: string; inputTokens?: string; tools?: string; header?: string[]; is?: string[]; at?: string; draft?: string; well?: boolean; json?: boolean }

const facts = ['images', 'thinking', 'webSearch', 'longContext', 'subagent', 'background'];

function simulateInput(options: SimulateOptions): Record<string, unknown> {
  for (const fact of options.is ?? []) if (!facts.includes(fact)) throw new CliError(`"${fact}" is no such fact.`, 2, `There are: ${facts.join(', ')}.`);
  if (options.at && Number.isNaN(Date.parse(options.at))) throw new CliError(`"${options.at}" is no time.`, 2, 'Write it as 2026-11-21T03:00:00Z.');
  const headers = options.header?.map((text) => {
    const at = text.indexOf('=');
    if (at < 1) throw new CliError(`"${text}" is not name=value.`, 2);
    return { name: text.slice(0, at), value: text.slice(at + 1) };
  });
  return {
    ...(options.model ? { model: options.model } : {}), ...(options.exchange ? { exchangeId: options.exchange } : {}), ...(options.key ? { keyId: options.key } : {}), ...(options.dialect ? { dialect: options.dialect } : {}), ...(options.client ? { client: options.client } : {}),
    ...(options.inputTokens ? { inputTokens: whole(options.inputTokens, '--input-tokens') } : {}), ...(options.tools ? { tools: whole(options.tools, '--tools') } : {}), ...(headers ? { headers } : {}), ...Object.fromEntries((options.is ?? []).map((fact) => [fact, true])),
    ...(options.at ? { at: new Date(options.at).toISOString() } : {}), ...(options.draft ? { draft: readDraft(options.draft) } : {}), ...(options.well ? { health: 'NONE' } : {}),
  };
}

function whole(text: string, option: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new CliError(`${option} must be a whole number.`, 2);
  return Number(text);
}

function readDraft(file: string): unknown {
  let text: string;
  try { text = readFileSync(file, 'utf8'); } catch { throw new CliError(`The file ${file} cannot be read.`, 2); }
  try {
    const value: unknown = JSON.parse(text);
    // A list alone is taken for the routes.
    return Array.isArray(value) ? { routes: value } : value;
  } catch { throw new CliError(`${file} is not valid JSON.`, 2, 'Write {"routes": [{"name": "…", "models": ["claude-*"], "targets": [{"upstreamId": "ups_…"}]}]}.'); }
}

function simulationText(found: Simulated): string {
  const price = (money: { amount: string } | null) => (money ? `$${money.amount}` : '–');
  const lines = [found.explicit ? `Chosen by ${found.explicit}.` : found.route ? `Route "${found.route}" decides.` : 'No route decides: whoever serves the model is asked.', `Kind of work: ${found.scenario ?? '–'}.`];
  if (found.problem) lines.push(`It would be refused: ${found.problem}`);
  lines.push('', found.candidates.length > 0 ? table(['', 'PROVIDER', 'MODEL', 'FORMAT', 'IN/M', 'OUT/M', 'WHY'], found.candidates.map((row, at) => [String(at + 1), row.upstream, row.model, row.dialect, price(row.input), price(row.output), row.reason])) : 'Nobody could serve it.');
  if (found.leftOut.length > 0) lines.push('', 'Not asked:', ...found.leftOut.map((row) => `  ${row.upstream}: ${row.reason}`));
  if (found.passedOver.length > 0) lines.push('', 'Routes that did not fit:', ...found.passedOver.map((row) => `  ${row.name}: ${row.reason}`));
  return lines.join('\n');
}

function replayText(found: Replayed): string {
  const place = (at: Place | null) => (at ? `${at.upstream} ${at.model}` : 'nobody');
  const ms = (before: number | null, after: number | null) => `${before === null ? '?' : before} → ${after === null ? '?' : after}`;
  const share = (value: number | null) => (value === null ? '?' : `${(value * 100).toFixed(1)}%`);
  const lines = [`${found.considered} requests were planned again${found.whole ? '' : ' (not all: the limit or the deadline came first)'}; ${found.moved} would go elsewhere, ${found.unserved} nobody could serve.`];
  if (found.withoutFacts > 0) lines.push(`${found.withoutFacts} were passed over: what routing looked at was not kept.`);
  if (found.moves.length > 0) lines.push('', table(['FROM', 'TO', 'REQUESTS', 'COST', 'FIRST TOKEN MS', 'FAILURES'], found.moves.map((move) => [place(move.from), place(move.to), String(move.count), `$${move.cost.amount} → $${move.newCost.amount}`, ms(move.ttftMs, move.newTtftMs), `${share(move.failureShare)} → ${share(move.newFailureShare)}`])));
  lines.push('', `In all: $${found.cost?.amount ?? '?'} → $${found.newCost?.amount ?? '?'}${found.unpriced > 0 ? `, without ${found.unpriced} for which no price is known` : ''}.`);
  if (found.unservedExamples.length > 0) lines.push('', 'Nobody could serve:', ...found.unservedExamples.slice(0, 5).map((row) => `  ${row.exchangeId} (${row.model}): ${row.reason}`));
  return lines.join('\n');
}
