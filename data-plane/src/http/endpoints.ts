import type { DialectName } from '@fairlead/shared/snapshot/snapshot.ts';

/** What an endpoint is: its path, whose format it speaks, what it does and whether it costs money. */
export interface Endpoint { path: string; dialect: DialectName; does: 'generate' | 'count' | 'other'; meter: 'required' | 'none' }

/** The catalog. Nothing else in the node looks at a path. */
export const endpoints: readonly Endpoint[] = [
  { path: '/v1/messages', dialect: 'anthropic-messages', does: 'generate', meter: 'required' },
  { path: '/v1/messages/count_tokens', dialect: 'anthropic-messages', does: 'count', meter: 'none' },
  { path: '/v1/chat/completions', dialect: 'openai-chat', does: 'generate', meter: 'required' },
  { path: '/v1/responses', dialect: 'openai-responses', does: 'generate', meter: 'required' },
  { path: '/v1/responses/input_tokens', dialect: 'openai-responses', does: 'count', meter: 'none' },
];

/** The calls of Gemini's `models/{model}:{call}` paths. */
const geminiCalls: Record<string, { does: Endpoint['does']; meter: Endpoint['meter']; stream: boolean }> = {
  generateContent: { does: 'generate', meter: 'required', stream: false },
  streamGenerateContent: { does: 'generate', meter: 'required', stream: true },
  countTokens: { does: 'count', meter: 'none', stream: false },
};

const byPath = new Map(endpoints.map((endpoint) => [endpoint.path, endpoint]));

/** A path of this node resolved: the endpoint, and for Gemini what the path says. */
export interface ResolvedEndpoint extends Endpoint { pathModel?: string; pathStream?: boolean; version?: string }

/** The endpoint of a POST path; undefined when there is none. genai's SDK uses `/v1`, its CLIs `/v1beta`. */
export function resolveEndpoint(path: string): ResolvedEndpoint | undefined {
  const plain = byPath.get(path);
  if (plain) return plain;
  const gemini = /^\/(v1|v1beta)\/models\/([^/:]+):([A-Za-z]+)$/.exec(path);
  const call = gemini && geminiCalls[gemini[3] ?? ''];
  if (!gemini || !call) return undefined;
  let model: string;
  try { model = decodeURIComponent(gemini[2] ?? ''); } catch { return undefined; }
  return { path, dialect: 'gemini-generate', does: call.does, meter: call.meter, pathModel: model, pathStream: call.stream, version: gemini[1] ?? 'v1beta' };
}
