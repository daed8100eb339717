// Pure. The tools of a Responses request, wherever they stand: some clients offer them inside the conversation, in groups.
import { textOf, type Loose } from '@fairlead/shared/wire/json.ts';
import { BadRequest, objectAt, objectsAt, optionalTextAt, textAt } from '../hub/bad-request.ts';
import type { ServerTool, Tool } from '../hub/conversation.ts';
import { serverToolOf } from './server-tools.ts';

/** What is offered, with one name for each tool that no other has. */
export type OfferedTools = {
  readonly tools: readonly Tool[];
  readonly serverTools: readonly ServerTool[];
  /** Kinds and options of tools that only this vendor has. */
  readonly left: readonly string[];
  /** The name of a tool by the one that a call or a choice gives it. */
  nameOf(name: string, namespace: string | undefined): string;
  /** Whether a tool of this name takes free text. */
  isFree(name: string): boolean;
};

/** What a search can be told here and nowhere else. */
const SEARCH_OPTIONS = ['user_location', 'search_context_size'];

type Found = { readonly tool: Loose; readonly path: string; readonly namespace: string | undefined };

/** Gathers the tools of these lists; where one is offered again, the later form counts. */
export function readTools(lists: readonly { readonly tools: unknown; readonly path: string }[], mostUses: number | undefined): OfferedTools {
  const found = new Map<string, Found>();
  const servers = new Map<string, ServerTool>();
  const left: string[] = [];
  const gather = (tools: unknown, path: string, namespace: string | undefined): void => {
    for (const { item: tool, path: at } of objectsAt(tools, path)) {
      const type = textAt(tool['type'], `${at}.type`);
      const server = serverToolOf(tool, mostUses);
      if (type === 'namespace' && namespace === undefined) gather(tool['tools'], `${at}.tools`, textAt(tool['name'], `${at}.name`));
      else if (type === 'function' || type === 'custom') found.set(keyOf(textAt(tool['name'], `${at}.name`), namespace), { tool, path: at, namespace });
      else if (server) {
        servers.set(server.kind, server);
        for (const option of SEARCH_OPTIONS) if (tool[option] !== undefined && tool[option] !== null) left.push(`${type}.${option}`);
      }
      else left.push(type);
    }
  };
  for (const { tools, path } of lists) gather(tools, path, undefined);
  const tools = named([...found.values()]);
  const names = new Map(tools.map((tool) => [keyOf(tool.grouped?.name ?? tool.name, tool.grouped?.namespace), tool.name]));
  const free = new Set(tools.filter((tool) => tool.free).map((tool) => tool.name));
  return {
    tools,
    serverTools: [...servers.values()],
    left,
    nameOf: (name, namespace) => names.get(keyOf(name, namespace)) ?? (namespace === undefined ? (tools.find((tool) => tool.grouped?.name === name)?.name ?? name) : joined(namespace, name)),
    isFree: (name) => free.has(name),
  };
}

function keyOf(name: string, namespace: string | undefined): string {
  return `${namespace ?? ''}\n${name}`;
}

/** The group in which this vendor's models find all tools that are in no other; Codex with new models names it. */
const NO_GROUP = 'functions';

/** Clients that name a group `mcp__x__` mean the mark at its end as the one between the two. */
function joined(namespace: string, name: string): string {
  if (namespace === NO_GROUP) return name;
  return namespace.endsWith('__') ? `${namespace}${name}` : `${namespace}__${name}`;
}

function named(found: readonly Found[]): Tool[] {
  const taken = new Set(found.filter((one) => one.namespace === undefined).map((one) => textOf(one.tool['name'])));
  return found.map(({ tool, path, namespace }) => {
    const own = textAt(tool['name'], `${path}.name`);
    if (own === '') throw new BadRequest(`${path}.name`, 'must not be empty');
    if (namespace === undefined) return toolOf(tool, path, own);
    const plain = joined(namespace, own);
    let unique = plain;
    for (let n = 2; taken.has(unique); n++) unique = `${plain}_${n}`;
    taken.add(unique);
    return { ...toolOf(tool, path, unique), grouped: { namespace, name: own } };
  });
}

function toolOf(tool: Loose, path: string, name: string): Tool {
  const description = optionalTextAt(tool['description'], `${path}.description`);
  if (tool['type'] === 'custom') return { name, description, schema: {}, free: { format: objectAt(tool['format'], `${path}.format`) } };
  return { name, description, schema: objectAt(tool['parameters'], `${path}.parameters`) ?? { type: 'object', properties: {} }, ...(tool['strict'] === true && { strict: true }) };
}
