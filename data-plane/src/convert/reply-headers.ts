// Pure. What the headers of an answer tell its client, under the names that the client's own vendor gives them.
import type { Standings } from '@fairlead/shared/faults/standing.ts';
import type { DialectName } from '@fairlead/shared/wire/dialect-name.ts';

/** Headers by their names in lower case. */
export type PlainHeaders = { readonly [name: string]: string };

type Kind = 'requests' | 'tokens' | 'input-tokens' | 'output-tokens';
type Field = 'limit' | 'remaining' | 'reset';

const kinds: readonly Kind[] = ['requests', 'tokens', 'input-tokens', 'output-tokens'];
const fields: readonly Field[] = ['limit', 'remaining', 'reset'];

/** How a vendor names its limits, and the id of a request; Gemini's tells neither. */
type Names = { readonly requestId: string | undefined; limit(field: Field, kind: Kind): string | undefined; /** When a limit is whole again, from and to a moment in ms. */ readReset(text: string, nowMs: number): number | undefined; writeReset(atMs: number, nowMs: number): string };

const openai: Names = {
  requestId: 'x-request-id',
  limit: (field, kind) => (kind === 'requests' || kind === 'tokens' ? `x-ratelimit-${field}-${kind}` : undefined),
  readReset: (text, nowMs) => { const ms = durationMs(text); return ms === undefined ? undefined : nowMs + ms; },
  writeReset: (atMs, nowMs) => durationText(Math.max(0, atMs - nowMs)),
};

const names: Readonly<Record<DialectName, Names>> = {
  'anthropic-messages': {
    requestId: 'request-id',
    limit: (field, kind) => `anthropic-ratelimit-${kind}-${field}`,
    readReset: (text) => { const at = Date.parse(text); return Number.isFinite(at) ? at : undefined; },
    writeReset: (atMs) => new Date(atMs).toISOString().replace(/\.\d+Z$/, 'Z'),
  },
  'openai-chat': openai,
  'openai-responses': openai,
  'gemini-generate': { requestId: undefined, limit: () => undefined, readReset: () => undefined, writeReset: () => '' },
};

/** What every client reads as it stands. */
const everybody = ['retry-after', 'retry-after-ms', 'x-should-retry'];

/**
 * The headers for a client of another dialect: the id of the request and the limits under its own names, and when to
 * come back. Who the account is, and what only one vendor tells, stays here.
 */
export function carryHeaders(headers: PlainHeaders, upstream: DialectName, client: DialectName, nowMs: number): Record<string, string> {
  const out: Record<string, string> = {};
  for (const name of everybody) if (headers[name] !== undefined) out[name] = headers[name];
  const [from, to] = [names[upstream], names[client]];
  const id = from.requestId === undefined ? undefined : headers[from.requestId];
  if (id !== undefined && to.requestId !== undefined) out[to.requestId] = id;
  for (const kind of kinds) {
    for (const field of fields) {
      const [there, here] = [from.limit(field, kind), to.limit(field, kind)];
      const value = there === undefined ? undefined : headers[there];
      if (value === undefined || here === undefined) continue;
      const at = field === 'reset' ? from.readReset(value, nowMs) : undefined;
      if (field !== 'reset') out[here] = value;
      else if (at !== undefined) out[here] = to.writeReset(at, nowMs);
    }
  }
  return out;
}

/** What vendors call their limits by, in answers. */
const limitNames = /^(?:anthropic-ratelimit-|x-ratelimit-|ratelimit)/;

/**
 * Writes where the caller's own paces stand, under the names that clients of this dialect know. What an upstream tells of
 * its account is taken away: it is shared with others, and the two must not be taken for one.
 */
export function tellPaces(headers: Record<string, string>, client: DialectName, paces: Standings, nowMs: number): void {
  for (const name in headers) if (limitNames.test(name)) delete headers[name];
  const { limit, writeReset } = names[client];
  for (const kind of ['requests', 'tokens'] as const) {
    const standing = paces[kind];
    if (!standing) continue;
    for (const field of fields) {
      const name = limit(field, kind);
      if (name !== undefined) headers[name] = field === 'reset' ? writeReset(standing.wholeAtMs, nowMs) : String(standing[field]);
    }
  }
}

const unitsMs: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** A duration as OpenAI writes it ("6m0s", "120ms"), or plain seconds as some compatible servers do; undefined when it is neither. */
function durationMs(text: string): number | undefined {
  if (/^\d+(?:\.\d+)?$/.test(text)) return Number(text) * 1_000;
  if (!/^(?:\d+(?:\.\d+)?(?:ms|s|m|h|d))+$/.test(text)) return undefined;
  let total = 0;
  for (const [, count, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)) total += Number(count) * (unitsMs[unit ?? ''] ?? 0);
  return total;
}

function durationText(ms: number): string {
  if (ms < 1_000) return `${Math.ceil(ms)}ms`;
  const seconds = Math.ceil(ms / 1_000);
  const [hours, minutes, rest] = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60, seconds % 60];
  return hours > 0 ? `${hours}h${minutes}m${rest}s` : minutes > 0 ? `${minutes}m${rest}s` : `${rest}s`;
}
