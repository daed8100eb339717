// Pure. Whether a whole answer is one: a 200 with something else inside is no success.
import type { DialectName } from '@fairlead/shared/snapshot/snapshot.ts';
import { isMessagesReply } from '@fairlead/shared/wire/anthropic-messages.ts';
import { isChatReply } from '@fairlead/shared/wire/openai-chat.ts';
import { isResponsesReply } from '@fairlead/shared/wire/openai-responses.ts';

/** Tells whether a body has what every generated answer of its dialect has. */
export function looksLikeAnswer(dialect: DialectName, body: Readonly<Record<string, unknown>>): boolean {
  switch (dialect) {
    case 'anthropic-messages': return isMessagesReply(body);
    case 'openai-chat': return isChatReply(body);
    case 'openai-responses': return isResponsesReply(body) || Array.isArray(body.output);
    case 'gemini-generate': return Array.isArray(body.candidates) || body.promptFeedback !== undefined;
  }
}
