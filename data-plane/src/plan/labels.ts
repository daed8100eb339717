// Pure. What a client says its request is for, in headers that no upstream gets. A wrong one refuses nothing: it is cut or left out, and the trace says so.
import { Buffer } from 'node:buffer';
import { labelMost } from '@fairlead/shared/usage/labels.ts';
import type { Labelled } from '../journey/ask.ts';

/** Reads `x-fairlead-repo`, `x-fairlead-branch` and `x-fairlead-ticket`; undefined when there is none. */
export function labelledBy(headers: ReadonlyMap<string, string>): Labelled | undefined {
  const repo = headers.get('x-fairlead-repo'), branch = headers.get('x-fairlead-branch'), ticket = headers.get('x-fairlead-ticket');
  if (repo === undefined && branch === undefined && ticket === undefined) return undefined;
  const notes: string[] = [];
  const labels = { repo: labelIn('repo', repo, notes), branch: labelIn('branch', branch, notes), ticket: labelIn('ticket', ticket, notes) };
  return { labels, notes: notes.length > 0 ? notes : undefined };
}

function labelIn(name: string, header: string | undefined, notes: string[]): string | undefined {
  if (header === undefined) return undefined;
  const text = decoded(header)?.trim();
  if (text === '') return undefined;
  if (text === undefined || unprintable.test(text)) {
    notes.push(`x-fairlead-${name} was left out: it is not printable text`);
    return undefined;
  }
  if (text.length <= labelMost) return text;
  notes.push(`x-fairlead-${name} was cut to ${labelMost} characters`);
  // Never half of a pair, nor a space at the end, which not every database tells apart.
  return text.slice(0, labelMost).replace(/[\ud800-\udbff]$/, '').trimEnd();
}

// Controls, what turns the direction of text, private and unassigned characters, and breaks of lines.
const unprintable = /[\p{C}\p{Zl}\p{Zp}]/u;
const bytesOnly = /^[\0-\xff]*$/;
const plain = /^[\x20-\x7e]*$/;
const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Bytes beyond ASCII arrive one a character, and clients mean UTF-8; undefined when they do not. */
function decoded(header: string): string | undefined {
  if (plain.test(header) || !bytesOnly.test(header)) return header;
  try {
    return utf8.decode(Buffer.from(header, 'latin1'));
  } catch {
    return undefined;
  }
}
