// Pure. Refusals that a caller can act on: values, not failures.

/** Codes of refusals. NOT_PROPAGATED is a warning: the change is saved. */
export const problemCodes = [
  'INVALID', 'TOO_LONG', 'TAKEN', 'NOT_FOUND', 'FORBIDDEN', 'STALE_VERSION', 'IN_USE', 'LIMIT', 'EXPIRED', 'USED', 'REVOKED', 'POOL_EXHAUSTED',
  'CAMPAIGN_CLOSED', 'PROOF_REQUIRED', 'RATE_LIMITED', 'NOT_PROPAGATED', 'ADDRESS_REFUSED',
] as const;

/** One of the codes. */
export type ProblemCode = (typeof problemCodes)[number];

/** What is wrong, where, and what would help. */
export interface Problem { code: ProblemCode; message: string; path?: string[]; fix?: string; reopensAt?: Date | null }

/** What a command answers: its value with warnings, or why it did nothing. */
export type Result<T> = { ok: true; value: T; warnings: Problem[]; /** The routing revision that holds the change, where there was one for nodes. */ revision?: number } | { ok: false; problems: Problem[] };

/** Ends a command: everything it wrote is rolled back and the problems are answered. */
export class Refused extends Error {
  readonly problems: Problem[];
  constructor(...problems: Problem[]) {
    super(problems.map((problem) => problem.message).join(' '));
    this.problems = problems;
  }
}

/** Refuses because an object is not there, or is not visible to this actor: the two must look the same. */
export function notFound(what: string, path: string[] = ['id']): Refused {
  return new Refused({ code: 'NOT_FOUND', message: `There is no such ${what}.`, path });
}

/** Refuses when an update was made on an older version than the stored one. */
export function checkVersion(stored: number, expected: number | null | undefined): void {
  if (expected !== null && expected !== undefined && expected !== stored) {
    throw new Refused({ code: 'STALE_VERSION', message: `It was changed meanwhile: it is at version ${stored}, you changed version ${expected}.`, path: ['expectedVersion'], fix: 'Read it again and repeat the change.' });
  }
}
