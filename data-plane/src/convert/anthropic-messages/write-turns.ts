// Pure. Turns as this dialect's messages.
import type { BlockSource, ContentBlock, ImageBlock, MessagesMessage } from '@fairlead/shared/wire/anthropic-messages.ts';
import { textOfBase64 } from '../hub/base64.ts';
import type { Part, Source, Turn } from '../hub/conversation.ts';
import type { LossList } from '../hub/loss.ts';
import { sealFor } from '../hub/seal.ts';
import type { Target } from '../hub/target.ts';
import { pairTools } from '../hub/tool-pairs.ts';
import { toldServerTool } from '../hub/told-server-tool.ts';
import { markWord } from './cache-marks.ts';
import { createToolIds, type ToolIds } from './tool-ids.ts';
import { inputOf } from './write-reply.ts';

type Write = { readonly ids: ToolIds; readonly target: Target; readonly losses: LossList };

/** Turns with neighbours of one side joined, as this vendor wants them to alternate. */
export function messagesOf(turns: readonly Turn[], target: Target, losses: LossList): MessagesMessage[] {
  const write: Write = { ids: createToolIds(), target, losses };
  const joined: { role: 'user' | 'assistant'; content: ContentBlock[] }[] = [];
  for (const turn of pairTools(turns, losses)) {
    // Not every model takes system turns between the others; as the user's words every one does.
    const role = turn.role === 'assistant' ? 'assistant' : 'user';
    if (turn.role === 'system') losses.add('system turn: as user text');
    const content = turn.parts.flatMap((part) => blocksOf(part, turn.role, write));
    const last = joined.at(-1);
    if (content.length === 0) continue;
    if (last?.role === role) last.content.push(...content);
    else joined.push({ role, content });
  }
  return joined;
}

function blocksOf(part: Part, role: Turn['role'], write: Write): ContentBlock[] {
  const { ids, target, losses } = write;
  switch (part.kind) {
    case 'text':
      if (part.citations && part.citations.length > 0) losses.add('citation');
      return part.text === '' ? [] : [{ type: 'text', text: role === 'system' ? `<system-reminder>\n${part.text}\n</system-reminder>` : part.text, ...markWord(part) }];
    case 'image':
      if (role === 'assistant') return lost('assistant: image', losses);
      if (part.source.kind === 'id') return lost('file: of another store', losses);
      if (part.detail !== undefined && part.detail !== 'auto') losses.add('image: how closely');
      return [{ type: 'image', source: sourceOf(part.source), ...markWord(part) }];
    case 'file':
      if (role === 'assistant') return lost('assistant: file', losses);
      if (part.source.kind === 'id') return lost('file: of another store', losses);
      return documentOf(part.source, part.name, losses).map((block) => ({ ...block, ...markWord(part) }));
    case 'tool-call':
      if (part.seal) losses.add('thinking: sealed by another issuer');
      return [{ type: 'tool_use', id: ids.give(part.id), name: part.name, input: inputOf(part.input, losses), ...markWord(part) }];
    case 'tool-result': {
      const content = part.parts.flatMap((inner) => blocksOf(inner, 'user', write));
      return [{ type: 'tool_result', tool_use_id: ids.of(part.callId), ...(content.length > 0 && { content }), ...(part.isError && { is_error: true }), ...markWord(part) }];
    }
    case 'thinking': {
      // The vendor refuses thinking that it did not sign.
      if (!part.seal) losses.add('thinking: unsigned');
      const seal = sealFor(part.seal, 'anthropic-messages', target, losses);
      return seal ? [{ type: 'thinking', thinking: seal.text ?? part.text, signature: seal.data }] : [];
    }
    case 'sealed-thinking': {
      const seal = sealFor(part.seal, 'anthropic-messages', target, losses);
      if (!seal) return [];
      return seal.text === undefined ? [{ type: 'redacted_thinking', data: seal.data }] : [{ type: 'thinking', thinking: seal.text, signature: seal.data }];
    }
    case 'server-tool':
      return toldServerTool(part, losses).map((text) => ({ type: 'text', text }));
  }
}

function lost(name: Parameters<LossList['add']>[0], losses: LossList): [] {
  losses.add(name);
  return [];
}

/** PDFs and plain text are what this vendor reads. */
function documentOf(source: Source, name: string | undefined, losses: LossList): ContentBlock[] {
  const title = name === undefined ? {} : { title: name };
  if (source.kind === 'url') {
    if (source.mediaType?.startsWith('image/')) return [{ type: 'image', source: sourceOf(source) }];
    // Only PDFs are fetched; the rest the model is told of.
    if (source.mediaType === undefined || source.mediaType === 'application/pdf') return [{ type: 'document', source: sourceOf(source), ...title }];
    losses.add('file: by address');
    return [{ type: 'text', text: `(${name ?? 'A file'} is at ${source.url})` }];
  }
  if (source.kind === 'data' && source.mediaType === 'application/pdf') return [{ type: 'document', source: sourceOf(source), ...title }];
  if (source.kind === 'data' && source.mediaType.startsWith('image/')) return [{ type: 'image', source: sourceOf(source) }];
  const text = source.kind === 'data' && source.mediaType.startsWith('text/') ? textOfBase64(source.data) : undefined;
  return text === undefined ? lost('file: this kind', losses) : [{ type: 'document', source: { type: 'text', media_type: 'text/plain', data: text }, ...title }];
}

function sourceOf(source: Source): ImageBlock['source'] & BlockSource {
  if (source.kind === 'data') return { type: 'base64', media_type: source.mediaType, data: source.data };
  return source.kind === 'url' ? { type: 'url', url: source.url } : { type: 'file', file_id: source.id };
}
