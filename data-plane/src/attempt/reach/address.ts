// Pure. The URL of a call: the dialect's own path behind the upstream's base URL, or what its addressing says instead.
import type { DialectName } from '@fairlead/shared/snapshot/snapshot.ts';
import type { Ask } from '../../journey/ask.ts';
import type { Candidate } from '../../journey/candidate.ts';

/** What is called: the candidate's upstream, model and dialect, and what for. */
export type Called = Pick<Candidate, 'upstream' | 'model' | 'dialect'> & Pick<Ask, 'does' | 'stream'>;

/** The URL of this call, without any credential. */
export function addressOf(called: Called): URL {
  const { upstream, dialect } = called;
  const [base = '', query] = (upstream.baseUrls?.[dialect] ?? upstream.baseUrl).split('?', 2);
  const url = new URL(placeOf(base.replace(/\/+$/, ''), called));
  if (query !== undefined) for (const [name, value] of new URLSearchParams(query)) url.searchParams.set(name, value);
  return url;
}

function placeOf(base: string, called: Called): string {
  const path = dialectPath(called);
  switch (called.upstream.addressing) {
    case 'UNVERSIONED': return base + unversioned(path);
    case 'AZURE_OPENAI': return azurePlace(base, path, called);
    case 'BEDROCK': return base + bedrockPath(path, called);
    case 'VERTEX': return base + vertexPath(path, called);
    default: return joined(base, path);
  }
}

/** The path that the dialect's own vendor has for this. */
function dialectPath({ dialect, does, model, stream }: Called): string {
  switch (dialect) {
    case 'anthropic-messages': return does === 'count' ? '/v1/messages/count_tokens' : '/v1/messages';
    case 'openai-chat': return '/v1/chat/completions';
    case 'openai-responses': return does === 'count' ? '/v1/responses/input_tokens' : '/v1/responses';
    case 'gemini-generate': return `/v1beta/models/${encodeURIComponent(model)}:${geminiCall(does, stream)}`;
  }
}

function geminiCall(does: Ask['does'], stream: boolean): string {
  return does === 'count' ? 'countTokens' : stream ? 'streamGenerateContent?alt=sse' : 'generateContent';
}

/** A version at the end of the base URL replaces the path's own. */
function joined(base: string, path: string): string {
  return /\/v\d+[a-z]*\d*$/.test(base) ? base + unversioned(path) : base + path;
}

function unversioned(path: string): string {
  return path.replace(/^\/v\d+[a-z]*\d*(?=\/)/, '');
}

/** The header of an upstream that says which version of Azure's API is meant; it travels in the URL. */
export const azureVersionHeader = 'api-version';

/**
 * Azure's v1 paths name the model in the body and need no version. A dated `api-version` means the older paths,
 * in which each deployment has its own (and responses, which came later, have none).
 */
function azurePlace(base: string, path: string, { upstream, dialect, model }: Called): string {
  if (dialect !== 'openai-chat' && dialect !== 'openai-responses') return joined(base, path);
  const version = upstream.headers?.[azureVersionHeader];
  const stem = base.replace(/\/openai(?:\/v1)?$/, '');
  const dated = version !== undefined && /^\d{4}-/.test(version);
  const asked = version === undefined ? '' : `?api-version=${encodeURIComponent(version)}`;
  if (!dated) return `${stem}/openai${path}${asked}`;
  if (base.endsWith('/openai/v1')) return base + unversioned(path);
  return `${stem}/openai${dialect === 'openai-chat' ? `/deployments/${encodeURIComponent(model)}` : ''}${unversioned(path)}${asked}`;
}

function bedrockPath(path: string, { dialect, model, stream }: Called): string {
  if (dialect !== 'anthropic-messages') return `/openai${path}`;
  // Names hold colons, those of inference profiles slashes too: AWS signs and reads the path with both encoded.
  return `/model/${encodeURIComponent(model)}/${stream ? 'invoke-with-response-stream' : 'invoke'}`;
}

function vertexPath(path: string, { dialect, does, model, stream }: Called): string {
  const publisher: Partial<Record<DialectName, string>> = { 'anthropic-messages': 'anthropic', 'gemini-generate': 'google' };
  const name = publisher[dialect];
  if (name === undefined) return `/endpoints/openapi${unversioned(path)}`;
  if (name === 'google') return `/publishers/google/models/${encodeURIComponent(model)}:${geminiCall(does, stream)}`;
  // Versions are written behind an @, which Google's own clients leave as it is.
  const called = does === 'count' ? 'count-tokens' : encodeURIComponent(model).replaceAll('%40', '@');
  return `/publishers/anthropic/models/${called}:${stream ? 'streamRawPredict' : 'rawPredict'}`;
}
