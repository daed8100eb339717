// Pure. The Chat Completions dialect.
import type { Dialect } from '../dialect.ts';
import { readReply } from './read-reply.ts';
import { readRequest } from './read-request.ts';
import { openReader } from './read-stream.ts';
import { writeReply } from './write-reply.ts';
import { writeRequest } from './write-request.ts';
import { openWriter } from './write-stream.ts';

/** The Chat Completions dialect. Its vendor has free tools, but few of the many servers that speak it. */
export const openAiChat: Dialect = {
  name: 'openai-chat', toolNames: { fits: /^[a-zA-Z0-9_-]+$/, mostLength: 64 }, freeTools: false,
  readRequest, writeRequest, readReply, writeReply, openReader, openWriter,
};
