// Pure. Checks a regular expression in the syntax of RE2: nodes match it in time that grows with the text alone.
import type { Checks } from '../check.ts';

const mostLength = 500;

/** Checks a pattern; what is returned is stored. */
export function checkPattern(checks: Checks, text: string, path: string[]): string {
  if (text === '') checks.say(path, 'INVALID', 'It must not be empty.', 'Leave it out (null) to fit any text.');
  else if (text.length > mostLength) checks.say(path, 'TOO_LONG', `It must have at most ${mostLength} characters.`);
  else if ([...text].some((char) => char < ' ')) checks.say(path, 'INVALID', 'It must not contain control characters.', 'Write "\\n" for a line break.');
  else if (/\(\?(?:[=!]|<[=!])/.test(text)) checks.say(path, 'INVALID', 'It must not look ahead or behind ("(?=", "(?!", "(?<=", "(?<!").', 'Write what the text itself holds.');
  else if (/\\(?:[1-9]|k<)/.test(text)) checks.say(path, 'INVALID', 'It must not refer back to a group ("\\1").');
  else if (!compiles(text)) checks.say(path, 'INVALID', 'It is not a regular expression.', 'Put "\\" before a character that stands for itself, such as "\\(" or "\\.".');
  return text;
}

function compiles(text: string): boolean {
  // Flags at the beginning and names of groups are written differently there.
  const here = text.replace(/^\(\?[imsU]+\)/, '').replaceAll('(?P<', '(?<');
  try {
    new RegExp(here);
    return true;
  } catch {
    return false;
  }
}
