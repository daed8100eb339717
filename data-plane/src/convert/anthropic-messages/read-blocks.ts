// Pure. The blocks of a Messages request as parts.
import { isLoose, looseOf, textOf, wordOf, type Loose } from '@fairlead/shared/wire/json.ts';
import { BadRequest, base64At, objectAt, objectsAt, textAt, urlAt } from '../hub/bad-request.ts';
import type { FilePart, ImagePart, Part, Source, TextPart } from '../hub/conversation.ts';
import { readSeal } from '../hub/seal.ts';
import type { PairCheck } from '../hub/tool-pairs.ts';
import { markOf } from './cache-marks.ts';
import { citationsOf } from './citations.ts';
import { foundIn, toolOfName } from './server-tools.ts';

/** Reads blocks in order; calls and results are told to `pairs`. */
export function partReader(pairs: PairCheck): (block: Loose, path: string) => Part[] {
  return (block, path) => {
    switch (block['type']) {
      case 'tool_use': {
        const id = textAt(block['id'], `${path}.id`);
        pairs.call(id, `${path}.id`);
        return [{ kind: 'tool-call', id, name: textAt(block['name'], `${path}.name`), input: JSON.stringify(objectAt(block['input'], `${path}.input`) ?? {}), ...markOf(block) }];
      }
      case 'tool_result': {
        const callId = textAt(block['tool_use_id'], `${path}.tool_use_id`);
        pairs.result(callId, `${path}.tool_use_id`);
        const content = block['content'];
        const parts = typeof content === 'string' ? [{ kind: 'text' as const, text: content }] : objectsAt(content, `${path}.content`).flatMap(({ item, path: at }) => mediaOf(item, at));
        return [{ kind: 'tool-result', callId, parts, isError: block['is_error'] === true, ...markOf(block) }];
      }
      case 'thinking': {
        const text = textOf(block['thinking']) ?? '';
        const signature = textOf(block['signature']) || undefined;
        return text === '' && signature === undefined ? [] : [{ kind: 'thinking', text, ...(signature !== undefined && { seal: readSeal(signature, 'anthropic-messages') }) }];
      }
      case 'redacted_thinking':
        return [{ kind: 'sealed-thinking', seal: readSeal(textAt(block['data'], `${path}.data`), 'anthropic-messages') }];
      case 'server_tool_use':
      case 'mcp_tool_use':
        return [{ kind: 'server-tool', tool: toolOfName(textOf(block['name'])), id: textOf(block['id']) ?? '', input: JSON.stringify(block['input'] ?? {}), found: [], output: undefined }];
      case 'web_search_tool_result':
      case 'web_fetch_tool_result':
      case 'code_execution_tool_result':
      case 'bash_code_execution_tool_result':
      case 'text_editor_code_execution_tool_result':
      case 'tool_search_tool_result':
      case 'mcp_tool_result':
        return [{ kind: 'server-tool', tool: toolOfResult(block['type']), id: textOf(block['tool_use_id']) ?? '', input: '', ...foundIn(block['content']) }];
      case 'container_upload':
        return [{ kind: 'file', source: { kind: 'id', id: textOf(block['file_id']) ?? '' }, name: undefined }];
      default:
        return mediaOf(block, path);
    }
  };
}

/** Parts in which what a vendor's own tool found stands with its call. */
export function withResults(parts: readonly Part[]): readonly Part[] {
  if (!parts.some((part) => part.kind === 'server-tool')) return parts;
  const results = new Map(parts.flatMap((part) => (part.kind === 'server-tool' && part.input === '' ? [[part.id, part] as const] : [])));
  const called = new Set(parts.flatMap((part) => (part.kind === 'server-tool' && part.input !== '' ? [part.id] : [])));
  return parts.flatMap((part): Part[] => {
    if (part.kind !== 'server-tool') return [part];
    if (part.input === '') return called.has(part.id) ? [] : [part];
    const result = results.get(part.id);
    return [result ? { ...part, found: result.found, output: result.output } : part];
  });
}

function toolOfResult(type: string): ReturnType<typeof toolOfName> {
  return type.startsWith('web_search') ? 'web-search' : type.includes('code_execution') ? 'code-execution' : 'web-fetch';
}

function mediaOf(block: Loose, path: string): (TextPart | ImagePart | FilePart)[] {
  switch (block['type']) {
    case 'text': {
      const text = textAt(block['text'], `${path}.text`);
      const citations = citationsOf(block['citations']);
      return text === '' ? [] : [{ kind: 'text', text, ...(citations.length > 0 && { citations }), ...markOf(block) }];
    }
    case 'image':
      return [{ kind: 'image', source: sourceOf(block, path), ...markOf(block) }];
    case 'document': {
      const source = objectAt(block['source'], `${path}.source`) ?? {};
      const title = textOf(block['title']);
      if (source['type'] === 'text') return [{ kind: 'text', text: textAt(source['data'], `${path}.source.data`), ...markOf(block) }];
      if (source['type'] === 'content') return typeof source['content'] === 'string' ? [{ kind: 'text', text: source['content'] }] : objectsAt(source['content'], `${path}.source.content`).flatMap(({ item, path: at }) => mediaOf(item, at));
      return [{ kind: 'file', source: sourceOf(block, path), name: title, ...markOf(block) }];
    }
    case 'search_result': {
      const said = looseOf(block['content']).flatMap((inner) => textOf(inner['text']) ?? []).join('\n');
      return [{ kind: 'text', text: `${textOf(block['title']) ?? ''} (${textOf(block['source']) ?? ''})\n${said}`, ...markOf(block) }];
    }
    case 'tool_reference':
      return [{ kind: 'text', text: `The tool ${textOf(block['tool_name']) ?? ''} can now be called.` }];
    default:
      throw new BadRequest(`${path}.type`, `"${wordOf(block['type']).slice(0, 60)}" is not a kind of block that can be carried to another vendor`);
  }
}

function sourceOf(block: Loose, path: string): Source {
  const source = block['source'];
  if (!isLoose(source)) throw new BadRequest(`${path}.source`, 'must be an object');
  switch (source['type']) {
    case 'base64':
      return { kind: 'data', mediaType: textAt(source['media_type'], `${path}.source.media_type`), data: base64At(source['data'], `${path}.source.data`) };
    case 'url':
      return { kind: 'url', url: urlAt(source['url'], `${path}.source.url`) };
    case 'file':
      return { kind: 'id', id: textAt(source['file_id'], `${path}.source.file_id`) };
    default:
      throw new BadRequest(`${path}.source.type`, 'must be "base64", "url" or "file"');
  }
}
