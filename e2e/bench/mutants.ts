// Broken requests in all four dialects for upstreams of all four, and what of an answer may not be said of one.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ask } from '../clients/ask.ts';
import type { Heard, Speaks } from '../clients/ask.ts';
import { root } from '../stack/process.ts';
import { secondCredential } from '../stack/stack.ts';
import type { Stack } from '../stack/stack.ts';

const dialects = { anthropic: 'anthropic-messages', chat: 'openai-chat', responses: 'openai-responses', gemini: 'gemini-generate' } as const satisfies Record<Speaks, string>;
const clients = Object.keys(dialects) as Speaks[];
/** The upstreams, by the one dialect that each speaks. */
export const upstreams = Object.values(dialects);

const recorded = Object.fromEntries(clients.map((speaks) => {
  const folder = join(root, 'data-plane', 'fixtures', dialects[speaks]);
  return [speaks, readdirSync(folder).map((name) => join(folder, name, 'request.json')).filter((path) => existsSync(path)).map((path) => readFileSync(path, 'utf8').replaceAll('[[practice', '[[nothing'))];
})) as Record<Speaks, string[]>;

/** What the practice upstream is told to do to its answer, once some of it has gone out: before that a node would only wait and try again. */
const lies = [...['cut', 'error-event', 'early-end'].map((name) => `[[practice many {"events":12}]] [[practice ${name} {"after":8}]]`), '[[practice 400 {"message":"no"}]]', 'Say hello.'];
const oddities: readonly unknown[] = [null, true, -1, 1e308, '', '\u0000', '\ud800', '🦊🦊', [], {}, [[]], { type: 'text' }, { toString: 1 }, 'data:image/png;base64,@@', 'file:///etc/passwd', 'a'.repeat(5_000)];

/** Connects the practice upstream four times, each time with one dialect. The one that speaks all of them is paused, so that every answer to a mutant is converted or plainly its dialect's. */
export async function connectMutants(stack: Stack): Promise<void> {
  const { upstreams: seeded } = await stack.api.run('{ upstreams { nodes { id name } } }');
  for (const { id } of seeded.nodes.filter(({ name }: { name: string }) => name === 'Practice')) await stack.api.run('mutation ($input: UpstreamUpdateInput!) { upstreamUpdate(input: $input) { userErrors { message } } }', { input: { id, status: 'PAUSED' } });
  // A key with a budget calls no model whose price is unknown.
  await stack.api.run('mutation ($input: PriceSetInput!) { priceSet(input: $input) { userErrors { message path } } }', { input: { modelName: 'practice-1', input: '0.10', output: '0.50' } });
  for (const dialect of upstreams) await stack.api.run('mutation ($input: UpstreamCreateInput!) { upstreamCreate(input: $input) { userErrors { message } } }', { input: { name: dialect, baseUrl: stack.practiceUrl, dialects: [dialect], auth: 'BEARER', secret: secondCredential, models: [{ model: 'practice-1' }] } });
}

/** Dice that fall the same for the same seed. */
export function openDice(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 4_294_967_296) * below);
  };
}

/** A copy of JSON with one place broken. */
function broken(value: unknown, dice: (below: number) => number, depth = 0): unknown {
  const goesOn = depth < 12 && dice(100) < 85;
  if (goesOn && Array.isArray(value) && value.length > 0) {
    const at = dice(value.length);
    return value.map((item: unknown, index) => (index === at ? broken(item, dice, depth + 1) : item));
  }
  if (goesOn && typeof value === 'object' && value !== null && !Array.isArray(value)) {
    const entries = Object.entries(value);
    const at = dice(entries.length);
    return Object.fromEntries(entries.flatMap(([name, inner], index): [string, unknown][] => (index !== at ? [[name, inner]] : dice(6) === 0 ? [] : [[name, broken(inner, dice, depth + 1)]])));
  }
  return dice(4) === 0 ? [value, value] : oddities[dice(oddities.length)];
}

/** Nothing here is worth a minute of tries; what takes longer hangs. */
const mostMs = 60_000;

/** What came of broken requests. */
export interface MutantCounts { sent: number; answered: number; refused: number; failed: string[] }

/** Sends one and judges its answer; what is wrong with it goes to `failed`. */
export async function sendMutant(nodeUrl: string, key: string, dice: (below: number) => number, counts: MutantCounts): Promise<void> {
  const speaks = clients[dice(clients.length)] ?? 'anthropic';
  const upstream = upstreams[dice(upstreams.length)] ?? 'openai-chat';
  const model = `${upstream},practice-1`;
  const lying = dice(4) === 0;
  const stream = lying || dice(2) === 0;
  const text = recorded[speaks][dice(recorded[speaks].length)] ?? '{}';
  const mutant = lying ? undefined : Object.assign({}, broken(JSON.parse(text), dice), speaks === 'gemini' ? {} : { model, stream });
  const what = `${speaks} to ${upstream}${lying ? ', lied to' : ''}`;
  counts.sent += 1;
  try {
    const heard = await ask(nodeUrl, key, speaks, { model, stream, ...(lying ? { prompt: lies[dice(lies.length)] ?? '' } : { body: mutant }), signal: AbortSignal.timeout(mostMs) });
    const wrong = judged(speaks, stream, heard);
    if (wrong !== undefined) counts.failed.push(`${what}: ${wrong}`);
    else if (heard.status === 200) counts.answered += 1;
    else counts.refused += 1;
  } catch (error) {
    counts.failed.push(`${what}: ${String(error)}${mutant === undefined ? '' : ` ${JSON.stringify(mutant).slice(0, 300)}`}`);
  }
}

/** What an answer to this client may not be; undefined when it is a success or an error in the client's own words. */
function judged(speaks: Speaks, stream: boolean, { status, body, whole }: Heard): string | undefined {
  if (status >= 500 && body.includes('node.bug')) return `status ${status}, a bug of ours: ${body.slice(0, 200)}`;
  if (status === 200 && stream) return whole || body.includes('"error"') || body.includes('response.failed') || body.includes('response.incomplete') ? undefined : `a stream that neither ends nor fails: ${body.slice(-200)}`;
  let read: unknown;
  try { read = JSON.parse(body); } catch { return `status ${status} without JSON: ${body.slice(0, 200)}`; }
  if (typeof read !== 'object' || read === null) return `status ${status} without an object`;
  if (status === 200) return undefined;
  const error = 'error' in read && typeof read.error === 'object' && read.error !== null ? read.error : undefined;
  if (!error || !('message' in error) || typeof error.message !== 'string') return `status ${status} without an error's message: ${body.slice(0, 200)}`;
  if (speaks === 'anthropic' && !('type' in read && read.type === 'error')) return `an error in another dialect: ${body.slice(0, 200)}`;
  return speaks === 'gemini' && !('status' in error) ? `an error in another dialect: ${body.slice(0, 200)}` : undefined;
}
