// Pure. The tools of a request, and which of them may be called.
import { isLoose, listOf, type Loose } from '@fairlead/shared/wire/json.ts';
import { BadRequest, listAt, objectAt, objectsAt, optionalTextAt, textAt } from '../hub/bad-request.ts';
import type { ServerTool, Tool, ToolChoice } from '../hub/conversation.ts';
import { camel, fieldOf } from './field-of.ts';
import { jsonSchemaOf } from './read-schema.ts';

/** What a request offers; `others` are the vendor's own tools that nobody else has. */
export type Offered = { readonly tools: readonly Tool[]; readonly serverTools: readonly ServerTool[]; readonly others: readonly string[] };

/** The tools of `tools`. */
export function offeredIn(tools: unknown): Offered {
  const entries = objectsAt(tools, 'tools');
  const own = entries.flatMap(({ item }) => Object.entries(item).filter(([, value]) => value !== undefined && value !== null).map(([name, value]) => ({ name: camel(name), options: isLoose(value) ? value : {} })));
  const named = own.filter(({ name }) => name !== 'functionDeclarations').map(({ name, options }) => ({ name, tool: serverToolOf(name, options) }));
  return {
    tools: entries.flatMap(({ item, path }) => objectsAt(fieldOf(item, 'functionDeclarations'), `${path}.functionDeclarations`).map(({ item: declared, path: at }) => toolOf(declared, at))),
    serverTools: named.flatMap(({ tool }) => tool ?? []),
    others: named.filter(({ tool }) => tool === undefined).map(({ name }) => name),
  };
}

function serverToolOf(name: string, options: Loose): ServerTool | undefined {
  switch (name) {
    case 'googleSearch':
    case 'googleSearchRetrieval':
    case 'enterpriseWebSearch':
      return { kind: 'web-search', allowedDomains: [], blockedDomains: listOf(fieldOf(options, 'excludeDomains')).filter((one) => typeof one === 'string'), mostUses: undefined };
    case 'urlContext':
      return { kind: 'web-fetch' };
    case 'codeExecution':
      return { kind: 'code-execution' };
    default:
      return undefined;
  }
}

function toolOf(declared: Loose, path: string): Tool {
  const schema = objectAt(fieldOf(declared, 'parametersJsonSchema'), `${path}.parametersJsonSchema`);
  const parameters = objectAt(declared['parameters'], `${path}.parameters`);
  return {
    name: textAt(declared['name'], `${path}.name`),
    description: optionalTextAt(declared['description'], `${path}.description`),
    schema: schema ?? (parameters ? jsonSchemaOf(parameters) : { type: 'object', properties: {} }),
  };
}

/** The choice in `toolConfig`; its mode VALIDATED, which holds calls to their schemas, is told apart. */
export function choiceIn(config: Loose | undefined): { readonly choice: ToolChoice | undefined; readonly validated: boolean } {
  const path = 'toolConfig.functionCallingConfig';
  const calling = objectAt(fieldOf(config, 'functionCallingConfig'), path);
  const mode = optionalTextAt(calling?.['mode'], `${path}.mode`)?.toUpperCase();
  const only = listAt(fieldOf(calling, 'allowedFunctionNames'), `${path}.allowedFunctionNames`).map((name, at) => textAt(name, `${path}.allowedFunctionNames.${at}`));
  const some = only.length > 0 ? { only } : {};
  switch (mode) {
    case undefined:
    case 'MODE_UNSPECIFIED':
      return { choice: undefined, validated: false };
    case 'AUTO':
    case 'VALIDATED':
      return { choice: { kind: 'auto', ...some }, validated: mode === 'VALIDATED' };
    case 'ANY': {
      const [name] = only;
      return { choice: only.length === 1 && name !== undefined ? { kind: 'one', name } : { kind: 'any', ...some }, validated: false };
    }
    case 'NONE':
      return { choice: { kind: 'none' }, validated: false };
    default:
      throw new BadRequest(`${path}.mode`, 'must be "AUTO", "ANY", "NONE" or "VALIDATED"');
  }
}
