// Pure. What this node packed into earlier answers for a client to carry, taken out before a vendor of the client's own dialect sees it.
import type { DialectName } from '@fairlead/shared/wire/dialect-name.ts';
import { GEMINI_NO_SIGNATURE } from '@fairlead/shared/wire/gemini-generate.ts';
import { isLoose, listOf, textOf, type Loose } from '@fairlead/shared/wire/json.ts';
import { MADE_SERVER_TOOL } from './anthropic-messages/server-tools.ts';
import { SEAL_PREFIX } from './hub/seal.ts';

/** How the ids begin of items that a client of Responses got from an upstream of another dialect. */
export const MADE_ITEM = 'rs_exc_';

/** The marks, one of which a body must hold before it is worth a look inside. */
export const foreignMarks: Readonly<Record<DialectName, readonly string[]>> = {
  // Clients also keep thinking that nobody signed, with an empty signature.
  'anthropic-messages': [SEAL_PREFIX, MADE_SERVER_TOOL, '"signature":""'],
  'openai-chat': [SEAL_PREFIX],
  'openai-responses': [SEAL_PREFIX, MADE_ITEM],
  'gemini-generate': [SEAL_PREFIX],
};

/** The body without them; the very same one when there are none. */
export function withoutForeignSeals(dialect: DialectName, body: Loose): Loose {
  switch (dialect) {
    case 'anthropic-messages': return changed(body, 'messages', (message) => blocksOf(message));
    case 'openai-chat': return changed(body, 'messages', (message) => withoutDetails(message));
    case 'openai-responses': return changed(body, 'input', (item) => (item['type'] === 'reasoning' && (isPacked(item['encrypted_content']) || (textOf(item['id'])?.startsWith(MADE_ITEM) ?? false)) ? undefined : item));
    case 'gemini-generate': return changed(body, 'contents', (content) => changed(content, 'parts', unsigned));
  }
}

function isPacked(value: unknown): boolean {
  return typeof value === 'string' && value.startsWith(SEAL_PREFIX);
}

/** The object with each item of a list changed, or left out where nothing stays of it. */
function changed(holder: Loose, field: string, change: (item: Loose) => Loose | undefined): Loose {
  const list = listOf(holder[field]);
  let touched = false;
  const after = list.flatMap((item): unknown[] => {
    if (!isLoose(item)) return [item];
    const made = change(item);
    touched ||= made !== item;
    return made === undefined ? [] : [made];
  });
  return touched ? { ...holder, [field]: after } : holder;
}

function blocksOf(message: Loose): Loose | undefined {
  const after = changed(message, 'content', (block) => (isForeignBlock(block) ? undefined : block));
  return after !== message && listOf(after['content']).length === 0 ? undefined : after;
}

function isForeignBlock(block: Loose): boolean {
  switch (block['type']) {
    case 'thinking': return block['signature'] === '' || block['signature'] === undefined || isPacked(block['signature']);
    case 'redacted_thinking': return isPacked(block['data']);
    default: return [block['id'], block['tool_use_id']].some((id) => typeof id === 'string' && id.startsWith(MADE_SERVER_TOOL));
  }
}

function withoutDetails(message: Loose): Loose {
  const details = changed(message, 'reasoning_details', (detail) => (isPacked(detail['data']) ? undefined : detail));
  const { reasoning_details: kept, ...rest } = details;
  const plain = details !== message && listOf(kept).length === 0 ? rest : details;
  return changed(plain, 'tool_calls', (call) => {
    const google = isLoose(call['extra_content']) ? call['extra_content']['google'] : undefined;
    if (!isLoose(google) || !isPacked(google['thought_signature'])) return call;
    const { extra_content: _gone, ...bare } = call;
    return bare;
  });
}

function unsigned(part: Loose): Loose {
  const field = 'thoughtSignature' in part ? 'thoughtSignature' : 'thought_signature';
  if (!isPacked(part[field])) return part;
  const { [field]: _gone, ...rest } = part;
  return 'functionCall' in part || 'function_call' in part ? { ...rest, [field]: GEMINI_NO_SIGNATURE } : rest;
}
