// Pure. Checks of input that gather every problem before refusing.
import { usdNano } from '@fairlead/shared/money/charge.ts';
import { isTimeZone, windowKinds } from '@fairlead/shared/time/window.ts';
import type { WindowKind } from '@fairlead/shared/time/window.ts';
import { Refused } from './problem.ts';
import type { Problem, ProblemCode } from './problem.ts';

/** What inputs give for a field that was not set. */
export type Unset = null | undefined;

/** Gathers problems of one input; `done` refuses when there are any. */
export class Checks {
  readonly problems: Problem[] = [];

  say(path: string[], code: ProblemCode, message: string, fix?: string): void {
    this.problems.push({ code, message, path, ...(fix === undefined ? {} : { fix }) });
  }

  /** A text with 1 to `max` characters, trimmed; no control characters. */
  name(value: string, path: string[], max = 100): string {
    const text = value.trim();
    if (text === '') this.say(path, 'INVALID', 'It must not be empty.');
    else if (text.length > max) this.say(path, 'TOO_LONG', `It must have at most ${max} characters.`);
    else if (hasControl(text)) this.say(path, 'INVALID', 'It must not contain control characters.');
    return text;
  }

  /** A positive amount of dollars as nano-USD. */
  amount(value: string, path: string[], lowest = 1n): bigint {
    const nano = usdNano(value.trim());
    if (nano === undefined) this.say(path, 'INVALID', 'It must be an amount of dollars such as "0.25", with at most nine digits before and after the point.');
    else if (nano < lowest) this.say(path, 'INVALID', 'It must be more than zero.');
    return nano ?? 0n;
  }

  /** A whole number of something as text. */
  whole(value: string, path: string[], of: string): bigint {
    const text = value.trim();
    if (/^\d{1,15}$/.test(text)) return BigInt(text);
    this.say(path, 'INVALID', `It must be a whole number of ${of.toLowerCase()} such as "1000000", with at most 15 digits.`);
    return 0n;
  }

  /** A whole number in a range; undefined stays undefined. */
  count(value: number | Unset, path: string[], lowest: number, highest: number): number | undefined {
    if (value === null || value === undefined) return undefined;
    if (!Number.isSafeInteger(value) || value < lowest || value > highest) this.say(path, 'INVALID', `It must be a whole number from ${lowest} to ${highest}.`);
    return value;
  }

  /** Model names, with `*` as a wildcard. */
  models(value: readonly string[] | Unset, path: string[]): string[] | undefined {
    if (value === null || value === undefined) return undefined;
    if (value.length > 200) this.say(path, 'TOO_LONG', 'It must have at most 200 names.');
    value.forEach((name, at) => { if (!isModelName(name)) this.say([...path, String(at)], 'INVALID', 'It must be a model name such as "claude-haiku-5-5", or a pattern such as "claude-*".'); });
    return [...new Set(value)];
  }

  /** Names of clients as the request log shows them, with `*` as a wildcard. */
  clients(value: readonly string[] | Unset, path: string[]): string[] | undefined {
    if (value === null || value === undefined) return undefined;
    if (value.length > 50) this.say(path, 'TOO_LONG', 'It must have at most 50 names.');
    value.forEach((name, at) => { if (!/^[\w.*-]{1,40}$/.test(name)) this.say([...path, String(at)], 'INVALID', 'It must be the name of a client such as "claude-code", or a pattern such as "*-sdk".'); });
    return [...new Set(value.map((name) => name.toLowerCase()))];
  }

  /** Words that rules may ask for. */
  tags(value: readonly string[] | Unset, path: string[]): string[] | undefined {
    if (value === null || value === undefined) return undefined;
    if (value.length > 20) this.say(path, 'TOO_LONG', 'It must have at most 20 tags.');
    value.forEach((tag, at) => { if (!/^[\w.:/-]{1,50}$/.test(tag)) this.say([...path, String(at)], 'INVALID', 'It must be a word of letters, digits and "_.:/-", with at most 50 characters.'); });
    return [...new Set(value)];
  }

  /** The kind of a quota's window with its time zone. */
  window(kind: string, zone: string | Unset, path: string[]): { window: WindowKind; timeZone: string } {
    const window = windowKinds.find((known) => known === kind);
    if (!window) this.say([...path, 'window'], 'INVALID', `It must be one of ${windowKinds.join(', ')}.`);
    const timeZone = zone ?? 'UTC';
    if (!isTimeZone(timeZone) || timeZone.length > 60) this.say([...path, 'timeZone'], 'INVALID', 'It must be a time zone such as "Europe/Berlin".');
    return { window: window ?? 'TOTAL', timeZone };
  }

  /** An instant after now. */
  future(value: Date | Unset, path: string[], nowMs: number): Date | undefined {
    if (!value) return undefined;
    if (value.getTime() <= nowMs) this.say(path, 'INVALID', 'It must be in the future.');
    return value;
  }

  done(): void {
    if (this.problems.length > 0) throw new Refused(...this.problems);
  }
}

/** Whether a text can be the name of a model, or a pattern for names. */
export function isModelName(text: string): boolean {
  return /^[\w.\-:/@*[\]+]{1,150}$/.test(text);
}

function hasControl(text: string): boolean {
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) < 32 || text.charCodeAt(at) === 127) return true;
  return false;
}

/** A short name for URLs: lower-case letters, digits and hyphens. */
export function slugOf(text: string): string {
  return text.toLowerCase().normalize('NFKD').replace(/[^a-z0-9]+/g, '-').replace(/^-+|-+$/g, '').slice(0, 60);
}

/** The given short name, or one made from the name; a name without Latin letters gets the end of the id instead. */
export function slugFor(given: string | Unset, name: string, id: string): string {
  if (given !== null && given !== undefined) return slugOf(given);
  const made = slugOf(name);
  return made.length >= 2 ? made : id.slice(-10).toLowerCase();
}
