import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Stack } from './stack.ts';

/** Whether bytes hold a text plain, as hexadecimal or as base64 at any alignment. */
export function holds(bytes: Buffer, text: string): boolean {
  const base64 = [0, 1, 2].map((shift) => Buffer.from('x'.repeat(shift) + text).toString('base64').slice(shift === 0 ? 0 : shift + 1, -4));
  return [text, Buffer.from(text).toString('hex'), ...base64].some((form) => bytes.includes(form));
}

/** The files of every process of a stack, and its logs, in which a text stands in any of those forms. */
export function placesOf(stack: Stack, text: string): { looked: number; found: string[] } {
  const places = [stack.dataDir, ...stack.nodes.map((node) => node.dataDir)].flatMap((folder) => files(folder));
  const found = places.filter((path) => holds(readFileSync(path), text));
  if (stack.logs().includes(text)) found.push('the logs');
  return { looked: places.length, found };
}

function files(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => { const path = join(folder, name); return statSync(path).isDirectory() ? files(path) : [path]; });
}
