// Pure. The Responses dialect.
import type { Dialect } from '../dialect.ts';
import { readReply } from './read-reply.ts';
import { readRequest } from './read-request.ts';
import { openReader } from './read-stream.ts';
import { writeReply } from './write-reply.ts';
import { writeRequest } from './write-request.ts';
import { openWriter } from './write-stream.ts';

/** The Responses dialect; its vendor has free tools. */
export const openAiResponses: Dialect = {
  name: 'openai-responses', toolNames: { fits: /^[a-zA-Z0-9_-]+$/, mostLength: 64 }, freeTools: true,
  readRequest, writeRequest, readReply, writeReply, openReader, openWriter,
};
