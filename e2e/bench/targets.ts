import { setPriority } from 'node:os';
import { createKey } from '../stack/reads.ts';
import { readyPort, startPart } from '../stack/process.ts';
import { openStack } from '../stack/stack.ts';
import type { Stack, StackOptions } from '../stack/stack.ts';

/** Something that load is sent to. */
export interface Target { name: string; url: string; headers: Record<string, string>; /** Where its requests go, when not to `/v1/messages`. */ path?: string; /** Its clients speak Chat instead of Messages. */ chat?: true; /** The model's name as this target wants it. */ model?: string; /** Whose CPU and memory are read. */ pid: number | undefined; close(): Promise<void> }

const ready = ({ output }: { output: string }) => readyPort(output);

/** The vendor that everything calls. */
export async function startMock(): Promise<Target> {
  const part = await startPart('mock', process.execPath, ['e2e/bench/mock.ts'], {}, { ready });
  return { name: 'direct', url: `http://127.0.0.1:${part.ready}`, headers: {}, pid: undefined, close: () => part.kill() };
}

/** The bare floor in front of this vendor, or the one that keeps books. */
export async function startFloor(mockUrl: string, books = false): Promise<Target> {
  const part = await startPart('floor', process.execPath, [books ? 'e2e/bench/floor-with-books.ts' : 'e2e/bench/floor.ts'], { BENCH_UPSTREAM: mockUrl }, { ready });
  return { name: books ? 'floor with books' : 'floor (Hono + undici)', url: `http://127.0.0.1:${part.ready}`, headers: {}, pid: part.child.pid, close: () => part.kill() };
}

/** A whole product in front of this vendor: its node is the target, with a key, a price, a budget and a pace. */
export async function startNode(mockUrl: string, name: string, options: StackOptions = {}): Promise<Target & { logs(): string; stack: Stack }> {
  const stack = await openStack({ practice: false, ...options });
  await stack.api.run('mutation ($input: UpstreamCreateInput!) { upstreamCreate(input: $input) { upstream { id } userErrors { message path } } }', { input: { name: 'Bench', baseUrl: mockUrl, dialects: ['anthropic-messages'], auth: 'BEARER', secret: 'bench-secret' } });
  await stack.api.run('mutation ($input: PriceSetInput!) { priceSet(input: $input) { price { id } userErrors { message path } } }', { input: { modelName: 'claude-haiku-5-5', input: '0.10', output: '0.50' } });
  const { secret } = await createKey(stack.api, { budget: { limit: '100000', window: 'TOTAL' }, requestsPerMinute: 1_000_000 });
  // A control plane has a machine of its own; here it would take one of two cores for the ledger and starve what is measured.
  const control = stack.control.part().child.pid;
  if (control !== undefined) setPriority(control, 5);
  return {
    name, url: stack.node.url, headers: { authorization: `Bearer ${secret}` }, pid: stack.node.part.child.pid, logs: () => stack.logs(), stack,
    // In order first: a profile is written by a process that ends by itself.
    async close() { await stack.node.part.kill('SIGTERM'); await stack.close(); },
  };
}
