// Pure. Checks a regular expression in the syntax of RE2: nodes match it in time that grows with the text alone.
import { compileErrorRule } from '@fairlead/shared/faults/error-rule.ts';
import type { Checks } from '../check.ts';

const mostLength = 500;

/** How large a pattern is, in steps; 0 for what is none. */
export function patternSteps(pattern: string | undefined): number {
  const compiled = pattern === undefined ? '' : compileErrorRule({ id: '', name: '', position: 0, pattern });
  return typeof compiled === 'string' ? 0 : compiled.steps;
}

/** Checks a pattern; what is returned is stored. */
export function checkPattern(checks: Checks, text: string, path: string[]): string {
  if (text === '') checks.say(path, 'INVALID', 'It must not be empty.', 'Leave it out (null) to fit any text.');
  else if (text.length > mostLength) checks.say(path, 'TOO_LONG', `It must have at most ${mostLength} characters.`);
  else if ([...text].some((char) => char < ' ')) checks.say(path, 'INVALID', 'It must not contain control characters.', 'Write "\\n" for a line break.');
  else {
    const compiled = compileErrorRule({ id: '', name: '', position: 0, pattern: text });
    if (typeof compiled === 'string') checks.say(path, 'INVALID', `It is no regular expression in RE2 syntax that can be used: ${compiled.slice(0, 200)}.`, 'Put "\\" before a character that stands for itself, such as "\\(" or "\\.". There is no looking ahead or behind, and no reference back to a group.');
  }
  return text;
}
