// Pure. What a function gave back.
import { textOf, type Loose } from '@fairlead/shared/wire/json.ts';
import { BadRequest, objectAt, objectsAt, textAt } from '../hub/bad-request.ts';
import type { FilePart, ImagePart, TextPart, ToolResultPart } from '../hub/conversation.ts';
import type { CallIds } from './call-ids.ts';
import { fieldOf } from './field-of.ts';
import { blobOf, fileOf } from './read-media.ts';

/** A result with the id of the call that it answers. */
export function resultOf(result: Loose, path: string, ids: CallIds): ToolResultPart {
  const name = textAt(result['name'], `${path}.name`);
  const { text, isError } = saidIn(objectAt(result['response'], `${path}.response`) ?? {});
  const shown = objectsAt(result['parts'], `${path}.parts`).map(({ item, path: at }) => mediaIn(item, at));
  const said: TextPart[] = text === '' ? [] : [{ kind: 'text', text }];
  return { kind: 'tool-result', callId: ids.result(textOf(result['id']), name, `${path}.id`), parts: [...said, ...shown], isError };
}

/** The vendor's own words for it are `output` and `error`; clients write `result` as well, or whatever their tool gave. */
function saidIn(response: Loose): { text: string; isError: boolean } {
  const fields = Object.keys(response);
  const [only] = fields;
  if (fields.length === 0 || only === undefined) return { text: '', isError: false };
  if (fields.length === 1 && (only === 'output' || only === 'result' || only === 'error')) return { text: asText(response[only]), isError: only === 'error' };
  // AI SDK names the tool once more beside what it gave.
  if (fields.length === 2 && 'name' in response && 'content' in response) return { text: asText(response['content']), isError: false };
  return { text: JSON.stringify(response), isError: false };
}

function asText(value: unknown): string {
  return textOf(value) ?? JSON.stringify(value ?? null);
}

function mediaIn(part: Loose, path: string): ImagePart | FilePart {
  const blob = objectAt(fieldOf(part, 'inlineData'), `${path}.inlineData`);
  if (blob) return blobOf(blob, `${path}.inlineData`);
  const file = objectAt(fieldOf(part, 'fileData'), `${path}.fileData`);
  if (file) return fileOf(file, `${path}.fileData`);
  throw new BadRequest(path, 'must hold inlineData or fileData');
}
