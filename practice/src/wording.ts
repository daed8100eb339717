// Pure. Finds the one finding that a vendor would name first in what the schema says.
import type { z } from 'zod';

/** One thing wrong with a body. */
export type Finding = {
  readonly path: readonly (string | number)[];
  readonly kind: 'unknown' | 'missing' | 'type' | 'value' | 'tag' | 'small' | 'other';
  /** The expected type, the allowed values, or the least size. */
  readonly expected: string;
  readonly allowed: readonly string[];
  readonly message: string;
};

/** The first finding; of a union the branch counts that went deepest, as the one that was meant. */
export function firstFinding(error: z.ZodError, body: unknown): Finding {
  const issue = error.issues[0];
  if (!issue) return { path: [], kind: 'other', expected: '', allowed: [], message: 'Invalid body' };
  return findingOf(issue, [], body);
}

function findingOf(issue: z.core.$ZodIssue, before: readonly (string | number)[], body: unknown): Finding {
  const path = [...before, ...issue.path.map((step) => (typeof step === 'number' ? step : String(step)))];
  const base = { path, expected: '', allowed: [], message: issue.message };
  switch (issue.code) {
    case 'unrecognized_keys':
      return { ...base, path: [...path, issue.keys[0] ?? ''], kind: 'unknown' };
    case 'invalid_type':
      return { ...base, kind: valueAt(body, path) === undefined ? 'missing' : 'type', expected: issue.expected };
    case 'invalid_value':
      return { ...base, kind: valueAt(body, path) === undefined ? 'missing' : 'value', allowed: issue.values.map(String) };
    case 'too_small':
      return { ...base, kind: 'small', expected: String(issue.minimum) };
    case 'invalid_union': {
      if (issue.errors.length === 0) return { ...base, kind: 'tag', expected: String(valueAt(body, [...path]) ?? '') };
      const branches = issue.errors.flatMap((branch) => (branch[0] ? [findingOf(branch[0], path, body)] : []));
      return branches.reduce((best, other) => (weight(other) > weight(best) ? other : best), branches[0] ?? { ...base, kind: 'other' });
    }
    default:
      return { ...base, kind: 'other' };
  }
}

/** Deeper findings come from the branch that fitted better; a type that fits no branch says least. */
function weight(finding: Finding): number {
  return finding.path.length * 10 + (finding.kind === 'type' ? 0 : 5);
}

/** The value at a path of a parsed body. */
export function valueAt(body: unknown, path: readonly (string | number)[]): unknown {
  let value: unknown = body;
  for (const step of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = Object.entries(value).find(([key]) => key === String(step))?.[1];
  }
  return value;
}
