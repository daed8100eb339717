// Pure. What a wire format gives so that requests and answers can be carried to and from it.
import type { DialectName } from '@fairlead/shared/wire/dialect-name.ts';
import type { Loose } from '@fairlead/shared/wire/json.ts';
import { anthropicMessages } from './anthropic-messages/index.ts';
import { geminiGenerate } from './gemini-generate/index.ts';
import type { Conversation } from './hub/conversation.ts';
import type { ReplyFacts, ReplySource, StreamReader, StreamWriter } from './hub/events.ts';
import type { Written } from './hub/loss.ts';
import type { Reply } from './hub/reply.ts';
import type { Target } from './hub/target.ts';
import type { NameRule } from './hub/tool-names.ts';
import { openAiChat } from './openai-chat/index.ts';
import { openAiResponses } from './openai-responses/index.ts';

/** What some dialects say in the path instead of the body. */
export type Addressed = { readonly model: string; readonly stream: boolean };

/** A wire format that can be converted. */
export type Dialect = {
  readonly name: DialectName;
  /** What it allows in the name of a tool. */
  readonly toolNames: NameRule;
  /** Whether it has tools that take free text. */
  readonly freeTools: boolean;
  /** Throws a BadRequest with the place that is wrong. */
  readRequest(body: Loose, addressed: Addressed): Conversation;
  writeRequest(conversation: Conversation, target: Target): Written<Loose>;
  readReply(body: Loose, source: ReplySource): Reply;
  /** Why a whole answer is none though it looks like one; undefined when it is. Absent where a dialect has no such answers. */
  brokenReply?(body: Loose): string | undefined;
  writeReply(reply: Reply, facts: ReplyFacts): Written<Loose>;
  openReader(source: ReplySource): StreamReader;
  openWriter(facts: ReplyFacts): StreamWriter;
};

const dialects: Readonly<Record<DialectName, Dialect>> = { 'anthropic-messages': anthropicMessages, 'openai-chat': openAiChat, 'openai-responses': openAiResponses, 'gemini-generate': geminiGenerate };

/** The dialect of a name. */
export function dialectOf(name: DialectName): Dialect {
  return dialects[name];
}
