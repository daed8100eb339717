// Pure. Turns as this dialect's messages.
import type { ChatMessage, ChatPart, ChatToolCall } from '@fairlead/shared/wire/openai-chat.ts';
import { listOf, parseJson, type JsonValue } from '@fairlead/shared/wire/json.ts';
import type { FilePart, ImagePart, Part, TextPart, ToolResultPart, Turn } from '../hub/conversation.ts';
import { urlOf } from '../hub/data-url.ts';
import type { LossList } from '../hub/loss.ts';
import { sealFor } from '../hub/seal.ts';
import type { Target } from '../hub/target.ts';
import { toldServerTool } from '../hub/told-server-tool.ts';
import { plainJson } from '../plain-json.ts';
import { sealOnCall } from './seals.ts';

/** The messages that a turn becomes: results come one by one, before the rest of what the user says. */
export function messagesOf(turn: Turn, target: Target, losses: LossList): ChatMessage[] {
  if (turn.role === 'assistant') return [assistantOf(turn.parts, target, losses)];
  const results = turn.parts.filter((part) => part.kind === 'tool-result');
  const rest = turn.parts.filter((part) => part.kind === 'text' || part.kind === 'image' || part.kind === 'file');
  if (turn.role === 'system') return rest.length === 0 ? [] : [{ role: 'system', content: textContent(rest.filter((part) => part.kind === 'text')) }];
  // A result holds text only here: what it shows besides follows as the user's words.
  const shown = mixedContent([...results.flatMap((result) => shownBy(result)), ...rest], losses);
  return [...results.map((result) => resultOf(result, losses)), ...(shown === undefined ? [] : [{ role: 'user', content: shown } satisfies ChatMessage])];
}

function assistantOf(parts: readonly Part[], target: Target, losses: LossList): ChatMessage {
  const texts: string[] = [];
  const calls: ChatToolCall[] = [];
  const details: JsonValue[] = [];
  let thinking = '';
  let refusal = '';
  for (const part of parts) {
    switch (part.kind) {
      case 'text':
        if (part.citations && part.citations.length > 0) losses.add('citation');
        if (part.refusal) refusal += part.text;
        else texts.push(part.text);
        break;
      case 'thinking':
      case 'sealed-thinking': {
        const seal = sealFor(part.seal, 'openai-chat', target, losses);
        thinking += part.kind === 'thinking' ? part.text : (seal?.text ?? '');
        if (seal) details.push(...listOf(parseJson(seal.data)).map((detail) => plainJson({ detail })['detail'] ?? null));
        break;
      }
      case 'tool-call': {
        const seal = sealFor(part.seal, 'openai-chat', target, losses);
        calls.push({ id: part.id, type: 'function', function: { name: part.name, arguments: part.input }, ...(seal && { extra_content: sealOnCall(seal.data) }) });
        break;
      }
      case 'server-tool':
        texts.push(...toldServerTool(part, losses).map((told) => `${texts.length > 0 ? '\n\n' : ''}${told}\n\n`));
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
  const text = texts.join('');
  return { role: 'assistant', content: text === '' ? null : text, ...(refusal !== '' && { refusal }), ...(thinking !== '' && { reasoning_content: thinking }), ...(details.length > 0 && { reasoning_details: details }), ...(calls.length > 0 && { tool_calls: calls }) };
}

function resultOf(result: ToolResultPart, losses: LossList): ChatMessage {
  if (result.isError) losses.add('tool-result: error flag');
  const texts = result.parts.filter((part) => part.kind === 'text');
  const other = result.parts.length - texts.length;
  if (other > 0) losses.add('tool-result: media moved to the next message');
  const content = texts.length === 0 && other > 0 ? 'The result is shown in the next message.' : textContent(texts);
  return { role: 'tool', tool_call_id: result.callId, content };
}

function shownBy(result: ToolResultPart): (TextPart | ImagePart | FilePart)[] {
  const media = result.parts.filter((part) => part.kind !== 'text');
  return media.length === 0 ? [] : [{ kind: 'text', text: `Shown by the tool call ${result.callId}:` }, ...media];
}

/** One text as a string, several as parts, so that none runs into another. */
export function textContent(parts: readonly TextPart[]): string | ChatPart[] {
  return parts.length === 1 ? (parts[0]?.text ?? '') : parts.length === 0 ? '' : parts.map((part) => ({ type: 'text', text: part.text }));
}

function mixedContent(parts: readonly (TextPart | ImagePart | FilePart)[], losses: LossList): string | ChatPart[] | undefined {
  const only = parts.length === 1 ? parts[0] : undefined;
  if (only?.kind === 'text') return only.text;
  const content = parts.flatMap((part): ChatPart[] => {
    if (part.kind === 'text') return [{ type: 'text', text: part.text }];
    const { source } = part;
    if (source.kind === 'id') {
      losses.add('file: of another store');
      return [];
    }
    if (part.kind === 'image') return [{ type: 'image_url', image_url: { url: urlOf(source), ...(part.detail !== undefined && { detail: part.detail }) } }];
    if (source.kind === 'url') {
      losses.add('file: by address');
      return [{ type: 'text', text: `(${part.name ?? 'A file'} is at ${source.url})` }];
    }
    const sound = /^audio\/(?:x-)?(wav|mp3|mpeg)$/.exec(source.mediaType)?.[1];
    if (sound !== undefined) return [{ type: 'input_audio', input_audio: { data: source.data, format: sound === 'mpeg' ? 'mp3' : sound } }];
    if (/^(?:audio|video)\//.test(source.mediaType)) {
      losses.add('file: this kind');
      return [];
    }
    return [{ type: 'file', file: { file_data: urlOf(source), filename: part.name ?? 'document' } }];
  });
  return content.length > 0 ? content : undefined;
}
