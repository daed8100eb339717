// Pure. When an upstream says it may be called again, and how much of its limit is used.
import { listOf, objectOf, parseJson } from '@fairlead/shared/wire/json.ts';

type Headers = Readonly<Record<string, string | string[] | undefined>>;

/** No stated wait is believed beyond this: a vendor's month ends within it, and a wrong clock does not rest a credential for ever. */
const longestMs = 31 * 86_400_000;

/**
 * How long to wait in ms, by the first of: `retry-after-ms` (OpenAI, Azure), `retry-after` in seconds or as a date,
 * Anthropic's unified reset (epoch seconds), the reset of a limit that has nothing left (Anthropic: RFC 3339;
 * OpenAI: "6m0s"; Groq, Together: seconds), and the body's own words: Gemini's RetryInfo, `resets_in_seconds`,
 * `resets_at`, "try again in 20s". Undefined when it does not say.
 */
export function waitMs(headers: Headers, body: Uint8Array | undefined, nowMs: number): number | undefined {
  const exact = finite(Number(textOf(headers['retry-after-ms']) || NaN));
  const found = exact ?? retryAfter(textOf(headers['retry-after']), nowMs) ?? unified(headers, nowMs) ?? spentLimit(headers, nowMs) ?? (body && saidInBody(body, nowMs));
  return found === undefined ? undefined : Math.min(Math.max(0, Math.ceil(found)), longestMs);
}

/** The largest share that is used of any limit that an answer's headers tell of, 0 to 1; undefined when none does. */
export function usedShare(headers: Headers): number | undefined {
  let most: number | undefined;
  // Most answers tell of none, and a look at each of the names costs more than one at the headers that came.
  let tells = false;
  for (const name in headers) if (name.includes('ratelimit')) { tells = true; break; }
  if (!tells) return undefined;
  for (const [limitName, remainingName] of limitPairs) {
    const limit = Number(textOf(headers[limitName]) || NaN);
    const remaining = Number(textOf(headers[remainingName]) || NaN);
    if (!(limit > 0) || !(remaining >= 0)) continue;
    const used = 1 - Math.min(remaining, limit) / limit;
    if (most === undefined || used > most) most = used;
  }
  for (const name of ['anthropic-ratelimit-unified-5h-utilization', 'anthropic-ratelimit-unified-7d-utilization']) {
    const used = finite(Number(textOf(headers[name]) || NaN));
    if (used !== undefined && used >= 0 && (most === undefined || used > most)) most = Math.min(1, used);
  }
  return most;
}

const limitPairs: readonly [string, string][] = [
  ...['requests', 'tokens', 'input-tokens', 'output-tokens'].map((what): [string, string] => [`anthropic-ratelimit-${what}-limit`, `anthropic-ratelimit-${what}-remaining`]),
  ...['requests', 'tokens'].map((what): [string, string] => [`x-ratelimit-limit-${what}`, `x-ratelimit-remaining-${what}`]),
  ['x-ratelimit-limit', 'x-ratelimit-remaining'], ['ratelimit-limit', 'ratelimit-remaining'],
];

function retryAfter(header: string, nowMs: number): number | undefined {
  if (header === '') return undefined;
  const seconds = Number(header);
  return Number.isFinite(seconds) ? seconds * 1000 : finite(Date.parse(header) - nowMs);
}

function unified(headers: Headers, nowMs: number): number | undefined {
  const seconds = Number(textOf(headers['anthropic-ratelimit-unified-reset']) || NaN);
  return finite(seconds * 1000 - nowMs);
}

function spentLimit(headers: Headers, nowMs: number): number | undefined {
  let longest: number | undefined;
  for (const [, remainingName] of limitPairs) {
    if (textOf(headers[remainingName]) !== '0') continue;
    const reset = textOf(headers[remainingName.replace('remaining', 'reset')]);
    const ms = reset.includes('T') ? finite(Date.parse(reset) - nowMs) : duration(reset, nowMs);
    if (ms !== undefined && (longest === undefined || ms > longest)) longest = ms;
  }
  return longest;
}

/** "6m0s", "1h2m", "850ms", "12.5s", plain seconds, or epoch seconds. */
function duration(text: string, nowMs: number): number | undefined {
  if (/^\d+(?:\.\d+)?$/.test(text)) return Number(text) > 1e9 ? Number(text) * 1000 - nowMs : Number(text) * 1000;
  let ms: number | undefined;
  // Beyond any duration a vendor only wastes our time.
  for (const [, amount, unit] of text.slice(0, 64).matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)) ms = (ms ?? 0) + Number(amount) * (unitMs[unit ?? ''] ?? 0);
  return ms;
}

const unitMs: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

function saidInBody(bytes: Uint8Array, nowMs: number): number | undefined {
  const text = new TextDecoder().decode(bytes.subarray(0, 16_384));
  const parsed = parseJson(text);
  const error = objectOf(objectOf(Array.isArray(parsed) ? parsed[0] : parsed)?.error);
  for (const detail of listOf(error?.details)) {
    const delay = objectOf(detail)?.retryDelay;
    if (typeof delay === 'string') return duration(delay, nowMs);
  }
  const inSeconds = error?.resets_in_seconds;
  if (typeof inSeconds === 'number') return inSeconds * 1000;
  const at = error?.resets_at;
  if (typeof at === 'number') return at * (at > 1e11 ? 1 : 1000) - nowMs;
  const said = /(?:try again|retry) (?:in|after) (\d+(?:\.\d+)?)\s?(ms|seconds?|s|minutes?|m)\b/i.exec(text);
  if (!said) return undefined;
  const unit = said[2] ?? 's';
  return Number(said[1]) * (unit === 'ms' ? 1 : unit.startsWith('m') ? 60_000 : 1000);
}

function textOf(value: string | string[] | undefined): string {
  return (Array.isArray(value) ? value[0] : value)?.trim() ?? '';
}

function finite(value: number): number | undefined {
  return Number.isFinite(value) ? value : undefined;
}
