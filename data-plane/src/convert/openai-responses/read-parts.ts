// Pure. The content of messages and of tools' outputs as parts.
import { textOf, wordOf, type Loose } from '@fairlead/shared/wire/json.ts';
import { BadRequest, base64At, objectAt, objectsAt, textAt, urlAt } from '../hub/bad-request.ts';
import type { FilePart, ImagePart, Source, TextPart } from '../hub/conversation.ts';
import { sourceAt } from '../hub/data-url.ts';
import { citationsOf } from './citations.ts';

/** A piece of a message or of an output. */
export type ContentPart = TextPart | ImagePart | FilePart;

/** The parts of a content: a text, or a list. */
export function partsOf(content: unknown, path: string): ContentPart[] {
  if (content === undefined || content === null || content === '') return [];
  if (typeof content === 'string') return [{ kind: 'text', text: content }];
  if (!Array.isArray(content)) throw new BadRequest(path, 'must be a text or a list');
  return objectsAt(content, path).flatMap(({ item, path: at }) => partOf(item, at));
}

function partOf(part: Loose, path: string): ContentPart[] {
  switch (part['type']) {
    case 'input_text':
    case 'output_text':
    case 'summary_text':
    case 'reasoning_text':
    case 'text': {
      const text = textAt(part['text'], `${path}.text`);
      const citations = citationsOf(part['annotations']);
      return text === '' ? [] : [{ kind: 'text', text, ...(citations.length > 0 && { citations }) }];
    }
    case 'refusal':
      return [{ kind: 'text', text: textAt(part['refusal'], `${path}.refusal`), refusal: true }];
    case 'encrypted_content': {
      // Codex hands what its agents say to each other on under this name, in plain words where its vendor encrypted nothing.
      const text = textAt(part['encrypted_content'], `${path}.encrypted_content`);
      return text === '' ? [] : [{ kind: 'text', text }];
    }
    case 'input_image':
    case 'computer_screenshot': {
      const id = textOf(part['file_id']);
      const detail = textOf(part['detail']);
      const source: Source = id === undefined ? sourceAt(textAt(part['image_url'], `${path}.image_url`), `${path}.image_url`) : { kind: 'id', id };
      return [{ kind: 'image', source, ...(detail !== undefined && { detail }) }];
    }
    case 'input_file':
      return [{ kind: 'file', source: fileSourceOf(part, path), name: textOf(part['filename']) }];
    case 'input_audio': {
      const audio = objectAt(part['input_audio'], `${path}.input_audio`) ?? {};
      return [{ kind: 'file', source: { kind: 'data', mediaType: `audio/${textOf(audio['format']) ?? 'wav'}`, data: base64At(audio['data'], `${path}.input_audio.data`) }, name: undefined }];
    }
    default:
      throw new BadRequest(`${path}.type`, `"${wordOf(part['type']).slice(0, 60)}" is not a kind of content that can be carried to another vendor`);
  }
}

function fileSourceOf(part: Loose, path: string): Source {
  const data = textOf(part['file_data']);
  const url = textOf(part['file_url']);
  // Some clients leave the words before the base64 of a PDF out.
  if (data !== undefined) return /^(?:data|https?):/i.test(data) ? sourceAt(data, `${path}.file_data`) : { kind: 'data', mediaType: 'application/pdf', data: base64At(data, `${path}.file_data`) };
  return url === undefined ? { kind: 'id', id: textAt(part['file_id'], `${path}.file_id`) } : { kind: 'url', url: urlAt(url, `${path}.file_url`) };
}
