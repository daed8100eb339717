// Pure. What kind of work a request is, from what real clients send (docs: each mark was seen on the wire).
import type { AskFacts } from '@fairlead/shared/plan/ask-facts.ts';
import { readTag, wantsLongContext } from '@fairlead/shared/plan/explicit.ts';
import type { RuleNames } from '@fairlead/shared/plan/rule-shape.ts';
import { isLoose, listOf, objectOf, parseJson, textOf } from '@fairlead/shared/wire/json.ts';
import type { Loose } from '@fairlead/shared/wire/json.ts';
import type { Ask } from '../journey/ask.ts';
import type { Inbound } from '../journey/inbound.ts';
import { generationConfig } from '../journey/output-limit.ts';
import { picturesIn } from './pictures.ts';

/** Above this an input needs a long window, whether or not the client asked for one. */
const longInputTokens = 200_000;
/** What vendors count for a picture, about; its bytes say nothing of it. */
const pictureTokens = 1_500;
const keptLength = 200;

/** The facts that planning reads, of a request whose Ask is known. */
export function factsOf(inbound: Inbound, ask: Ask, names: RuleNames): AskFacts {
  const { json, headers } = inbound;
  const pictures = picturesIn(ask.dialect, json);
  const inputTokens = Math.ceil(Math.max(0, ask.inputBytes - pictures.bytes) / 4) + pictures.count * pictureTokens;
  const offered = toolsOf(ask.dialect, json);
  const system = ask.dialect === 'anthropic-messages' ? systemMarks(json) : undefined;
  const tag = system?.tag ?? (ask.dialect === 'openai-chat' ? chatTag(json) : undefined);
  const subagent = system?.subagent === true || tag !== undefined || isSubagent(headers, offered);
  const facts: AskFacts = {
    model: ask.model, dialect: ask.dialect, does: ask.does, stream: ask.stream, inputTokens,
    tools: offered.count, images: pictures.count > 0, thinking: thinks(ask.dialect, json), webSearch: offered.webSearch,
    longContext: wantsLongContext(ask.model) || (headers.get('anthropic-beta') ?? '').includes('context-1m') || inputTokens > longInputTokens,
    subagent, background: !subagent && isBackground(inbound, ask, offered),
  };
  if (ask.maxOutputTokens !== undefined) facts.maxOutputTokens = ask.maxOutputTokens;
  if (ask.service !== undefined) facts.service = ask.service;
  if (ask.client !== undefined) facts.client = ask.client;
  if (ask.sessionId !== undefined) facts.session = ask.sessionId;
  if (tag) facts.explicit = tag;
  if (names.headers.length > 0) facts.headers = keptHeaders(headers, names.headers);
  if (names.body.length > 0) facts.body = keptValues(json, names.body);
  return facts;
}

interface Offered { count: number; webSearch: boolean; completesTask: boolean }

function toolsOf(dialect: AskFacts['dialect'], json: Inbound['json']): Offered {
  let count = 0;
  let search = false;
  let completesTask = false;
  const tools = listOf(json.tools);
  for (const tool of tools) {
    if (!isLoose(tool)) continue;
    if (dialect === 'gemini-generate') {
      const declared = listOf(tool.functionDeclarations ?? tool.function_declarations);
      count += declared.length;
      if (tool.googleSearch !== undefined || tool.google_search !== undefined || tool.googleSearchRetrieval !== undefined) search = true;
      completesTask ||= declared.some((each) => isLoose(each) && each.name === 'complete_task');
      continue;
    }
    if (typeof tool.type === 'string' && tool.type.startsWith('web_search')) search = true;
    else count += 1;
  }
  if (dialect === 'openai-chat' && isLoose(json.web_search_options)) search = true;
  if (dialect === 'openai-responses') {
    // Codex's newer models carry their tools in an item of the input, among the first.
    for (const item of listOf(json.input).slice(0, 4)) if (isLoose(item) && item.type === 'additional_tools') count += listOf(item.tools).length;
    // Codex offers hosted search beside its tools on every turn; a search is what offers nothing else.
    search &&= count === 0;
  }
  return { count, webSearch: search, completesTask };
}

