// Pure. What an operator says an upstream's error means.
import { RE2JS } from 're2js';
import type { SnapshotErrorRule } from '../snapshot/snapshot.ts';

/** The largest pattern, in steps of its program: each may be taken at each character of a text. A long alternation has some 300, `.{0,1000}` has 2,000. */
export const patternStepsMost = 400;
/** How much of an error's text is held against a pattern. */
const textMost = 2_048;

/** An error rule ready for use. RE2's syntax: a pattern takes at most its `steps` times the length of the text. */
export interface ErrorRule { row: SnapshotErrorRule; steps: number; fits(upstreamId: string, status: number, text: string): boolean }

/** Compiles a rule; a text says what is wrong with its pattern. */
export function compileErrorRule(row: SnapshotErrorRule): ErrorRule | string {
  let pattern: RE2JS | undefined;
  try {
    pattern = row.pattern === undefined ? undefined : RE2JS.compile(row.pattern, RE2JS.CASE_INSENSITIVE);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  const steps = pattern?.programSize() ?? 0;
  if (steps > patternStepsMost) return `it repeats too much, such as "{0,1000}" (${steps} steps, at most ${patternStepsMost})`;
  return {
    row, steps,
    fits: (upstreamId, status, text) => (row.upstream === undefined || row.upstream === upstreamId) && (row.statuses === undefined || row.statuses.includes(status)) && (pattern === undefined || pattern.matcher(text.slice(0, textMost)).find()),
  };
}

/** The usable rules of a tenant's exchanges, its own and the operator's, by position. */
export function errorRulesFor(rules: readonly ErrorRule[], tenant: string): ErrorRule[] {
  return rules.filter(({ row }) => row.tenant === undefined || row.tenant === tenant);
}

/** Compiles what can be compiled, by position: one bad pattern does not take the others with it. */
export function compileErrorRules(rows: readonly SnapshotErrorRule[]): ErrorRule[] {
  return [...rows].sort((a, b) => a.position - b.position || (a.id < b.id ? -1 : 1)).map(compileErrorRule).filter((rule) => typeof rule !== 'string');
}
