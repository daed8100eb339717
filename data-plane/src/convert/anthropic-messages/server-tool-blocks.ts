// Pure. What another vendor's own tool did, as the blocks that this dialect's clients know.
import type { ContentBlock } from '@fairlead/shared/wire/anthropic-messages.ts';
import { isLoose, parseJson } from '@fairlead/shared/wire/json.ts';
import { plainJson } from '../plain-json.ts';
import type { ServerToolPart } from '../hub/conversation.ts';
import { MADE_SERVER_TOOL, nameOfTool } from './server-tools.ts';

/** The call and its result. Their ids tell that this dialect's vendor did not make them. */
export function serverToolBlocks(part: ServerToolPart, at: number): ContentBlock[] {
  const id = `${MADE_SERVER_TOOL}${at}`;
  const input = parseJson(part.input);
  const call: ContentBlock = { type: 'server_tool_use', id, name: nameOfTool(part.tool), input: isLoose(input) ? plainJson(input) : {} };
  switch (part.tool) {
    case 'web-search':
      return [call, { type: 'web_search_tool_result', tool_use_id: id, content: part.found.map(({ url, title }) => ({ type: 'web_search_result', url: url ?? '', title: title ?? '', encrypted_content: '', page_age: null })) }];
    case 'web-fetch':
      return [call, {
        type: 'web_fetch_tool_result', tool_use_id: id,
        content: part.found[0]?.url === undefined ? { type: 'web_fetch_tool_error', error_code: 'unavailable' } : { type: 'web_fetch_result', url: part.found[0].url, retrieved_at: null, content: { type: 'document', source: { type: 'text', media_type: 'text/plain', data: part.output ?? '' }, title: part.found[0].title ?? null } },
      }];
    case 'code-execution':
      return [call, { type: 'code_execution_tool_result', tool_use_id: id, content: { type: 'code_execution_result', stdout: part.output ?? '', stderr: '', return_code: 0, content: [] } }];
  }
}
