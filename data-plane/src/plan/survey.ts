// Pure.
import { Buffer } from 'node:buffer';
import { Fault } from '@fairlead/shared/faults/fault.ts';
import { wantedOf } from '@fairlead/shared/plan/explicit.ts';
import type { RuleNames } from '@fairlead/shared/plan/rule-shape.ts';
import type { SnapshotUpstream } from '@fairlead/shared/snapshot/snapshot.ts';
import type { Ask, Surveyed } from '../journey/ask.ts';
import type { Inbound } from '../journey/inbound.ts';
import { generationConfig, readOutputLimit } from '../journey/output-limit.ts';
import { factsOf } from './facts.ts';
import { labelledBy } from './labels.ts';
import { serviceAsked, usesOf } from './uses.ts';

/** What a survey reads of the table: which names upstreams go by, and what rules ask for. */
export interface Surveying { upstreams: readonly SnapshotUpstream[]; ruleNames(tenant: string): RuleNames }

/** The cheap facts of a request; throws `model.missing` or `request.invalid`. */
export function survey(inbound: Inbound, table: Surveying, tenant: string): Surveyed {
  const { endpoint, json, headers } = inbound;
  const named = endpoint.pathModel ?? json.model;
  if (typeof named !== 'string' || named.trim() === '') throw new Fault('model.missing');
  if (named.length > 200) throw new Fault('request.invalid', { hint: 'model: longer than 200 characters.' });
  // Some vendors take "true" and 1 for true: an answer that we did not expect to be a stream would be lost.
  if (json.stream !== undefined && json.stream !== null && typeof json.stream !== 'boolean') throw new Fault('request.invalid', { hint: 'stream: must be true or false.' });
  const stream = endpoint.does === 'generate' && (endpoint.pathStream ?? json.stream === true);
  // Every mark is ASCII, so bytes that nobody has decoded are looked through as they are.
  const text = inbound.text ?? Buffer.from(inbound.body.buffer, inbound.body.byteOffset, inbound.body.byteLength).toString('latin1');
  inbound.text = undefined;
  const ask: Ask = {
    model: named,
    dialect: endpoint.dialect,
    does: endpoint.does,
    metered: endpoint.meter === 'required',
    stream,
    inputBytes: inbound.body.length,
    maxOutputTokens: readOutputLimit(endpoint.dialect, json),
    answers: answersOf(inbound),
    reachesBeyond: beyond[endpoint.dialect].test(text),
    wantsUsageChunk: isObject(json.stream_options) && json.stream_options.include_usage === true,
    // A key of OpenAI's dialects becomes marks where an upstream of Messages answers.
    writesCache: typeof json.prompt_cache_key === 'string' || ((endpoint.dialect === 'anthropic-messages' || endpoint.dialect === 'openai-chat') && text.includes('"cache_control"')),
    service: serviceAsked(json),
    uses: usesOf(endpoint.dialect, json),
    client: clientOf(headers),
    sessionId: sessionOf(headers, json),
    labelled: labelledBy(headers),
  };
  const facts = factsOf(inbound, ask, table.ruleNames(tenant));
  // Whether "a/b" names an upstream depends on whose upstreams there are; only the caller's own and the operator's count.
  const wants = wantedOf(facts, facts.model.includes('/') || facts.explicit ? table.upstreams.filter((upstream) => upstream.tenant === undefined || upstream.tenant === tenant) : []).model;
  return Object.assign(ask, { wants: wants === named ? undefined : wants, thinking: facts.thinking, facts, thread: threadOf(headers, ask.sessionId) });
}

/** One session runs several lines of work at once, each with a prompt cache of its own. */
function threadOf(headers: ReadonlyMap<string, string>, session: string | undefined): string | undefined {
  if (session === undefined) return undefined;
  const line = headers.get('x-claude-code-agent-id') ?? headers.get('thread-id');
  return line === undefined ? session : `${session}|${line.slice(0, 128)}`;
}

// Words for input that a vendor fetches or remembers by itself. A word in a prompt only makes the reservation
// larger; letters and underscores written as escapes, which no serializer does, could hide one and count as one.
const hidden = '\\\\u00[4-7]';

/** One expression for all marks: a single pass over the text, where a search for each costs a pass each. Each mark begins with a quote, which is looked for once: of a text full of quotes that is half the time. */
function anyOf(...marks: readonly `"${string}`[]): RegExp {
  return new RegExp(`${hidden}|"(?:${marks.map((mark) => mark.slice(1)).join('|')})`);
}

const beyond: Record<Ask['dialect'], RegExp> = {
  'anthropic-messages': anyOf('"http', '"file_id"', '"container"', '"web_search_2', '"web_fetch_2', '"code_execution_2', '"mcp_servers"'),
  'openai-chat': anyOf('"http', '"file_id"', '"web_search_options"'),
  'openai-responses': anyOf('"http', '"previous_response_id"', '"conversation"', '"file_id"', '"item_reference"', '"web_search', '"file_search"', '"code_interpreter"', '"mcp"', '"prompt"'),
  'gemini-generate': anyOf('"fileUri"', '"file_uri"', '"cachedContent"', '"cached_content"', '"googleSearch', '"google_search', '"urlContext"', '"url_context"', '"codeExecution"', '"code_execution"'),
};

function answersOf({ endpoint, json }: Inbound): number {
  const config = endpoint.dialect === 'gemini-generate' ? generationConfig(json).fields : undefined;
  const value = endpoint.dialect === 'openai-chat' ? json.n : (config?.candidateCount ?? config?.candidate_count);
  if (value === undefined || value === null) return 1;
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 1 || value > 128) throw new Fault('request.invalid', { hint: `${endpoint.dialect === 'openai-chat' ? 'n' : 'candidateCount'}: must be a whole number from 1 to 128.` });
  return value;
}

/** Who is calling, for people to read. The session header tells Claude Code apart from clients that borrow its user agent. */
function clientOf(headers: ReadonlyMap<string, string>): string | undefined {
  if (headers.has('x-claude-code-session-id')) return 'claude-code';
  const agent = (headers.get('user-agent') ?? '').toLowerCase();
  if (headers.has('originator') && agent.includes('codex')) return 'codex';
  for (const [mark, name] of [['geminicli', 'gemini-cli'], ['opencode', 'opencode'], ['qwencode', 'qwen-code'], ['anthropic', 'anthropic-sdk'], ['openai', 'openai-sdk'], ['google-genai', 'google-sdk'], ['curl', 'curl']] as const) {
    if (agent.includes(mark)) return name;
  }
  return agent === '' ? undefined : (agent.split(/[/ ]/)[0] ?? '').slice(0, 40);
}

/** The client's own thread id, where it says one. */
function sessionOf(headers: ReadonlyMap<string, string>, json: Inbound['json']): string | undefined {
  for (const name of ['x-claude-code-session-id', 'session-id', 'x-session-id']) {
    const value = headers.get(name);
    if (value) return value.slice(0, 128);
  }
  if (typeof json.prompt_cache_key === 'string') return json.prompt_cache_key.slice(0, 128);
  const user = isObject(json.metadata) ? json.metadata.user_id : undefined;
  if (typeof user !== 'string') return undefined;
  try {
    const parsed: unknown = JSON.parse(user);
    return isObject(parsed) && typeof parsed.session_id === 'string' ? parsed.session_id.slice(0, 128) : undefined;
  } catch {
    // Before 2.1.78 Claude Code wrote `user_…_session_<id>`.
    return /_session_([\w-]{8,128})$/.exec(user)?.[1];
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
