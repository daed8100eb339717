// Pure. What a request may make a vendor charge for beside its tokens.
import { serviceOf, standardService } from '@fairlead/shared/money/price.ts';
import type { UnitKind, Units } from '@fairlead/shared/money/reading.ts';
import type { DialectName } from '@fairlead/shared/snapshot/snapshot.ts';
import { isLoose, listOf } from '@fairlead/shared/wire/json.ts';
import type { Loose } from '@fairlead/shared/wire/json.ts';

/** How often a tool is taken to be used at most where the request sets no limit; what is beyond shows as excess. */
const usesDefault = 20;

/** The grade of service that the request asks for; undefined for the usual one, and where the vendor is to decide. */
export function serviceAsked(json: Loose): string | undefined {
  const asked = serviceOf(json.service_tier);
  return asked === standardService ? undefined : asked;
}

/** How often each of the vendor's own tools may be used at most; undefined when the request offers none. Gemini tells of no uses. */
export function usesOf(dialect: DialectName, json: Loose): Units | undefined {
  if (dialect === 'openai-chat') return isLoose(json.web_search_options) ? { 'web-search': 1 } : undefined;
  if (dialect === 'gemini-generate') return undefined;
  let uses: Partial<Record<UnitKind, number>> | undefined;
  for (const tool of listOf(json.tools)) {
    if (!isLoose(tool) || typeof tool.type !== 'string') continue;
    const kind = kindOf(tool.type);
    if (kind === undefined) continue;
    uses ??= {};
    uses[kind] = (uses[kind] ?? 0) + limitOf(dialect === 'openai-responses' ? json.max_tool_calls : tool.max_uses);
  }
  return uses;
}

function kindOf(type: string): UnitKind | undefined {
  if (type.startsWith('web_search')) return 'web-search';
  if (type.startsWith('web_fetch')) return 'web-fetch';
  return type.startsWith('code_execution') || type === 'code_interpreter' ? 'code-execution' : undefined;
}

function limitOf(value: unknown): number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 1_000 ? value : usesDefault;
}
