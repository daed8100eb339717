// Pure. Which requests a stored error rule fits, and what it may make of them.
import { isLoose } from '@fairlead/shared/wire/json.ts';

/** The classes that a rule may give an upstream's error; the node knows more, which no rule can mean. */
export const errorOutcomes = ['client-input', 'credential', 'credential-spent', 'model-missing', 'limited', 'overloaded', 'failed'] as const;

/** One of these classes. */
export type ErrorOutcome = (typeof errorOutcomes)[number];

/** Which errors a rule fits; what is absent fits every error. */
export interface ErrorMatch { statuses?: number[]; pattern?: string }

/** The stored condition of an error rule. */
export function errorMatch(value: unknown): ErrorMatch {
  if (!isLoose(value)) return {};
  const statuses = Array.isArray(value.statuses) ? value.statuses.filter((status) => typeof status === 'number' && Number.isSafeInteger(status)) : [];
  return { ...(statuses.length > 0 ? { statuses } : {}), ...(typeof value.pattern === 'string' && value.pattern !== '' ? { pattern: value.pattern } : {}) };
}

/** The stored class; undefined = as classified. */
export function errorOutcome(value: string | null): ErrorOutcome | undefined {
  return errorOutcomes.find((known) => known === value);
}
