// The lease protocol under every fault, and the proof that each of its rules is needed. The rules are the planes' own.
import { expect, test } from 'vitest';
import type { LedgerBudget } from '../ledger.ts';
import { rulesRemoved } from './rules-removed.ts';
import { runHistories } from './run.ts';
import { utilisation } from './utilisation.ts';

const deep = process.env.FAIRLEAD_TEST_DEEP === '1';
const seed = Number(process.env.FAIRLEAD_TEST_SEED ?? 0) || 1;
const histories = deep ? 100_000 : 400;

test(`${histories} histories of loss, repeats, crashes, partitions, restores, lies and loans overspend no budget, lose nothing and bring every slice back (seed ${seed})`, { timeout: 900_000 }, () => {
  const { figures, failures } = runHistories(seed, histories);
  expect(failures).toEqual([]);
  // Histories in which little happens prove little.
  expect(figures.crashes).toBeGreaterThan(histories / 4);
  expect(figures.restores).toBeGreaterThan(0);
  expect(figures.uncovered).toBeGreaterThan(histories / 4);
  expect(figures.loans).toBeGreaterThan(histories / 8);
  expect(figures.denials).toBeGreaterThan(histories / 4);
});

test.each(rulesRemoved)('without the rule "$rule" a promise breaks within $within histories', { timeout: 120_000 }, ({ within, without }) => {
  expect(runHistories(1, within, without).failures).toHaveLength(1);
});

test('the same seed is the same history', () => {
  expect(runHistories(77, 20)).toEqual(runHistories(77, 20));
});

test('nobody is refused before 99.5 % of a budget is spent while nothing breaks; with slices of all that is left most of it lies idle', { timeout: 120_000 }, () => {
  expect(utilisation(2, 8).spent).toBeGreaterThanOrEqual(995);
  const allThatIsLeft = ([budget]: LedgerBudget[], needNano: bigint) => (budget ? most(budget.limitNano - budget.spentNano - budget.escrowNano, needNano) : needNano);
  expect(utilisation(2, 8, { sizeOf: (budgets, needNano) => allThatIsLeft([...budgets], needNano) }).spent).toBeLessThan(500);
});

function most(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}
