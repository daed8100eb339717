// Pure. The tools that this vendor runs by itself.
import { isLoose, listOf, looseOf, parseJson, textOf, type Loose } from '@fairlead/shared/wire/json.ts';
import type { ResponsesItem, ResponsesSearchAction, ResponsesTool } from '@fairlead/shared/wire/openai-responses.ts';
import type { Citation } from '../hub/citation.ts';
import type { ServerTool, ServerToolPart } from '../hub/conversation.ts';
import type { LossList } from '../hub/loss.ts';

/** The server tool that an offered tool is; undefined for one that nobody else has. */
export function serverToolOf(tool: Loose, mostUses: number | undefined): ServerTool | undefined {
  const type = textOf(tool['type']) ?? '';
  if (type === 'code_interpreter') return { kind: 'code-execution' };
  if (!/^web_search(?:_preview)?(?:_\d{4}_\d{2}_\d{2})?$/.test(type)) return undefined;
  const filters = isLoose(tool['filters']) ? tool['filters'] : {};
  return { kind: 'web-search', allowedDomains: textsOf(filters['allowed_domains']), blockedDomains: textsOf(filters['blocked_domains']), mostUses };
}

/** A server tool in this vendor's words; it opens pages only while it searches. */
export function serverToolWords(tool: ServerTool, losses: LossList): ResponsesTool[] {
  switch (tool.kind) {
    case 'web-search': {
      const filters = { ...(tool.allowedDomains.length > 0 && { allowed_domains: tool.allowedDomains }), ...(tool.blockedDomains.length > 0 && { blocked_domains: tool.blockedDomains }) };
      return [{ type: 'web_search', ...(Object.keys(filters).length > 0 && { filters }) }];
    }
    case 'code-execution':
      return [{ type: 'code_interpreter', container: { type: 'auto' } }];
    case 'web-fetch':
      losses.add('server tool: web fetch');
      return [];
  }
}

/** What the vendor did by itself, from its item; undefined for an item of another kind. */
export function serverToolPartOf(item: Loose): ServerToolPart | undefined {
  const id = textOf(item['id']) ?? '';
  if (item['type'] === 'code_interpreter_call') {
    const printed = looseOf(item['outputs']).flatMap((output) => textOf(output['logs']) ?? []).join('\n');
    return { kind: 'server-tool', tool: 'code-execution', id, input: JSON.stringify({ code: textOf(item['code']) ?? '' }), found: [], output: printed || undefined };
  }
  if (item['type'] !== 'web_search_call') return undefined;
  const action = isLoose(item['action']) ? item['action'] : {};
  const url = textOf(action['url']);
  if (url !== undefined) {
    const pattern = textOf(action['pattern']);
    return { kind: 'server-tool', tool: 'web-fetch', id, input: JSON.stringify({ url, ...(pattern !== undefined && { pattern }) }), found: [{ url, title: undefined }], output: undefined };
  }
  const query = textOf(action['query']) || textsOf(action['queries'])[0];
  const found = looseOf(action['sources']).map((source): Citation => ({ url: textOf(source['url']), title: textOf(source['title']) }));
  return { kind: 'server-tool', tool: 'web-search', id, input: JSON.stringify(query === undefined ? {} : { query }), found, output: undefined };
}

/** The same as an item of a reply. */
export function serverToolItem({ tool, input, found, output }: ServerToolPart, id: string): Extract<ResponsesItem, { type: 'web_search_call' | 'code_interpreter_call' }> {
  const asked = parseJson(input);
  const fields = isLoose(asked) ? asked : {};
  if (tool === 'code-execution') {
    const code = textOf(fields['code']) ?? textOf(fields['command']) ?? input;
    return { type: 'code_interpreter_call', id, status: 'completed', code, container_id: '', outputs: output === undefined ? [] : [{ type: 'logs', logs: output }] };
  }
  const url = textOf(fields['url']) ?? found[0]?.url ?? '';
  const query = textOf(fields['query']) ?? '';
  const action: ResponsesSearchAction = tool === 'web-fetch' ? { type: 'open_page', url } : { type: 'search', query, queries: [query], sources: found.flatMap((page) => (page.url === undefined ? [] : [{ type: 'url', url: page.url }])) };
  return { type: 'web_search_call', id, status: 'completed', action };
}

function textsOf(list: unknown): string[] {
  return listOf(list).filter((text) => typeof text === 'string');
}
