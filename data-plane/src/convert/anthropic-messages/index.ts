// Pure. The Messages dialect.
import type { Dialect } from '../dialect.ts';
import { readReply } from './read-reply.ts';
import { readRequest } from './read-request.ts';
import { openReader } from './read-stream.ts';
import { writeReply } from './write-reply.ts';
import { writeRequest } from './write-request.ts';
import { openWriter } from './write-stream.ts';

/** The Messages dialect. */
export const anthropicMessages: Dialect = {
  name: 'anthropic-messages', toolNames: { fits: /^[a-zA-Z0-9_-]+$/, mostLength: 128 }, freeTools: false,
  readRequest, writeRequest, readReply, writeReply, openReader, openWriter,
};
