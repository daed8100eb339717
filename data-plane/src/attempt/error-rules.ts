// Pure. The operator's word on an error goes before our own tables.
import { errorRulesFor } from '@fairlead/shared/faults/error-rule.ts';
import type { ErrorRule } from '@fairlead/shared/faults/error-rule.ts';
import { outcomes } from './classify.ts';
import type { Outcome } from './classify.ts';

/** What a rule changes: the class, the sentence, the status. `own`: a tenant's rule, which speaks for nobody else. */
export interface Ruling { name: string; own: boolean; outcome?: Outcome; say?: string; status?: number }

/** The first rule that fits an error; undefined when none does. */
export type ErrorRules = (upstreamId: string, status: number, text: string) => Ruling | undefined;

/** The rules that count for a tenant. */
export function errorRulesOf(rules: readonly ErrorRule[], tenant: string): ErrorRules {
  if (rules.length === 0) return () => undefined;
  const mine = errorRulesFor(rules, tenant);
  return (upstreamId, status, text) => {
    const found = mine.find((rule) => rule.fits(upstreamId, status, text))?.row;
    if (!found) return undefined;
    const outcome = outcomes.find((name) => name === found.outcome);
    return { name: found.name, own: found.tenant !== undefined, ...(outcome ? { outcome } : {}), ...(found.say === undefined ? {} : { say: found.say }), ...(found.status === undefined ? {} : { status: found.status }) };
  };
}
