// Pure. Adjustments of Anthropic Messages requests.
import { isLoose } from '@fairlead/shared/wire/json.ts';
import type { Loose } from '@fairlead/shared/wire/json.ts';
import { eachObject, withField, without } from './body.ts';
import type { Body, Quirk } from './body.ts';

// Claude Code begins its instructions with a line of this name.
const billingLine = 'x-anthropic-billing-header';
const leastBudget = 1_024;

/** What each does; the descriptors say for whom. */
export const anthropicQuirks = {
  'drop-billing-line': (body) => {
    const after = withField(body, 'system', (system) => {
      if (typeof system === 'string') return system.startsWith(billingLine) ? system.replace(/^[^\n]*\n*/, '') : system;
      return eachObject(system, (block) => (typeof block.text === 'string' && block.text.startsWith(billingLine) ? undefined : block));
    });
    // Instructions that are empty now are refused.
    return after !== body && (after.system === '' || (Array.isArray(after.system) && after.system.length === 0)) ? without(after, ['system']) : after;
  },
  'no-cache-control': (body) => {
    const bare = (list: unknown) => eachObject(list, (block) => withField(without(block, ['cache_control']), 'content', (inner) => eachObject(inner, (part) => without(part, ['cache_control']))));
    let after: Body = without(body, ['cache_control']);
    for (const name of ['system', 'tools', 'messages']) after = withField(after, name, name === 'messages' ? (list) => eachObject(list, (message) => withField(message, 'content', bare)) : bare);
    return after;
  },
  'no-thinking-display': (body) => withField(body, 'thinking', (thinking) => (isLoose(thinking) ? without(thinking, ['display']) : thinking)),
  'thinking-as-budget': (body) => withField(body, 'thinking', (thinking) => (isLoose(thinking) && thinking.type === 'adaptive' ? budgetFor(body) : thinking)),
  'no-output-config': (body) => without(body, ['output_config', 'context_management']),
  'plain-tools': (body) => {
    const after = withField(body, 'tools', (list) => eachObject(list, plainTool));
    if (after === body || !Array.isArray(after.tools)) return after;
    // A choice among tools that are gone is refused.
    if (after.tools.length === 0) return without(after, ['tools', 'tool_choice']);
    const { tool_choice: choice, tools } = after;
    return isLoose(choice) && choice.type === 'tool' && !tools.some((tool) => isLoose(tool) && tool.name === choice.name) ? without(after, ['tool_choice']) : after;
  },
} satisfies Record<string, Quirk>;

/** A thinking budget within the output limit; too small a limit leaves no room to think. */
function budgetFor(body: Body): Body {
  const most = typeof body.max_tokens === 'number' ? body.max_tokens : 0;
  const budget = Math.floor(most / 2);
  return budget >= leastBudget ? { type: 'enabled', budget_tokens: budget } : { type: 'disabled' };
}

const plainToolFields = ['type', 'name', 'description', 'input_schema', 'cache_control'];

/** The tool with the fields that every server knows; undefined for those that Anthropic runs itself. */
function plainTool(tool: Loose): unknown {
  if (tool.type !== undefined && tool.type !== 'custom') return undefined;
  const extra = Object.keys(tool).filter((name) => !plainToolFields.includes(name) || name === 'type');
  return without(tool, extra);
}
