// Pure. What is sent to a client that waits for its first content, so that it does not hang up.
import type { DialectName } from '@fairlead/shared/snapshot/snapshot.ts';
import { encodeSseFrame } from '@fairlead/shared/wire/sse.ts';

const encoder = new TextEncoder();
const blankLine = encoder.encode('\n');
const comment = encoder.encode(': the upstream has not answered yet\n\n');
const ping = encodeSseFrame({ event: 'ping', data: '{"type":"ping"}' });

/**
 * Bytes that a dialect's clients bear before anything else has come. Anthropic has an event for it; Chat clients
 * skip comments, as OpenRouter and DeepSeek send them; Gemini CLI breaks on a comment and OpenAI's SDK on an event
 * before `response.created`, and both skip an empty line.
 */
export function keepAlive(dialect: DialectName): Uint8Array {
  switch (dialect) {
    case 'anthropic-messages': return ping;
    case 'openai-chat': return comment;
    case 'openai-responses': case 'gemini-generate': return blankLine;
  }
}
