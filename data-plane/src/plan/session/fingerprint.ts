// Pure but for the digest. Names a conversation by how it begins, so that its next turn is known again
// without any id: a provider's prompt cache works on the same beginnings.
import { createHash } from 'node:crypto';
import type { DialectName } from '@fairlead/shared/snapshot/snapshot.ts';
import { isLoose, listOf, wordOf } from '@fairlead/shared/wire/json.ts';
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
  let said: string[] = [];
  for (let at = 0; at < messages.length; at++) {
    write(messages[at], 0, said);
    said.push(''); // ends a message, and keeps the bytes the same however many messages are hashed at once
    if (at < first) continue;
    hash.update(`${said.join('\n')}\n`);
    said = [];
    names.push(hash.copy().digest('base64url').slice(0, 27));
  }
  return names.reverse();
}

/** A name for the whole of a conversation: its first message of a user, which every turn carries. Two that begin with the same words are taken for one. */
export function beginningOf(dialect: DialectName, json: Loose): string {
  const messages = listOf(dialect === 'gemini-generate' ? json.contents : dialect === 'openai-responses' ? json.input : json.messages);
  const said: string[] = [];
  write(messages.find((message) => isLoose(message) && message.role === 'user') ?? messages[0] ?? json.input, 0, said);
  return createHash('sha256').update(said.join('\n')).digest('base64url').slice(0, 27);
}

function opening(dialect: DialectName, json: Loose): string {
  const system = dialect === 'gemini-generate' ? (json.systemInstruction ?? json.system_instruction) : dialect === 'openai-responses' ? json.instructions : json.system;
  const said: string[] = [];
  write(Array.isArray(system) ? system.filter((block) => !isBillingLine(block)) : system, 0, said);
  // Tools by name and size: their schemas are the larger part of many bodies.
  for (const tool of listOf(json.tools)) {
    if (!isLoose(tool)) continue;
    const named = isLoose(tool.function) ? tool.function : tool;
    said.push(wordOf(named.name ?? tool.type ?? ''), String(typeof named.description === 'string' ? named.description.length : 0));
    for (const declared of listOf(tool.functionDeclarations)) if (isLoose(declared)) said.push(wordOf(declared.name));
  }
  return said.join('\n');
}

/** Claude Code's first system block names its version and a hash of the first prompt; it changes with updates. */
function isBillingLine(block: unknown): boolean {
  return isLoose(block) && typeof block.text === 'string' && block.text.startsWith('x-anthropic-billing-header');
}

/** One growing list of texts: joining it once costs half of what strings built on strings do. */
function write(value: unknown, depth: number, said: string[]): void {
  if (typeof value === 'string') {
    if (value.length <= wholeTextMost) said.push(value);
    else said.push(String(value.length), value.slice(0, endsLength), value.slice(-endsLength));
  } else if (typeof value !== 'object' || value === null) {
    said.push(String(value));
  } else if (depth > 12) {
    said.push('…');
  } else if (Array.isArray(value)) {
    for (const item of value) write(item, depth + 1, said);
  } else if (isLoose(value)) {
    for (const name in value) {
      if (volatile.has(name)) continue;
      said.push(name);
      write(value[name], depth + 1, said);
    }
  }
}
