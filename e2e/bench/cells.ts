// What is sent, and what may be asked for on the command line.

/** One kind of request. */
export interface Cell { name: string; bytes: number; stream: boolean }

/** What a run measures. */
export interface BenchOptions { seconds: number; deno: boolean; peers: boolean; /** Adds a Chat client, whose requests the node converts. */ converted: boolean; streams: number; cells: Cell[]; connections: number[]; /** Where V8 profiles of the node go. */ profile: string | undefined }

const all: readonly Cell[] = [{ name: 'small', bytes: 0, stream: false }, { name: '100 KB', bytes: 100_000, stream: false }, { name: '100 KB + 200 events', bytes: 100_000, stream: true }];
const filler = 'The quick brown fox jumps over the lazy dog and writes some code. ';

/** The options in these arguments. */
export function readOptions(args: readonly string[]): BenchOptions {
  const value = (name: string) => { const at = args.indexOf(`--${name}`); return at < 0 ? undefined : args[at + 1]; };
  const wanted = value('cell');
  const connections = value('connections');
  if (wanted !== undefined && !all.some(({ name }) => name === wanted)) throw new Error(`--cell is one of ${all.map(({ name }) => `"${name}"`).join(', ')}`);
  return {
    seconds: Number(value('seconds') ?? 8), deno: args.includes('--deno'), peers: args.includes('--peers'), converted: args.includes('--converted'), streams: Number(value('streams') ?? 2_000), profile: value('profile'),
    cells: wanted === undefined ? [...all] : all.filter(({ name }) => name === wanted),
    connections: connections === undefined ? [1, 16] : connections.split(',').map(Number),
  };
}

/** An Anthropic request of this cell. */
export function messagesBody({ bytes, stream }: Cell, model = 'claude-haiku-5-5'): string {
  return JSON.stringify({ model, max_tokens: 256, stream, messages: [{ role: 'user', content: bytes > 1000 ? filler.repeat(Math.ceil(bytes / filler.length)).slice(0, bytes) : 'Say hello.' }] });
}

/** The same as a Chat client asks it. */
export function chatBody({ bytes, stream }: Cell, model = 'claude-haiku-5-5'): string {
  return JSON.stringify({ model, max_completion_tokens: 256, stream, ...(stream ? { stream_options: { include_usage: true } } : {}), messages: [{ role: 'user', content: bytes > 1000 ? filler.repeat(Math.ceil(bytes / filler.length)).slice(0, bytes) : 'Say hello.' }] });
}
