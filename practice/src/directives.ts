// Pure. Finds what a prompt asks this vendor to do: `[[verb NAME {json}]]` in the user's words.
import { isLoose, parseJson, type Loose } from '@fairlead/shared/wire/json.ts';

/** One thing asked for; `problem` says why it cannot be understood. */
export type Directive = { readonly verb: 'call' | 'practice' | 'say'; readonly name: string; readonly options: Loose; readonly problem?: string };

const OPENING = /\[\[(call|practice|say)(?:\s+([A-Za-z0-9_.:-]+))?\s*/g;

/** All directives of a text, in order. */
export function readDirectives(text: string): Directive[] {
  const found: Directive[] = [];
  for (const match of text.matchAll(OPENING)) {
    const verb = match[1] === 'call' ? 'call' : match[1] === 'say' ? 'say' : 'practice';
    const name = match[2] ?? '';
    const start = match.index + match[0].length;
    const end = text.startsWith('{', start) ? endOfObject(text, start) : start;
    // Words that merely look like a directive, as in a quoted manual, are left alone.
    if (end === undefined || !/^\s*\]\]/.test(text.slice(end, end + 20))) continue;
    const options = end === start ? {} : parseJson(text.slice(start, end));
    found.push(isLoose(options) ? { verb, name, options } : { verb, name, options: {}, problem: `the options of [[${verb} ${name}]] are not JSON` });
  }
  return found;
}

/** The place just behind the object that opens at `start`; brackets inside strings do not count. */
function endOfObject(text: string, start: number): number | undefined {
  let depth = 0;
  let inString = false;
  for (let at = start; at < text.length; at++) {
    const character = text[at];
    if (inString) {
      if (character === '\\') at++;
      else if (character === '"') inString = false;
    } else if (character === '"') inString = true;
    else if (character === '{') depth++;
    else if (character === '}' && --depth === 0) return at + 1;
  }
  return undefined;
}
