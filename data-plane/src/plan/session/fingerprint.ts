// Pure but for the digest. Names a conversation by how it begins, so that its next turn is known again
// without any id: a provider's prompt cache works on the same beginnings.
import { createHash } from 'node:crypto';
import type { DialectName } from '@fairlead/shared/snapshot/snapshot.ts';
import { isLoose, listOf } from '@fairlead/shared/wire/json.ts';
import type { Loose } from '@fairlead/shared/wire/json.ts';

/** How many of a conversation's last boundaries are named: a turn adds an answer and several results. */
const boundariesKept = 8;
/** A name nominates and proves nothing, so of a long text its size and both ends are enough. */
const wholeTextMost = 2_048;
const endsLength = 512;

// What changes between turns although the conversation does not.
const volatile = new Set(['cache_control', 'signature', 'thoughtSignature', 'thought_signature', 'id', 'tool_use_id', 'tool_call_id', 'call_id', 'encrypted_content', 'output_config', 'metadata', 'status', 'internal_chat_message_metadata_passthrough']);

/** The names of a conversation's beginnings, the longest first; empty when there is no message. System and tools alone are no name: every session of a client shares them. */
export function fingerprintsOf(scope: string, dialect: DialectName, json: Loose): string[] {
  const messages = listOf(dialect === 'gemini-generate' ? json.contents : dialect === 'openai-responses' ? json.input : json.messages);
  if (messages.length === 0) return [];
  const hash = createHash('sha256').update(`${scope}\n${dialect}\n`).update(opening(dialect, json));
  const first = Math.max(0, messages.length - boundariesKept);
  const names: string[] = [];
  let text = '';
  for (let at = 0; at < messages.length; at++) {
    text += `\n${textOf(messages[at], 0)}`;
    if (at < first) continue;
    hash.update(text);
    text = '';
    names.push(hash.copy().digest('base64url').slice(0, 27));
  }
  return names.reverse();
}

function opening(dialect: DialectName, json: Loose): string {
  const system = dialect === 'gemini-generate' ? (json.systemInstruction ?? json.system_instruction) : dialect === 'openai-responses' ? json.instructions : json.system;
  let text = Array.isArray(system) ? system.filter((block) => !isBillingLine(block)).map((block) => textOf(block, 0)).join() : textOf(system, 0);
  // Tools by name and size: their schemas are the larger part of many bodies.
  for (const tool of listOf(json.tools)) {
    if (!isLoose(tool)) continue;
    const named = isLoose(tool.function) ? tool.function : tool;
    text += `\n${String(named.name ?? tool.type ?? '')} ${typeof named.description === 'string' ? named.description.length : 0}`;
    for (const declared of listOf(tool.functionDeclarations)) if (isLoose(declared)) text += ` ${String(declared.name)}`;
  }
  return text;
}

/** Claude Code's first system block names its version and a hash of the first prompt; it changes with updates. */
function isBillingLine(block: unknown): boolean {
  return isLoose(block) && typeof block.text === 'string' && block.text.startsWith('x-anthropic-billing-header');
}

function textOf(value: unknown, depth: number): string {
  if (typeof value === 'string') return value.length <= wholeTextMost ? value : `${value.length}${value.slice(0, endsLength)}${value.slice(-endsLength)}`;
  if (typeof value !== 'object' || value === null) return value === undefined ? '' : String(value);
  if (depth > 12) return '…';
  let text = '';
  if (Array.isArray(value)) {
    for (const item of value) text += `,${textOf(item, depth + 1)}`;
    return text;
  }
  for (const [name, inner] of Object.entries(value)) if (!volatile.has(name)) text += `;${name}:${textOf(inner, depth + 1)}`;
  return text;
}
