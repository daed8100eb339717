// Pure. What a wire format gives so that requests and answers can be carried to and from it.
import type { DialectName } from '@fairlead/shared/wire/dialect-name.ts';
import type { Loose } from '@fairlead/shared/wire/json.ts';
import { anthropicMessages } from './anthropic-messages/index.ts';
import type { Conversation } from './hub/conversation.ts';
import type { StreamFacts, StreamReader, StreamWriter } from './hub/events.ts';
import type { Written } from './hub/loss.ts';
import type { Reply } from './hub/reply.ts';
import type { Target } from './hub/target.ts';
import { openAiChat } from './openai-chat/index.ts';

/** A wire format that can be converted. */
export type Dialect = {
  readonly name: DialectName;
  readRequest(body: Loose): Conversation;
  writeRequest(conversation: Conversation, target: Target): Written<Loose>;
  readReply(body: Loose): Reply;
  writeReply(reply: Reply, facts: StreamFacts): Written<Loose>;
  openReader(): StreamReader;
  openWriter(facts: StreamFacts): StreamWriter;
};

const dialects: Readonly<Partial<Record<DialectName, Dialect>>> = { 'anthropic-messages': anthropicMessages, 'openai-chat': openAiChat };

/** The dialect of a name; undefined where it is only passed through and metered. */
export function dialectOf(name: DialectName): Dialect | undefined {
  return dialects[name];
}
