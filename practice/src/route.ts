// Pure. From a request's line to what it asks for.
import type { IncomingHttpHeaders } from 'node:http';
import { anthropicMessages } from './anthropic/index.ts';
import type { Dialect } from './dialect.ts';
import { geminiGenerate } from './gemini/index.ts';
import { openAiChat } from './openai-chat/index.ts';
import { openAiResponses } from './openai-responses/index.ts';

/** What a request asks for. */
export type Route = {
  readonly dialect: Dialect;
  readonly operation: 'generate' | 'count' | 'models';
  readonly model: string | undefined;
  readonly stream: boolean;
  /** Set where a stream is one JSON list rather than events. */
  readonly asList: boolean;
};

const plain = { model: undefined, stream: false, asList: false };
const POSTS: Readonly<Record<string, Route>> = {
  '/v1/messages': { dialect: anthropicMessages(false), operation: 'generate', ...plain },
  '/v1/messages/count_tokens': { dialect: anthropicMessages(true), operation: 'count', ...plain },
  '/v1/chat/completions': { dialect: openAiChat, operation: 'generate', ...plain },
  '/v1/responses': { dialect: openAiResponses, operation: 'generate', ...plain },
  '/v1/responses/input_tokens': { dialect: openAiResponses, operation: 'count', ...plain },
};
const GEMINI_PATH = /^\/v1(?:beta)?\/models\/([A-Za-z0-9._-]+):(generateContent|streamGenerateContent|countTokens)$/;
const gemini = geminiGenerate(false);
const geminiCounting = geminiGenerate(true);

/** The route of a request; undefined when there is none. */
export function routeOf(method: string, url: URL, headers: IncomingHttpHeaders): Route | undefined {
  if (method === 'GET') return modelsRoute(url, headers);
  if (method !== 'POST') return undefined;
  const known = POSTS[url.pathname];
  if (known) return known;
  const match = GEMINI_PATH.exec(url.pathname);
  if (!match) return undefined;
  const stream = match[2] === 'streamGenerateContent';
  return {
    dialect: match[2] === 'countTokens' ? geminiCounting : gemini,
    operation: match[2] === 'countTokens' ? 'count' : 'generate',
    model: match[1],
    stream,
    asList: stream && url.searchParams.get('alt') !== 'sse',
  };
}

/** One path serves the lists of several dialects: the headers tell whose it is. */
function modelsRoute(url: URL, headers: IncomingHttpHeaders): Route | undefined {
  const models = (dialect: Dialect): Route => ({ dialect, operation: 'models', ...plain });
  if (url.pathname === '/v1beta/models') return models(gemini);
  if (url.pathname !== '/v1/models') return undefined;
  if (headers['anthropic-version'] !== undefined) return models(anthropicMessages(false));
  return headers['x-goog-api-key'] !== undefined || url.searchParams.has('key') ? models(gemini) : models(openAiChat);
}
