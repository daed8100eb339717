// Pure. Turns as this dialect's items.
import type { ResponsesItem, ResponsesPart } from '@fairlead/shared/wire/openai-responses.ts';
import type { FilePart, ImagePart, Part, TextPart, ToolResultPart, Turn } from '../hub/conversation.ts';
import { urlOf } from '../hub/data-url.ts';
import type { LossList } from '../hub/loss.ts';
import { sealFor, type Seal } from '../hub/seal.ts';
import type { Target } from '../hub/target.ts';
import { toldServerTool } from '../hub/told-server-tool.ts';
import { pairTools } from '../hub/tool-pairs.ts';
import { createCallIds } from './call-ids.ts';
import { annotationWord } from './citations.ts';
import type { CallForm } from './tool-words.ts';

type Write = { readonly idOf: (id: string) => string; readonly formOf: (name: string) => CallForm; readonly free: ReadonlySet<string>; readonly target: Target; readonly losses: LossList };

/** The items that turns become; calls are written in the form that their tools are offered in. */
export function itemsOf(turns: readonly Turn[], formOf: (name: string) => CallForm, target: Target, losses: LossList): ResponsesItem[] {
  const paired = pairTools(turns, losses);
  const free = new Set(paired.flatMap((turn) => turn.parts.flatMap((part) => (part.kind === 'tool-call' && formOf(part.name).type === 'custom' ? [part.id] : []))));
  const write: Write = { idOf: createCallIds(), formOf, free, target, losses };
  return paired.flatMap((turn) => (turn.role === 'assistant' ? answerOf(turn.parts, write) : saidOf(turn, write)));
}

function saidOf(turn: Turn, write: Write): ResponsesItem[] {
  const results = turn.parts.flatMap((part) => (part.kind === 'tool-result' ? [resultOf(part, write)] : []));
  const rest = turn.parts.filter((part) => part.kind === 'text' || part.kind === 'image' || part.kind === 'file');
  const content = contentOf(turn.role === 'system' ? rest.filter((part) => part.kind === 'text') : rest, write.losses);
  return [...results, ...(content === '' ? [] : [{ type: 'message', role: turn.role === 'system' ? 'developer' : 'user', content } satisfies ResponsesItem])];
}

function resultOf(result: ToolResultPart, { idOf, free, losses }: Write): ResponsesItem {
  if (result.isError) losses.add('tool-result: error flag');
  return { type: free.has(result.callId) ? 'custom_tool_call_output' : 'function_call_output', call_id: idOf(result.callId), output: contentOf(result.parts, losses) };
}

/** One text as a string, anything more as parts; nothing is an empty string. */
function contentOf(parts: readonly (TextPart | ImagePart | FilePart)[], losses: LossList): string | ResponsesPart[] {
  const [only] = parts;
  if (parts.length === 1 && only?.kind === 'text') return only.text;
  const content = parts.flatMap((part) => inputOf(part, losses));
  return content.length === 0 ? '' : content;
}

function inputOf(part: TextPart | ImagePart | FilePart, losses: LossList): ResponsesPart[] {
  if (part.kind === 'text') return [{ type: 'input_text', text: part.text }];
  const { source } = part;
  if (source.kind === 'id') {
    losses.add('file: of another store');
    return [];
  }
  if (part.kind === 'image') return [{ type: 'input_image', image_url: urlOf(source), detail: part.detail ?? 'auto' }];
  if (source.kind === 'url') return [{ type: 'input_file', file_url: source.url }];
  if (/^image\//.test(source.mediaType)) return [{ type: 'input_image', image_url: urlOf(source), detail: 'auto' }];
  if (/^(?:audio|video)\//.test(source.mediaType)) {
    losses.add('file: this kind');
    return [];
  }
  return [{ type: 'input_file', file_data: urlOf(source), filename: part.name ?? (source.mediaType === 'application/pdf' ? 'document.pdf' : 'document') }];
}

function answerOf(parts: readonly Part[], write: Write): ResponsesItem[] {
  const { idOf, formOf, target, losses } = write;
  const items: ResponsesItem[] = [];
  let said: ResponsesPart[] = [];
  const endMessage = (): void => {
    if (said.length > 0) items.push({ type: 'message', role: 'assistant', content: said });
    said = [];
  };
  const add = (item: ResponsesItem): void => {
    endMessage();
    items.push(item);
  };
  for (const part of parts) {
    switch (part.kind) {
      case 'text':
        said.push(outputOf(part, losses));
        break;
      case 'thinking':
      case 'sealed-thinking': {
        if (part.kind === 'thinking' && !part.seal) losses.add('thinking: unsigned');
        const seal = sealFor(part.seal, 'openai-responses', target, losses);
        if (seal) add(reasoningOf(seal, part.kind === 'thinking' ? part.text : (seal.text ?? '')));
        break;
      }
      case 'tool-call': {
        if (part.seal) losses.add('thinking: sealed by another issuer');
        const { type, ...named } = formOf(part.name);
        add(type === 'custom' ? { type: 'custom_tool_call', call_id: idOf(part.id), ...named, input: part.input } : { type: 'function_call', call_id: idOf(part.id), ...named, arguments: part.input || '{}' });
        break;
      }
      case 'server-tool':
        for (const text of toldServerTool(part, losses)) said.push({ type: 'output_text', text, annotations: [] });
        break;
      case 'image':
        losses.add('assistant: image');
        break;
      case 'file':
        losses.add('assistant: file');
        break;
      case 'tool-result':
        break;
    }
  }
  endMessage();
  // The vendor refuses reasoning that led to nothing.
  while (items.at(-1)?.type === 'reasoning') {
    items.pop();
    losses.add('thinking');
  }
  return items;
}

function reasoningOf({ id, data }: Seal, text: string): ResponsesItem {
  return { type: 'reasoning', ...(id !== undefined && { id }), summary: text === '' ? [] : [{ type: 'summary_text', text }], encrypted_content: data };
}

function outputOf(part: TextPart, losses: LossList): ResponsesPart {
  if (part.refusal) return { type: 'refusal', refusal: part.text };
  return { type: 'output_text', text: part.text, annotations: (part.citations ?? []).flatMap((citation) => annotationWord(citation, part.text.length, losses) ?? []) };
}
