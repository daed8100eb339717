// Pure. The Chat Completions dialect.
import type { Dialect } from '../dialect.ts';
import { readReply } from './read-reply.ts';
import { readRequest } from './read-request.ts';
import { openReader } from './read-stream.ts';
import { writeReply } from './write-reply.ts';
import { writeRequest } from './write-request.ts';
import { openWriter } from './write-stream.ts';

/** The Chat Completions dialect. */
export const openAiChat: Dialect = { name: 'openai-chat', readRequest, writeRequest, readReply, writeReply, openReader, openWriter };
