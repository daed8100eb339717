// Pure. Checks the condition of a route before it is stored: what is saved, a node can evaluate.
import type { Checks } from '../check.ts';

/** The longest condition. */
export const mostRuleLength = 2000;

/** Checks a condition in the rule language; what is returned is stored. */
export function checkRule(checks: Checks, text: string, path: string[]): string {
  const rule = text.trim();
  if (rule === '') checks.say(path, 'INVALID', 'It must not be empty.', 'Leave it out (null) for a route without a condition.');
  else if (rule.length > mostRuleLength) checks.say(path, 'TOO_LONG', `It must have at most ${mostRuleLength} characters.`);
  else if ([...rule].some((char) => char < ' ' && char !== '\n' && char !== '\t')) checks.say(path, 'INVALID', 'It must not contain control characters.');
  return rule;
}
