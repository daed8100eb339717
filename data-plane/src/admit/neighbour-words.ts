// Pure. What neighbours say to each other about loans, read with care: it comes through a Redis that others write to.
import type { LeaseAsk, LeaseGrant, LeaseReport, LeaseState } from '@fairlead/shared/lease/lease.ts';
import { readPurse, quotaUnits } from '@fairlead/shared/lease/purse.ts';
import type { Purse } from '@fairlead/shared/lease/purse.ts';
import { isLoose, listOf, parseJson } from '@fairlead/shared/wire/json.ts';
import type { Loose } from '@fairlead/shared/wire/json.ts';

/**
 * One thing that is said. `who`: does anybody have as much of this purse to spare; `can`: I do. `ask` and `report` are
 * what a node says to the control plane otherwise; `granted`, `none` (nothing to spare; also to `who`) and `over` (loans that are over) are the answers.
 * `tell`: how do your loans from me stand; `back`: I stop, give back what you can.
 */
export type Word =
  | { is: 'who'; purse: Purse; needNano: string }
  | { is: 'can' }
  | { is: 'ask'; ask: LeaseAsk }
  | { is: 'granted'; grant: LeaseGrant }
  | { is: 'none' }
  | { is: 'report'; report: LeaseReport }
  | { is: 'over'; loanIds: string[] }
  | { is: 'tell' }
  | { is: 'back' };

/** A word on its way: `id` is new for each, `re` the one that it answers. */
export interface Said { id: string; re?: string; from: string; to?: string; word: Word }

const leasesMost = 5_000;

/** What a text says; undefined when it is nothing that a neighbour would say. */
export function readSaid(text: string): Said | undefined {
  const value = parseJson(text);
  if (!isLoose(value) || !isName(value.id) || !isName(value.from) || !isLoose(value.word)) return undefined;
  const word = readWord(value.word);
  if (!word || (value.re !== undefined && !isName(value.re)) || (value.to !== undefined && !isName(value.to))) return undefined;
  return { id: value.id, from: value.from, word, ...(value.re === undefined ? {} : { re: value.re }), ...(value.to === undefined ? {} : { to: value.to }) };
}

function readWord(word: Loose): Word | undefined {
  switch (word.is) {
    case 'can': case 'none': case 'tell': case 'back': return { is: word.is };
    case 'who': {
      const purse = isLoose(word.purse) ? purseOf(word.purse) : undefined;
      return purse && isAmount(word.needNano) ? { is: 'who', purse, needNano: word.needNano } : undefined;
    }
    case 'ask': return isLoose(word.ask) ? readAsk(word.ask) : undefined;
    case 'granted': return isLoose(word.grant) ? readGrant(word.grant) : undefined;
    case 'report': return isLoose(word.report) ? readReport(word.report) : undefined;
    case 'over': {
      const loanIds = listOf(word.loanIds);
      return loanIds.length <= leasesMost && loanIds.every(isName) ? { is: 'over', loanIds: [...loanIds] } : undefined;
    }
    default: return undefined;
  }
}

function readAsk(ask: Loose): Word | undefined {
  const purse = purseOf(ask);
  const { bootId, reqSeq, needNano, wantNano } = ask;
  if (!purse || !isName(bootId) || !isCount(reqSeq) || !isAmount(needNano) || !isAmount(wantNano) || BigInt(needNano) === 0n) return undefined;
  return { is: 'ask', ask: { ...purse, bootId, reqSeq, needNano, wantNano } };
}

function readGrant(grant: Loose): Word | undefined {
  const purse = purseOf(grant);
  const { leaseId, bootId, reqSeq, grantedNano, usableUntil, loan } = grant;
  if (!purse || !isName(leaseId) || !isName(bootId) || !isCount(reqSeq) || !isAmount(grantedNano) || !isLoose(loan) || !isName(loan.leaseId) || !isName(loan.lenderId)) return undefined;
  if (usableUntil !== undefined && !isCount(usableUntil)) return undefined;
  return { is: 'granted', grant: { ...purse, leaseId, bootId, reqSeq, grantedNano, ...(usableUntil === undefined ? {} : { usableUntil }), loan: { lenderId: loan.lenderId, leaseId: loan.leaseId } } };
}

function readReport(report: Loose): Word | undefined {
  const { bootId, reqSeq, complete } = report;
  const leases: LeaseState[] = [];
  const told = listOf(report.leases);
  if (!isName(bootId) || !isCount(reqSeq) || typeof complete !== 'boolean' || told.length > leasesMost) return undefined;
  for (const one of told) {
    const state = isLoose(one) ? readState(one) : undefined;
    // A list with a part that cannot be read is none: what it leaves out would be taken back.
    if (!state) return undefined;
    leases.push(state);
  }
  return { is: 'report', report: { bootId, reqSeq, complete, leases } };
}

function readState(state: Loose): LeaseState | undefined {
  const purse = purseOf(state);
  const { leaseId, bootId, reqSeq, grantedNano, spentNano, excessNano, final } = state;
  if (!purse || !isName(leaseId) || !isName(bootId) || !isCount(reqSeq) || !isAmount(grantedNano) || !isAmount(spentNano) || !isAmount(excessNano) || typeof final !== 'boolean') return undefined;
  return { ...purse, leaseId, bootId, reqSeq, grantedNano, spentNano, excessNano, final };
}

function purseOf({ holderId, unit }: Loose): Purse | undefined {
  const known = quotaUnits.find((one) => one === unit);
  return isName(holderId) && known ? readPurse({ holderId, unit: known }) : undefined;
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value.length > 0 && value.length <= 100;
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function isAmount(value: unknown): value is string {
  return typeof value === 'string' && /^\d{1,18}$/.test(value);
}
