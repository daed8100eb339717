// Pure. The tools that this vendor runs by itself.
import { isLoose, listOf, looseOf, numberOf, textOf, type Loose } from '@fairlead/shared/wire/json.ts';
import type { MessagesTool } from '@fairlead/shared/wire/anthropic-messages.ts';
import type { Citation } from '../hub/citation.ts';
import type { ServerTool, ServerToolPart } from '../hub/conversation.ts';

/** How the ids begin that we give to what another vendor's own tool did: this vendor did not make them, and may not get them back. */
export const MADE_SERVER_TOOL = 'srvtoolu_fl1_';

/** The server tool that an offered tool is; undefined for one that nobody else has. */
export function serverToolOf(tool: Loose): ServerTool | undefined {
  const type = textOf(tool['type']) ?? '';
  if (type.startsWith('web_search_')) return { kind: 'web-search', allowedDomains: textsOf(tool['allowed_domains']), blockedDomains: textsOf(tool['blocked_domains']), mostUses: numberOf(tool['max_uses']) };
  if (type.startsWith('web_fetch_')) return { kind: 'web-fetch' };
  return type.startsWith('code_execution_') ? { kind: 'code-execution' } : undefined;
}

/** A server tool as this vendor's newest public version of it. */
export function serverToolWord(tool: ServerTool): MessagesTool {
  switch (tool.kind) {
    case 'web-search':
      return { type: 'web_search_20250305', name: 'web_search', ...(tool.mostUses !== undefined && { max_uses: tool.mostUses }), ...(tool.allowedDomains.length > 0 && { allowed_domains: tool.allowedDomains }), ...(tool.blockedDomains.length > 0 && { blocked_domains: tool.blockedDomains }) };
    case 'web-fetch':
      return { type: 'web_fetch_20250910', name: 'web_fetch' };
    case 'code-execution':
      return { type: 'code_execution_20250825', name: 'code_execution' };
  }
}

/** The kind of a server tool by the name in its call. */
export function toolOfName(name: string | undefined): ServerTool['kind'] {
  return name === 'web_search' ? 'web-search' : name?.includes('code_execution') ? 'code-execution' : 'web-fetch';
}

/** The name in a call of this kind. */
export function nameOfTool(kind: ServerTool['kind']): string {
  return kind === 'web-search' ? 'web_search' : kind === 'web-fetch' ? 'web_fetch' : 'code_execution';
}

/** What a result of a server tool tells. */
export function foundIn(content: unknown): Pick<ServerToolPart, 'found' | 'output'> {
  const pages = looseOf(content).filter((item) => textOf(item['url']) !== undefined);
  if (pages.length > 0) return { found: pages.map((page): Citation => ({ url: textOf(page['url']), title: textOf(page['title']) })), output: undefined };
  if (!isLoose(content)) return { found: [], output: undefined };
  const url = textOf(content['url']);
  const printed = [textOf(content['stdout']), textOf(content['stderr']), textOf(content['error_code'])].filter((text) => text !== undefined && text !== '').join('\n');
  return { found: url === undefined ? [] : [{ url, title: undefined }], output: printed || undefined };
}

function textsOf(list: unknown): string[] {
  return listOf(list).filter((text) => typeof text === 'string');
}
