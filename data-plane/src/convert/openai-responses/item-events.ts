// Pure. The events of one block: a part of a message, or an item of its own.
import type { ResponsesEvent, ResponsesItem, ResponsesPart } from '@fairlead/shared/wire/openai-responses.ts';
import type { Citation } from '../hub/citation.ts';
import type { BlockKind, ReplyEvent } from '../hub/events.ts';
import type { LossList } from '../hub/loss.ts';
import { packSeal, type Seal } from '../hub/seal.ts';
import { sealedContent } from './sealed-content.ts';
import { serverToolItem } from './server-tools.ts';
import { openRefusal, openText } from './text-events.ts';
import type { CallForm } from './tool-words.ts';

/** Writes the events of one block as they come. */
export type BlockWriter = { push(event: ReplyEvent): ResponsesEvent[] };

type OfItem = { readonly item_id: string; readonly output_index: number };

/** Where a block goes: the reply gives it a place when it has something to say. */
export type Place = {
  item(prefix: string, opening: (id: string) => ResponsesItem): { readonly where: OfItem; readonly events: ResponsesEvent[] };
  done(item: ResponsesItem, at: number): ResponsesEvent[];
  part(): { readonly where: OfItem & { readonly content_index: number }; readonly events: ResponsesEvent[]; keep(part: ResponsesPart): void };
};

/** Opens the writer of a block of this kind. */
export function openBlock(kind: BlockKind, place: Place, formOf: (name: string) => CallForm, losses: LossList): BlockWriter {
  switch (kind.kind) {
    case 'text':
      return kind.refusal ? openRefusal(place) : openText(place, losses);
    case 'thinking':
      return openThinking(place);
    case 'sealed-thinking':
      return { push: (event) => (event.kind === 'block-start' ? reasoning(place, packSeal(kind.seal)) : []) };
    case 'tool-call':
      return openCall(kind, place, formOf(kind.name));
    case 'server-tool':
      return openServerTool(kind, place);
  }
}

/** An item of reasoning that only carries a seal. */
function reasoning(place: Place, sealed: string): ResponsesEvent[] {
  const { where, events } = place.item('rs', (id) => ({ type: 'reasoning', id, summary: [] }));
  return [...events, ...place.done({ type: 'reasoning', id: where.item_id, summary: [], encrypted_content: sealed }, where.output_index)];
}

/** Thinking is told as a summary, which is what clients show; without words or a seal it leaves no trace. */
function openThinking(place: Place): BlockWriter {
  let open: OfItem | undefined;
  let text = '';
  let seal: Seal | undefined;
  return {
    push(event) {
      if (event.kind === 'seal') seal = event.seal;
      if (event.kind === 'block-delta') {
        const events: ResponsesEvent[] = [];
        if (!open) {
          const item = place.item('rs', (id) => ({ type: 'reasoning', id, summary: [] }));
          open = item.where;
          events.push(...item.events, { type: 'response.reasoning_summary_part.added', ...open, summary_index: 0, part: { type: 'summary_text', text: '' } });
        }
        text += event.text;
        return [...events, { type: 'response.reasoning_summary_text.delta', ...open, summary_index: 0, delta: event.text }];
      }
      if (event.kind !== 'block-end') return [];
      // That nothing was told of a thought is not the same as a thought that nobody may see: its issuer wants each back in its own form.
      if (!open) return seal ? reasoning(place, packSeal({ ...seal, text: seal.text ?? '' })) : [];
      const part: ResponsesPart = { type: 'summary_text', text };
      const item: ResponsesItem = { type: 'reasoning', id: open.item_id, summary: [part], encrypted_content: sealedContent(seal) };
      return [{ type: 'response.reasoning_summary_text.done', ...open, summary_index: 0, text }, { type: 'response.reasoning_summary_part.done', ...open, summary_index: 0, part }, ...place.done(item, open.output_index)];
    },
  };
}

function openCall(call: Extract<BlockKind, { kind: 'tool-call' }>, place: Place, { type, ...named }: CallForm): BlockWriter {
  let open: OfItem = { item_id: '', output_index: 0 };
  let input = '';
  const itemOf = (id: string, text: string, status: string): ResponsesItem =>
    type === 'custom' ? { type: 'custom_tool_call', id, status, call_id: call.id, ...named, input: text } : { type: 'function_call', id, status, call_id: call.id, ...named, arguments: text };
  const more = (text: string): ResponsesEvent => {
    input += text;
    return { type: type === 'custom' ? 'response.custom_tool_call_input.delta' : 'response.function_call_arguments.delta', ...open, delta: text };
  };
  return {
    push(event) {
      switch (event.kind) {
        case 'block-start': {
          // This dialect seals no calls: what another sealed travels before it as reasoning that nobody can read.
          const sealed = call.seal ? reasoning(place, packSeal({ ...call.seal, callId: call.id })) : [];
          const item = place.item(type === 'custom' ? 'ctc' : 'fc', (id) => itemOf(id, '', 'in_progress'));
          open = item.where;
          return [...sealed, ...item.events];
        }
        case 'block-delta':
          return [more(event.text)];
        case 'block-end': {
          // Clients parse the arguments as JSON, and nothing is no JSON.
          const empty = input === '' && type === 'function' ? [more('{}')] : [];
          const over: ResponsesEvent = type === 'custom' ? { type: 'response.custom_tool_call_input.done', ...open, input } : { type: 'response.function_call_arguments.done', ...open, name: named.name, arguments: input };
          return [...empty, over, ...place.done(itemOf(open.item_id, input, 'completed'), open.output_index)];
        }
        default:
          return [];
      }
    },
  };
}

function openServerTool(block: Extract<BlockKind, { kind: 'server-tool' }>, place: Place): BlockWriter {
  const runs = block.tool === 'code-execution';
  let open: OfItem = { item_id: '', output_index: 0 };
  let input = '';
  let found: readonly Citation[] = [];
  let output: string | undefined;
  const itemOf = (id: string) => serverToolItem({ ...block, input, found, output }, id);
  return {
    push(event) {
      switch (event.kind) {
        case 'block-start': {
          const item = place.item(runs ? 'ci' : 'ws', (id) => ({ ...itemOf(id), status: 'in_progress' }));
          open = item.where;
          return [...item.events, ...(runs ? [] : [{ type: 'response.web_search_call.in_progress' as const, ...open }, { type: 'response.web_search_call.searching' as const, ...open }])];
        }
        case 'block-delta':
          input += event.text;
          return [];
        case 'found':
          found = event.found;
          output = event.output;
          return [];
        case 'block-end': {
          const item = itemOf(open.item_id);
          const over: ResponsesEvent[] = item.type === 'web_search_call' ? [{ type: 'response.web_search_call.completed', ...open }] : [
            { type: 'response.code_interpreter_call.in_progress', ...open },
            { type: 'response.code_interpreter_call_code.delta', ...open, delta: item.code },
            { type: 'response.code_interpreter_call_code.done', ...open, code: item.code },
            { type: 'response.code_interpreter_call.interpreting', ...open },
            { type: 'response.code_interpreter_call.completed', ...open },
          ];
          return [...over, ...place.done(item, open.output_index)];
        }
        default:
          return [];
      }
    },
  };
}
