// Pure. Every rule of the protocol, taken away once: a rule that nothing misses is none.
import { ledgerRules } from '../ledger.ts';
import type { Without } from './history.ts';
import { withoutRestores } from './weather.ts';
import type { Weather } from './weather.ts';

/** A rule taken away, and within how many histories a validator must miss it. */
export interface Removed { rule: string; within: number; without: Without }

// Two rules stand behind others and are not missed here: what a closed lease turns out to have cost is excess, and a list
// counts for other starts only while its own was heard last (for nodes whose ids of starts follow their clock).
const forgetful = (weather: Weather): Weather => ({ ...weather, restore: 0.05, delays: 0.5, longDelays: 0.2 });

const restored = (weather: Weather): Weather => ({ ...weather, restore: 0.02, lies: 0, clockJump: 0 });

const lending = (weather: Weather): Weather => ({ ...weather, nodes: Math.max(weather.nodes, 3), limit: 8_000, lends: true, servesOn: false, outage: 0.05 });

/** Many loans, and words that come a second time when others have overtaken them. */
const crowded = (weather: Weather): Weather => ({ ...lending(weather), nodes: 6, keys: 1, limit: 40_000, steps: 240, outage: 0.1, restore: 0, loss: 0, repeats: 0.9, delays: 0.3, longDelays: 0.02 });

const some = 300;
const more = 2_000;

/** The rules of the protocol, each taken away. */
export const rulesRemoved: readonly Removed[] = [
  { rule: 'what is spent and held never exceeds the limit', within: some, without: { ledger: { holds: () => true } } },
  { rule: 'a slice is granted by every budget or by none', within: some, without: { ledgerHabits: { allOrNone: false } } },
  { rule: 'the same wish gets the same lease', within: some, without: { ledgerHabits: { sameLeaseForSameWish: false } } },
  {
    rule: 'what is spent is a sum that rises, not a difference', within: some,
    without: { ledger: { judge: (row, nodeId, told, nowMs) => { const verdict = ledgerRules.judge(row, nodeId, told, nowMs); return verdict.is === 'raise' && row ? { ...verdict, spentNano: row.spentNano + told.spentNano } : verdict; } } },
  },
  {
    rule: 'nobody spends more than was granted: the rest is excess', within: more,
    without: { ledger: { judge: (row, nodeId, told, nowMs) => { const verdict = ledgerRules.judge(row, nodeId, told, nowMs); return verdict.is === 'raise' && row && told.spentNano > row.spentNano ? { ...verdict, spentNano: told.spentNano } : verdict; } } },
  },
  { rule: 'a node speaks for its own leases only', within: more, without: { ledger: { judge: (row, nodeId, told, nowMs) => ledgerRules.judge(row, row?.nodeId ?? nodeId, told, nowMs) } } },
  { rule: 'an orphan is older than the list that leaves it out', within: some, without: { ledger: { isOrphan: () => true } } },
  { rule: 'what is missing from a complete list goes back', within: some, without: { ledger: { isOrphan: () => false } } },
  {
    rule: 'what was reported as spent is no orphan', within: more,
    without: { ledger: { closing: (row, by) => ledgerRules.closing(row, by === 'ORPHAN' ? 'FINAL' : by) }, weather: forgetful },
  },
  { rule: 'what is written off counts as spent', within: more, without: { ledger: { closing: (row, by) => ledgerRules.closing(row, by === 'WRITE_OFF' ? 'FINAL' : by) } } },
  { rule: 'a lease is closed once', within: some, without: { ledger: { closing: (row, by) => ledgerRules.closing({ ...row, open: true }, by) } } },
  { rule: 'a lease that the database lost is taken back', within: more, without: { ledgerHabits: { adoptsUnknown: false } } },
  {
    rule: 'a lease that is taken back keeps its identity', within: more,
    without: { ledger: { judge: (row, nodeId, told, nowMs) => { const verdict = ledgerRules.judge(row, nodeId, told, nowMs); return verdict.is === 'adopt' ? { ...verdict, lease: { ...verdict.lease, bootId: '', reqSeq: 0 } } : verdict; } }, weather: forgetful },
  },
  { rule: 'no timer closes a lease', within: some, without: { ledgerHabits: { timerMs: 20_000 }, weather: withoutRestores } },
  { rule: 'a lease stays in the window that it was granted in', within: some, without: { ledgerHabits: { staysInItsWindow: false } } },
  { rule: 'a grant is taken only for the ask under way', within: some, without: { holder: { accepts: () => true } } },
  { rule: 'a slice gives no more than it has', within: some, without: { holder: { fits: () => true } } },
  { rule: 'a slice ends only when nothing is reserved on it', within: some, without: { holder: { mayEnd: () => true } } },
  { rule: 'a slice that ends takes no more', within: some, without: { holder: { isUsable: () => true } } },
  { rule: 'a list is complete only when all that was ever granted is known', within: more, without: { holder: { isComplete: () => true } } },
  { rule: 'a slice of an earlier start is wound up', within: more, without: { holder: { isOver: () => false } } },
  { rule: 'a grant is on disk before it is spent', within: some, without: { nodeHabits: { writesGrantsDown: false } } },
  { rule: 'what a crash left open is charged', within: some, without: { nodeHabits: { chargesWhatACrashLeftOpen: false } } },
  { rule: 'a damaged journal is not believed', within: more, without: { nodeHabits: { distrustsADamagedDisk: false } } },
  { rule: 'closed leases are told of anew', within: more, without: { nodeHabits: { retells: false }, weather: restored } },
  { rule: 'a database that does not know what was closed last closes no orphans', within: more, without: { ledgerHabits: { asksWhatIsClosed: false }, weather: restored } },
  { rule: 'what was lent before a start stays reserved', within: more, without: { loans: { staysLent: () => false }, weather: lending } },
  { rule: 'a loan is on disk before its borrower hears of it', within: more, without: { nodeHabits: { writesLoansDown: false }, weather: lending } },
  { rule: 'a loan that never arrived is older than the list that leaves it out', within: more, without: { loans: { isOrphan: () => true }, weather: crowded } },
  { rule: 'a loan that never arrived comes back', within: more, without: { loans: { isOrphan: () => false }, weather: lending } },
  { rule: 'only a final word ends a loan', within: more, without: { loans: { ends: () => true }, weather: lending } },
  { rule: 'only its borrower speaks for a loan', within: more, without: { loans: { isHis: () => true }, weather: (weather) => ({ ...lending(weather), lies: 0.05, restore: 0 }) } },
  { rule: 'what a node that was shut out has borrowed counts as spent', within: more, without: { loans: { writtenOffNano: () => 0n }, weather: (weather) => ({ ...lending(weather), revoke: 0.03 }) } },
  { rule: 'a neighbour gets no more than is free', within: more, without: { holder: { lends: (_held, _needNano, wantNano) => wantNano }, weather: lending } },
  { rule: 'ids of starts rise', within: 40_000, without: { nodeHabits: { idsOfStartsRise: false }, weather: (weather) => ({ ...weather, clockJump: 0.05, longDelays: 0.2, crash: 0.06 }) } },
];