function thinks(dialect: AskFacts['dialect'], json: Inbound['json']): boolean {
  switch (dialect) {
    case 'anthropic-messages': { const type = objectOf(json.thinking)?.type; return typeof type === 'string' && type !== 'disabled'; }
    case 'openai-chat': return isEffort(json.reasoning_effort);
    case 'openai-responses': return isEffort(objectOf(json.reasoning)?.effort);
    case 'gemini-generate': {
      const config = generationConfig(json).fields;
      const thinking = objectOf(config.thinkingConfig ?? config.thinking_config);
      return thinking !== undefined && (thinking.thinkingBudget ?? thinking.thinking_budget) !== 0;
    }
  }
}

function isEffort(value: unknown): boolean {
  return typeof value === 'string' && value !== 'none' && value !== 'minimal';
}

const tagMark = /<(?:FAIRLEAD|CCR)-SUBAGENT-MODEL>([^<]{1,200})<\/(?:FAIRLEAD|CCR)-SUBAGENT-MODEL>/;

function tagIn(text: string): AskFacts['explicit'] {
  // The search for the fixed part is many times cheaper than the expression, and nearly always the end of it.
  const found = text.includes('-SUBAGENT-MODEL>') ? tagMark.exec(text)?.[1] : undefined;
  return found === undefined ? undefined : readTag(found);
}

function systemMarks(json: Inbound['json']): { subagent: boolean; tag: AskFacts['explicit'] } {
  let tag: AskFacts['explicit'];
  let subagent = false;
  const texts = typeof json.system === 'string' ? [json.system] : listOf(json.system).map((block) => (isLoose(block) ? textOf(block.text) : undefined));
  for (const text of texts) {
    if (text === undefined) continue;
    tag ??= tagIn(text);
    // Claude Code's billing line is a block of its own.
    if (text.startsWith('x-anthropic-billing-header') && text.includes('cc_is_subagent=true')) subagent = true;
  }
  return { subagent, tag };
}

function chatTag(json: Inbound['json']): AskFacts['explicit'] {
  const [first] = listOf(json.messages);
  if (!isLoose(first) || (first.role !== 'system' && first.role !== 'developer')) return undefined;
  return typeof first.content === 'string' ? tagIn(first.content) : undefined;
}

function isSubagent(headers: Inbound['headers'], offered: Offered): boolean {
  if (headers.has('x-claude-code-agent-id') || headers.has('x-openai-subagent') || headers.has('x-parent-session-id') || offered.completesTask) return true;
  const kind = headers.get('x-claude-code-request-class');
  if (kind === 'subagent' || kind === 'workflow') return true;
  return codexTurn(headers)?.thread_source === 'subagent';
}

function codexTurn(headers: Inbound['headers']): Loose | undefined {
  const text = headers.get('x-codex-turn-metadata');
  return text === undefined || text.length > 8_192 ? undefined : objectOf(parseJson(text));
}

/** Titles, digests and the like: small calls that nobody waits for. */
function isBackground({ headers, json }: Inbound, ask: Ask, offered: Offered): boolean {
  const kind = headers.get('x-claude-code-request-class');
  if (kind !== undefined) return kind === 'auxiliary' || kind === 'side_reply';
  switch (ask.client) {
    case 'claude-code': return offered.count === 0; // its real turns always carry tools, so do compactions
    case 'codex': return codexTurn(headers)?.request_kind === 'prewarm';
    case 'gemini-cli': return offered.count === 0 && generationConfig(json).fields.responseJsonSchema !== undefined;
    case 'opencode': return offered.count === 0 && ask.inputBytes < 16_384;
    default: return false;
  }
}

function keptHeaders(headers: Inbound['headers'], names: readonly string[]): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const name of names) {
    const value = headers.get(name);
    if (value !== undefined) kept[name] = value.slice(0, keptLength);
  }
  return kept;
}

function keptValues(json: Inbound['json'], paths: readonly string[]): Record<string, string | number | boolean> {
  const kept: Record<string, string | number | boolean> = {};
  for (const path of paths) {
    let at: unknown = json;
    for (const part of path.split('.')) at = isLoose(at) && Object.hasOwn(at, part) ? at[part] : undefined;
    if (typeof at === 'string') kept[path] = at.slice(0, keptLength);
    else if (typeof at === 'boolean' || (typeof at === 'number' && Number.isFinite(at))) kept[path] = at;
  }
  return kept;
}
