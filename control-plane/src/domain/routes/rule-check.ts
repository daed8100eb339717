// Pure. Checks the condition of a route before it is stored: what is saved, a node can evaluate.
import { compileRule } from '@fairlead/shared/plan/rule.ts';
import type { Checks } from '../check.ts';

/** Checks a condition in the rule language; what is returned is stored. */
export function checkRule(checks: Checks, text: string, path: string[]): string {
  const rule = text.trim();
  const compiled = compileRule(rule);
  if ('problem' in compiled) checks.say(path, 'INVALID', compiled.problem, 'Rules look like: model.startsWith("claude-") && inputTokens < 8000.');
  return rule;
}
