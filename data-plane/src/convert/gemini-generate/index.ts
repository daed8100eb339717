// Pure. The generateContent dialect.
import type { Dialect } from '../dialect.ts';
import { brokenReply, readReply } from './read-reply.ts';
import { readRequest } from './read-request.ts';
import { openReader } from './read-stream.ts';
import { writeReply } from './write-reply.ts';
import { writeRequest } from './write-request.ts';
import { openWriter } from './write-stream.ts';

/** The generateContent dialect. */
export const geminiGenerate: Dialect = {
  name: 'gemini-generate', toolNames: { fits: /^[a-zA-Z_][a-zA-Z0-9_.-]*$/, mostLength: 64 }, freeTools: false,
  readRequest, writeRequest, readReply, brokenReply, writeReply, openReader, openWriter,
};
