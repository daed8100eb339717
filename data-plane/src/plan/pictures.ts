// Pure. Pictures of a request, counted without reading what is written in it: one look at each block.
import type { DialectName } from '@fairlead/shared/snapshot/snapshot.ts';
import { isLoose, listOf, wordOf } from '@fairlead/shared/wire/json.ts';
import type { Loose } from '@fairlead/shared/wire/json.ts';

/** How many pictures there are, and how many bytes of the body they take. */
export interface Pictures { count: number; bytes: number }

/** The pictures anywhere in a conversation: what was sent once is sent with every later turn. */
export function picturesIn(dialect: DialectName, json: Loose): Pictures {
  const found: Pictures = { count: 0, bytes: 0 };
  const list = dialect === 'gemini-generate' ? json.contents : dialect === 'openai-responses' ? json.input : json.messages;
  for (const entry of listOf(list)) {
    if (!isLoose(entry)) continue;
    const blocks = dialect === 'gemini-generate' ? entry.parts : (entry.content ?? entry.output);
    if (Array.isArray(blocks)) for (const block of blocks) look(block, found, 0);
  }
  return found;
}

function look(block: unknown, found: Pictures, depth: number): void {
  if (!isLoose(block)) return;
  switch (block.type) {
    case 'image': return add(found, isLoose(block.source) ? block.source.data : undefined);
    case 'image_url': return add(found, isLoose(block.image_url) ? block.image_url.url : block.image_url);
    case 'input_image': return add(found, block.image_url);
    case 'tool_result':
      if (depth === 0 && Array.isArray(block.content)) for (const inner of block.content) look(inner, found, 1);
      return;
    case undefined: {
      const data = block.inlineData ?? block.inline_data;
      if (isLoose(data) && wordOf(data.mimeType ?? data.mime_type).startsWith('image/')) add(found, data.data);
      const response = block.functionResponse ?? block.function_response;
      if (depth === 0 && isLoose(response)) for (const inner of listOf(response.parts)) look(inner, found, 1);
    }
  }
}

function add(found: Pictures, data: unknown): void {
  found.count += 1;
  if (typeof data === 'string') found.bytes += data.length;
}
