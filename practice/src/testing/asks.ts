// Bodies with one user text for each dialect, for tests only.
import type { DialectName } from '@fairlead/shared/wire/dialect-name.ts';

/** A request that one text makes in one dialect. */
export type Asked = { readonly path: string; readonly body: Record<string, unknown> };

const SCHEMA = { type: 'object', properties: { command: { type: 'string' } }, required: ['command'] };

/** The request for a text, whole or streamed, with a shell tool offered. */
export function ask(dialect: DialectName, text: string, stream: boolean, model = 'practice-1'): Asked {
  switch (dialect) {
    case 'anthropic-messages':
      return { path: '/v1/messages', body: { model, max_tokens: 4096, stream, messages: [{ role: 'user', content: text }], tools: [{ name: 'Bash', input_schema: SCHEMA }] } };
    case 'openai-chat':
      return {
        path: '/v1/chat/completions',
        body: { model, stream, ...(stream && { stream_options: { include_usage: true } }), messages: [{ role: 'user', content: text }], tools: [{ type: 'function', function: { name: 'shell', parameters: SCHEMA } }] },
      };
    case 'openai-responses':
      return { path: '/v1/responses', body: { model, stream, input: text, tools: [{ type: 'function', name: 'exec_command', parameters: { type: 'object', properties: { cmd: { type: 'string' } } } }] } };
    case 'gemini-generate':
      return {
        path: `/v1beta/models/${model}:${stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`,
        body: { contents: [{ role: 'user', parts: [{ text }] }], tools: [{ functionDeclarations: [{ name: 'run_shell_command', parametersJsonSchema: SCHEMA }] }] },
      };
  }
}
