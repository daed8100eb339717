// Pure. The contents of a generateContent request as turns.
import { isLoose, looseOf, textOf, type Loose } from '@fairlead/shared/wire/json.ts';
import { BadRequest, listAt, objectAt, objectsAt, textAt } from '../hub/bad-request.ts';
import type { Part, Turn } from '../hub/conversation.ts';
import { createPairCheck } from '../hub/tool-pairs.ts';
import { createCallIds, type CallIds } from './call-ids.ts';
import { fieldOf } from './field-of.ts';
import { blobOf, fileOf } from './read-media.ts';
import { resultOf } from './read-result.ts';
import { carriedIn, ON_TEXT } from './seals.ts';

type Piece = { readonly item: Loose; readonly path: string };

/** The turns of `contents`; neighbours that the model said are one, since clients cut what it said as they like. */
export function turnsOf(contents: unknown): Turn[] {
  const said = objectsAt(contents, 'contents');
  if (said.length === 0) throw new BadRequest('contents', 'must hold at least one content');
  const ids = createCallIds(createPairCheck(), new Set(said.flatMap(({ item }) => looseOf(item['parts']).flatMap(idOfCall))));
  const joined: { role: 'user' | 'assistant'; pieces: Piece[] }[] = [];
  for (const { item, path } of said) {
    const role = roleOf(item['role'], `${path}.role`);
    const pieces = objectsAt(item['parts'], `${path}.parts`);
    const last = joined.at(-1);
    if (role === 'assistant' && last?.role === role) last.pieces.push(...pieces);
    else joined.push({ role, pieces });
  }
  return joined.map(({ role, pieces }) => ({ role, parts: role === 'user' ? pieces.flatMap((piece) => partsOf(piece, ids)) : answerOf(pieces, ids) })).filter((turn) => turn.parts.length > 0);
}

function idOfCall(part: Loose): string[] {
  const call = fieldOf(part, 'functionCall');
  const id = isLoose(call) ? textOf(call['id']) : undefined;
  return id ? [id] : [];
}

function roleOf(role: unknown, path: string): 'user' | 'assistant' {
  if (role === 'model') return 'assistant';
  if (role === undefined || role === null || role === '' || role === 'user' || role === 'function') return 'user';
  throw new BadRequest(path, 'must be "user", "model" or "function"');
}

/**
 * What the model said. Thinking of other vendors, which came back in the signature of a call, is put before what was
 * said since the call before: there it stood, and there its vendor wants it.
 */
function answerOf(pieces: readonly Piece[], ids: CallIds): Part[] {
  const parts: Part[] = [];
  const restored = new Set<string>();
  let since = 0;
  for (const piece of pieces) {
    const { thinking, own } = carriedIn(textOf(fieldOf(piece.item, 'thoughtSignature')));
    parts.splice(since, 0, ...thinking);
    for (const part of thinking) if (part.kind === 'thinking') restored.add(part.text);
    for (const part of partsOf(piece, ids)) {
      const last = parts.at(-1);
      if (part.kind === 'tool-call') {
        parts.push(own ? { ...part, seal: own } : part);
        since = parts.length;
      } else if (part.kind === 'thinking') {
        if (own) parts.push({ ...part, seal: own });
        // Thoughts come in pieces.
        else if (last?.kind === 'thinking' && !last.seal) parts[parts.length - 1] = { kind: 'thinking', text: last.text + part.text };
        else parts.push(part);
      } else parts.push(part);
    }
    if (own && typeof piece.item['text'] === 'string' && piece.item['thought'] !== true) parts.push({ kind: 'sealed-thinking', seal: piece.item['text'] === '' ? own : { ...own, id: ON_TEXT } });
  }
  // Some clients send the thoughts back as well: once is enough.
  return parts.filter((part) => part.kind !== 'thinking' || part.seal !== undefined || !restored.has(part.text));
}

function partsOf({ item, path }: Piece, ids: CallIds): Part[] {
  const call = objectAt(fieldOf(item, 'functionCall'), `${path}.functionCall`);
  if (call) {
    const name = textAt(call['name'], `${path}.functionCall.name`);
    const input = JSON.stringify(objectAt(call['args'], `${path}.functionCall.args`) ?? {});
    return [{ kind: 'tool-call', id: ids.call(textOf(call['id']), name, `${path}.functionCall.id`), name, input }];
  }
  const result = objectAt(fieldOf(item, 'functionResponse'), `${path}.functionResponse`);
  if (result) return [resultOf(result, `${path}.functionResponse`, ids)];
  const blob = objectAt(fieldOf(item, 'inlineData'), `${path}.inlineData`);
  if (blob) return [blobOf(blob, `${path}.inlineData`)];
  const file = objectAt(fieldOf(item, 'fileData'), `${path}.fileData`);
  if (file) return [fileOf(file, `${path}.fileData`)];
  const code = objectAt(fieldOf(item, 'executableCode'), `${path}.executableCode`);
  if (code) return [{ kind: 'server-tool', tool: 'code-execution', id: textOf(code['id']) ?? '', input: JSON.stringify({ code: textOf(code['code']) ?? '' }), found: [], output: undefined }];
  const printed = objectAt(fieldOf(item, 'codeExecutionResult'), `${path}.codeExecutionResult`);
  if (printed) return [{ kind: 'server-tool', tool: 'code-execution', id: textOf(printed['id']) ?? '', input: '', found: [], output: textOf(printed['output']) }];
  if (item['text'] !== undefined && item['text'] !== null) {
    const text = textAt(item['text'], `${path}.text`);
    if (text === '') return [];
    return item['thought'] === true ? [{ kind: 'thinking', text }] : [{ kind: 'text', text }];
  }
  const [unknown] = Object.keys(item).filter((field) => !BESIDE.has(field));
  if (unknown === undefined) return [];
  throw new BadRequest(path, `"${unknown.slice(0, 60)}" is not a kind of part that can be carried to another vendor`);
}

/** What stands beside the content of a part. */
const BESIDE: ReadonlySet<string> = new Set(['thought', 'thoughtSignature', 'thought_signature', 'videoMetadata', 'video_metadata', 'mediaResolution', 'media_resolution', 'partMetadata', 'part_metadata', 'text']);

/** The texts of an instruction: a text, a content, or its parts. */
export function textsAt(value: unknown, path: string): string[] {
  if (value === undefined || value === null) return [];
  if (typeof value === 'string') return value === '' ? [] : [value];
  if (Array.isArray(value)) return listAt(value, path).flatMap((one, at) => textsAt(one, `${path}.${at}`));
  const content = objectAt(value, path) ?? {};
  if (content['parts'] !== undefined) return textsAt(content['parts'], `${path}.parts`);
  return content['text'] === undefined ? [] : textsAt(textAt(content['text'], `${path}.text`), `${path}.text`);
}
