// Pure. The messages of a Chat Completions request as turns.
import { isLoose, looseOf, textOf, wordOf, type Loose } from '@fairlead/shared/wire/json.ts';
import { BadRequest, base64At, objectAt, objectsAt, optionalTextAt, textAt } from '../hub/bad-request.ts';
import type { FilePart, ImagePart, Part, TextPart, Turn } from '../hub/conversation.ts';
import { sourceAt } from '../hub/data-url.ts';
import { readSeal, unpackSeal } from '../hub/seal.ts';
import type { PairCheck } from '../hub/tool-pairs.ts';
import { citationsOf } from './citations.ts';

/** Reads messages in order; calls and results are told to `pairs`. */
export function turnReader(pairs: PairCheck): (message: Loose, path: string) => Turn {
  return (message, path) => {
    switch (message['role']) {
      case 'system':
      case 'developer':
        return { role: 'system', parts: partsOf(message['content'], `${path}.content`) };
      case 'user':
        return { role: 'user', parts: partsOf(message['content'], `${path}.content`) };
      case 'tool':
      case 'function': {
        const callId = textAt(message['tool_call_id'] ?? message['name'], `${path}.tool_call_id`);
        pairs.result(callId, `${path}.tool_call_id`);
        return { role: 'user', parts: [{ kind: 'tool-result', callId, parts: partsOf(message['content'], `${path}.content`), isError: false }] };
      }
      case 'assistant': {
        const calls = [...objectsAt(message['tool_calls'], `${path}.tool_calls`).map(({ item, path: at }) => callOf(item, at)), ...oldCall(message['function_call'], `${path}.function_call`)];
        for (const [at, call] of calls.entries()) if (call.kind === 'tool-call') pairs.call(call.id, `${path}.tool_calls.${at}.id`);
        const citations = citationsOf(message['annotations']);
        const said = partsOf(message['content'], `${path}.content`).map((part) => (part.kind === 'text' && citations.length > 0 ? { ...part, citations } : part));
        const refusal = textOf(message['refusal']);
        return { role: 'assistant', parts: [...thinkingOf(message), ...said, ...(refusal ? [{ kind: 'text' as const, text: refusal, refusal: true as const }] : []), ...calls] };
      }
      default:
        throw new BadRequest(`${path}.role`, 'must be "system", "developer", "user", "assistant" or "tool"');
    }
  };
}

/** Thinking that many compatible servers add, and the details that OpenRouter and this node add for whoever made it. */
function thinkingOf(message: Loose): Part[] {
  const text = textOf(message['reasoning_content']) || textOf(message['reasoning']) || '';
  const details = looseOf(message['reasoning_details']);
  if (details.length === 0) return text === '' ? [] : [{ kind: 'thinking', text }];
  const packed = details.flatMap((detail) => unpackSeal(textOf(detail['data']) ?? '') ?? []);
  const said = text || details.map((detail) => textOf(detail['text']) ?? textOf(detail['summary']) ?? '').join('');
  if (packed.length === 0) return [{ kind: 'thinking', text: said, seal: { dialect: 'openai-chat', issuer: '', data: JSON.stringify(details) } }];
  const parts = packed.map((seal): Part => (seal.text === undefined ? { kind: 'sealed-thinking', seal } : { kind: 'thinking', text: seal.text, seal }));
  return packed.some((seal) => seal.text !== undefined) || said === '' ? parts : [{ kind: 'thinking', text: said }, ...parts];
}

function callOf(call: Loose, path: string): Part {
  const id = textAt(call['id'], `${path}.id`);
  const custom = objectAt(call['custom'], `${path}.custom`);
  if (custom) return { kind: 'tool-call', id, name: textAt(custom['name'], `${path}.custom.name`), input: textOf(custom['input']) ?? '' };
  const named = objectAt(call['function'], `${path}.function`) ?? {};
  const google = isLoose(call['extra_content']) && isLoose(call['extra_content']['google']) ? textOf(call['extra_content']['google']['thought_signature']) : undefined;
  return { kind: 'tool-call', id, name: textAt(named['name'], `${path}.function.name`), input: optionalTextAt(named['arguments'], `${path}.function.arguments`) || '{}', ...(google !== undefined && { seal: readSeal(google, 'openai-chat') }) };
}

/** The call of the first version of this API, which had no ids: its name is one. */
function oldCall(call: unknown, path: string): Part[] {
  if (!isLoose(call)) return [];
  const name = textAt(call['name'], `${path}.name`);
  return [{ kind: 'tool-call', id: name, name, input: textOf(call['arguments']) || '{}' }];
}

function partsOf(content: unknown, path: string): (TextPart | ImagePart | FilePart)[] {
  if (content === undefined || content === null) return [];
  if (typeof content === 'string') return content === '' ? [] : [{ kind: 'text', text: content }];
  return objectsAt(content, path).flatMap(({ item, path: at }) => partOf(item, at));
}

function partOf(part: Loose, path: string): (TextPart | ImagePart | FilePart)[] {
  switch (part['type']) {
    case 'text': {
      const text = textAt(part['text'], `${path}.text`);
      const cache = isLoose(part['cache_control']) ? { cache: part['cache_control']['ttl'] === '1h' ? ('1h' as const) : ('5m' as const) } : {};
      return text === '' ? [] : [{ kind: 'text', text, ...cache }];
    }
    case 'refusal':
      return [{ kind: 'text', text: textAt(part['refusal'], `${path}.refusal`), refusal: true }];
    case 'image_url': {
      const image = objectAt(part['image_url'], `${path}.image_url`) ?? {};
      const detail = textOf(image['detail']);
      return [{ kind: 'image', source: sourceAt(textAt(image['url'], `${path}.image_url.url`), `${path}.image_url.url`), ...(detail !== undefined && { detail }) }];
    }
    case 'input_audio': {
      const audio = objectAt(part['input_audio'], `${path}.input_audio`) ?? {};
      return [{ kind: 'file', source: { kind: 'data', mediaType: `audio/${textOf(audio['format']) ?? 'wav'}`, data: base64At(audio['data'], `${path}.input_audio.data`) }, name: undefined }];
    }
    case 'file': {
      const file = objectAt(part['file'], `${path}.file`) ?? {};
      const id = textOf(file['file_id']);
      const data = textOf(file['file_data']);
      const name = textOf(file['filename']);
      if (data !== undefined) return [{ kind: 'file', source: sourceAt(data, `${path}.file.file_data`), name }];
      return [{ kind: 'file', source: { kind: 'id', id: textAt(id, `${path}.file.file_id`) }, name }];
    }
    default:
      throw new BadRequest(`${path}.type`, `"${wordOf(part['type']).slice(0, 60)}" is not a kind of content that can be carried to another vendor`);
  }
}
