// Pure.
import { Buffer } from 'node:buffer';
import { Fault } from '@fairlead/shared/faults/fault.ts';
import type { Ask } from '../journey/ask.ts';
import type { Inbound } from '../journey/inbound.ts';

/** The cheap facts of a request; throws `model.missing` or `request.invalid`. */
export function survey(inbound: Inbound): Ask {
  const { endpoint, json, headers } = inbound;
  const named = endpoint.pathModel ?? json.model;
  if (typeof named !== 'string' || named.trim() === '') throw new Fault('model.missing');
  if (named.length > 200) throw new Fault('request.invalid', { hint: 'model: longer than 200 characters.' });
  const stream = endpoint.pathStream ?? json.stream === true;
  return {
    model: named,
    dialect: endpoint.dialect,
    does: endpoint.does,
    metered: endpoint.meter === 'required',
    stream,
    inputBytes: inbound.body.length,
    maxOutputTokens: outputLimit(inbound),
    wantsUsageChunk: isObject(json.stream_options) && json.stream_options.include_usage === true,
    writesCache: endpoint.dialect === 'anthropic-messages' && Buffer.from(inbound.body.buffer, inbound.body.byteOffset, inbound.body.length).includes('cache_control'),
    client: clientOf(headers),
    sessionId: sessionOf(headers, json),
  };
}

function outputLimit({ endpoint, json }: Inbound): number | undefined {
  const value =
    endpoint.dialect === 'anthropic-messages' ? json.max_tokens
    : endpoint.dialect === 'openai-chat' ? (json.max_completion_tokens ?? json.max_tokens)
    : endpoint.dialect === 'openai-responses' ? json.max_output_tokens
    : isObject(json.generationConfig) ? json.generationConfig.maxOutputTokens : undefined;
  if (value === undefined || value === null) return undefined;
  // What is no positive whole number is left for the upstream to refuse in its own words; it bounds nothing here.
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : undefined;
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
