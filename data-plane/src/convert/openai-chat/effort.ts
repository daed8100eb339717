// Pure. Effort in the words of OpenAI's dialects.
import type { Effort } from '../hub/conversation.ts';

/** The effort that a word asks for; a word of tomorrow is the middle. */
export function effortOfWord(word: string): Effort {
  switch (word) {
    case 'none':
      return { kind: 'off' };
    case 'minimal':
    case 'low':
    case 'high':
    case 'xhigh':
    case 'max':
      return { kind: 'level', level: word };
    default:
      return { kind: 'level', level: 'medium' };
  }
}

/** An effort as OpenAI's dialects name it; a budget becomes the level that thinks about as much. */
export function effortWord(effort: Effort | undefined): string | undefined {
  switch (effort?.kind) {
    case undefined:
      return undefined;
    case 'off':
      return 'none';
    case 'level':
      return effort.level === 'max' ? 'xhigh' : effort.level;
    case 'budget':
      return effort.tokens < 4_096 ? 'low' : effort.tokens < 16_384 ? 'medium' : 'high';
  }
}
