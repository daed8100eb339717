// Pure. The smallest requests that show whether an upstream works, and what their answers say.
import type { DialectName } from '@fairlead/shared/wire/dialect-name.ts';
import { isLoose, listOf, looseOf, parseJson, textOf } from '@fairlead/shared/wire/json.ts';
import type { UpstreamAuth } from '@fairlead/shared/snapshot/snapshot.ts';
import type { UpstreamSettings } from '../settings.ts';

/** What is tried. */
export interface ProbeTarget { baseUrl: string; dialects: readonly DialectName[]; auth: UpstreamAuth; settings: UpstreamSettings; owner: 'operator' | 'tenant' }

/** One request without its body's length and connection. */
export interface ProbeRequest { url: URL; method: 'GET' | 'POST'; headers: Record<string, string>; body?: string }

/** Ways to sign in that only nodes can do. */
export function nodesSignIn(target: ProbeTarget): boolean {
  return target.auth === 'SIGV4' || target.auth === 'SERVICE_ACCOUNT';
}

/** The list of models, with or without the secret; undefined where there is none. */
export function listRequest(target: ProbeTarget, secret: string | undefined): ProbeRequest | undefined {
  const { addressing } = target.settings;
  if (addressing === 'BEDROCK' || addressing === 'VERTEX') return undefined;
  // Where a vendor serves Anthropic's format apart, the list is usually with the other one.
  const dialect = target.dialects.find((name) => name.startsWith('openai-')) ?? target.dialects[0];
  if (dialect === undefined) return undefined;
  return { ...signed(target, dialect, dialect === 'gemini-generate' ? '/v1beta/models' : '/v1/models', secret), method: 'GET' };
}

/** One short question to a model; undefined where only nodes can ask. */
export function questionRequest(target: ProbeTarget, dialect: DialectName, model: string, secret: string): ProbeRequest | undefined {
  const { addressing } = target.settings;
  if (addressing === 'BEDROCK' || addressing === 'VERTEX') return undefined;
  const question = 'Answer with the single word OK.';
  const turn = { role: 'user', content: question };
  // No limit where the names for it differ from model to model: the answer is one word.
  const bodies: Record<DialectName, [string, unknown]> = {
    'anthropic-messages': ['/v1/messages', { model, max_tokens: 16, messages: [turn] }],
    'openai-chat': ['/v1/chat/completions', { model, messages: [turn] }],
    'openai-responses': ['/v1/responses', { model, input: question }],
    'gemini-generate': [`/v1beta/models/${encodeURIComponent(model)}:generateContent`, { contents: [{ role: 'user', parts: [{ text: question }] }] }],
  };
  const [path, body] = bodies[dialect];
  return { ...signed(target, dialect, path, secret), method: 'POST', body: JSON.stringify(body) };
}

function signed(target: ProbeTarget, dialect: DialectName, path: string, secret: string | undefined): { url: URL; headers: Record<string, string> } {
  const { addressing, baseUrls } = target.settings;
  const base = baseUrls?.[dialect] ?? target.baseUrl;
  const url = new URL(addressing === 'AZURE_OPENAI' ? `${base.replace(/\/openai(\/v1)?$/, '')}/openai${path}` : addressing === 'UNVERSIONED' ? base + path.replace(/^\/v\d+[a-z]*\d*(?=\/)/, '') : joinUrl(base, path));
  const headers = headersFor(target, url, secret);
  if (dialect === 'anthropic-messages') headers['anthropic-version'] ??= '2023-06-01';
  return { url, headers };
}

/** The headers of a call to an upstream, the secret among them or in the address. */
export function headersFor(target: Pick<ProbeTarget, 'auth' | 'settings'>, url: URL, secret: string | undefined): Record<string, string> {
  const headers: Record<string, string> = { accept: 'application/json', 'content-type': 'application/json', 'accept-encoding': 'identity', 'user-agent': 'fairlead', ...target.settings.headers };
  if (secret !== undefined) switch (target.auth) {
    case 'BEARER': headers.authorization = `Bearer ${secret}`; break;
    case 'X_API_KEY': headers['x-api-key'] = secret; break;
    case 'X_GOOG_API_KEY': headers['x-goog-api-key'] = secret; break;
    case 'API_KEY': headers['api-key'] = secret; break;
    case 'QUERY_KEY': url.searchParams.set('key', secret); break;
    case 'SIGV4': case 'SERVICE_ACCOUNT': case 'NONE': break;
  }
  return headers;
}

/** Joins a base URL and a path as nodes do: a version at the end of the base replaces the path's own. */
export function joinUrl(baseUrl: string, path: string): string {
  const base = baseUrl.replace(/\/+$/, '');
  return /\/v\d+[a-z]*\d*$/.test(base) ? base + path.replace(/^\/v\d+[a-z]*\d*(?=\/)/, '') : base + path;
}

const mostNames = 500;

/** The names in a list of models; undefined when the text is no such list. */
export function modelNames(text: string): string[] | undefined {
  const value = parseJson(text);
  const rows = Array.isArray(value) ? value : isLoose(value) && (Array.isArray(value.data) || Array.isArray(value.models)) ? listOf(value.data ?? value.models) : undefined;
  if (!rows) return undefined;
  const names = looseOf(rows).flatMap((row) => textOf(row.id) ?? textOf(row.name) ?? textOf(row.model) ?? []).map((name) => name.replace(/^models\//, '').slice(0, 200));
  return [...new Set(names)].slice(0, mostNames);
}

/** Whether a body is an answer of this wire format, with its text; undefined when it is something else. */
export function answerText(dialect: DialectName, text: string): string | undefined {
  const body = parseJson(text);
  if (!isLoose(body)) return undefined;
  const joined = (parts: readonly unknown[]) => parts.filter((part) => typeof part === 'string').join('').trim().slice(0, 200);
  switch (dialect) {
    case 'anthropic-messages': return Array.isArray(body.content) ? joined(looseOf(body.content).map((part) => part.text)) : undefined;
    case 'openai-chat': return Array.isArray(body.choices) ? joined(looseOf(body.choices).map((choice) => (isLoose(choice.message) ? choice.message.content : undefined))) : undefined;
    case 'openai-responses': return Array.isArray(body.output) ? joined(looseOf(body.output).flatMap((item) => looseOf(item.content).map((part) => part.text))) : undefined;
    case 'gemini-generate': return Array.isArray(body.candidates) ? joined(looseOf(body.candidates).flatMap((one) => (isLoose(one.content) ? looseOf(one.content.parts).map((part) => part.text) : []))) : undefined;
  }
}

/** What a vendor says of an error, without anything that looks like a secret. */
export function errorText(text: string, secret: string): string {
  const body = parseJson(text);
  const error = isLoose(body) ? body.error ?? body : undefined;
  const said = (isLoose(error) ? textOf(error.message) ?? textOf(error.detail) : textOf(error)) ?? '';
  return withoutSecret(said.replace(/[^\P{C}]+/gu, ' '), secret).slice(0, 200);
}

function withoutSecret(text: string, secret: string): string {
  const parts = secret.split(':').filter((part) => part.length >= 6);
  const bare = parts.reduce((rest, part) => rest.replaceAll(part, '[secret]'), text);
  return bare.replace(/\b(?:sk|pk|gsk|xai|key|AIza|hf|nvapi)[-_]?[\w*.-]{8,}/g, '[secret]');
}
