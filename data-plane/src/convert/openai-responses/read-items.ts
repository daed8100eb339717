// Pure. The items of a Responses request as turns.
import { looseOf, textOf, type Loose } from '@fairlead/shared/wire/json.ts';
import { BadRequest, optionalTextAt, textAt } from '../hub/bad-request.ts';
import type { Part, Turn } from '../hub/conversation.ts';
import { createPairCheck, type PairCheck } from '../hub/tool-pairs.ts';
import { partsOf } from './read-parts.ts';
import type { OfferedTools } from './read-tools.ts';
import { sentSeal } from './sealed-content.ts';
import { serverToolPartOf } from './server-tools.ts';

/** What only this vendor and its clients make and understand. */
const OWN_ITEMS: ReadonlySet<string> = new Set([
  'file_search_call', 'image_generation_call', 'local_shell_call', 'local_shell_call_output', 'shell_call', 'shell_call_output', 'apply_patch_call', 'apply_patch_call_output', 'computer_call', 'computer_call_output',
  'tool_search_call', 'tool_search_output', 'mcp_call', 'mcp_list_tools', 'mcp_approval_request', 'mcp_approval_response', 'compaction', 'context_compaction', 'compaction_trigger', 'ghost_snapshot',
]);

/** The turns of a conversation, and the kinds of items that were left out of it. */
export type ReadItems = { readonly turns: readonly Turn[]; readonly left: readonly string[] };

/** Reads items in order. What the model said and did without a break is one turn, and so are results that come together. */
export function readItems(items: readonly { readonly item: Loose; readonly path: string }[], tools: OfferedTools): ReadItems {
  const pairs = createPairCheck();
  const turns: { role: Turn['role']; parts: Part[]; results: boolean }[] = [];
  const left: string[] = [];
  const say = (role: Turn['role'], parts: readonly Part[], results = false): void => {
    if (parts.length === 0) return;
    const last = turns.at(-1);
    if (last?.role === role && ((role === 'assistant') || (results && last.results))) last.parts.push(...parts);
    else turns.push({ role, parts: [...parts], results });
  };
  for (const { item, path } of items) {
    const type = item['type'] === undefined && item['role'] !== undefined ? 'message' : textAt(item['type'], `${path}.type`);
    switch (type) {
      case 'message':
        say(roleOf(item['role'], `${path}.role`), partsOf(item['content'], `${path}.content`));
        break;
      case 'agent_message':
        say('user', partsOf(item['content'], `${path}.content`));
        break;
      case 'function_call':
      case 'custom_tool_call':
        say('assistant', [callOf(item, path, pairs, tools)]);
        break;
      case 'function_call_output':
      case 'custom_tool_call_output': {
        const callId = textAt(item['call_id'], `${path}.call_id`);
        pairs.result(callId, `${path}.call_id`);
        say('user', [{ kind: 'tool-result', callId, parts: partsOf(item['output'], `${path}.output`), isError: false }], true);
        break;
      }
      case 'reasoning':
        say('assistant', thinkingOf(item, path));
        break;
      case 'web_search_call':
      case 'code_interpreter_call':
        say('assistant', [serverToolPartOf(item) ?? []].flat());
        break;
      case 'additional_tools':
        break;
      case 'item_reference':
        throw new BadRequest(path, 'refers to an item that is kept at another vendor; send the item itself, as libraries do with store: false');
      default:
        if (!OWN_ITEMS.has(type)) throw new BadRequest(`${path}.type`, `"${type.slice(0, 60)}" is not a kind of item that can be carried to another vendor`);
        left.push(type);
    }
  }
  return { turns: turns.map(({ role, parts }) => ({ role, parts })), left };
}

function roleOf(role: unknown, path: string): Turn['role'] {
  if (role === 'user' || role === 'assistant') return role;
  if (role === 'system' || role === 'developer') return 'system';
  throw new BadRequest(path, 'must be "user", "assistant", "system" or "developer"');
}

function callOf(item: Loose, path: string, pairs: PairCheck, tools: OfferedTools): Part {
  const id = textAt(item['call_id'], `${path}.call_id`);
  pairs.call(id, `${path}.call_id`);
  const name = tools.nameOf(textAt(item['name'], `${path}.name`), optionalTextAt(item['namespace'], `${path}.namespace`));
  if (item['type'] === 'function_call') return { kind: 'tool-call', id, name, input: textAt(item['arguments'], `${path}.arguments`) || '{}' };
  const input = textAt(item['input'], `${path}.input`);
  // Codex compacts a conversation without offering its tools: then nobody knows any more that this one takes free text.
  return { kind: 'tool-call', id, name, input: tools.isFree(name) ? input : JSON.stringify({ input }) };
}

function thinkingOf(item: Loose, path: string): Part[] {
  const textsOf = (list: unknown): string[] => looseOf(list).flatMap((part) => textOf(part['text']) ?? []);
  const text = textsOf(item['summary']).join('\n\n') || textsOf(item['content']).join('');
  const seal = sentSeal(optionalTextAt(item['encrypted_content'], `${path}.encrypted_content`) ?? '', textOf(item['id']));
  if (!seal) return text === '' ? [] : [{ kind: 'thinking', text }];
  return [text === '' ? { kind: 'sealed-thinking', seal } : { kind: 'thinking', text, seal }];
}
