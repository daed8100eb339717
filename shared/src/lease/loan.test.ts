import { expect, test } from 'vitest';
import { createHoldings } from './holdings.ts';
import type { LeaseGrant, LeaseReport, LeaseState } from './lease.ts';
import { createLoanBook } from './loan.ts';
import type { ClosedLoan, Loan } from './loan.ts';

const purse = { holderId: 'key_1', unit: 'USD' as const };
const wish = (reqSeq: number, needNano = '10', wantNano = '80', bootId = 'bot_2') => ({ ...purse, bootId, reqSeq, needNano, wantNano });
const state = (leaseId: string, spentNano: string, final: boolean): LeaseState => ({ ...purse, leaseId, bootId: 'bot_2', reqSeq: 1, grantedNano: '50', spentNano, excessNano: '0', final });

/** A lender that holds a slice of 100, on a memory that outlives it. */
function openLender(memory = { loans: new Map<string, Loan>(), closed: [] as ClosedLoan[], fails: false }, usableUntil?: number) {
  const slice: LeaseGrant = { ...purse, leaseId: 'lse_1', bootId: 'bot_1', reqSeq: 1, grantedNano: '100', ...(usableUntil === undefined ? {} : { usableUntil }) };
  const holdings = createHoldings({ bootId: 'bot_1', now: () => 1_000, memory: { granted: () => undefined, leaseClosed: () => undefined }, recovered: [], whole: true });
  holdings.ask(purse, 10n, 100n);
  void holdings.granted(slice);
  let named = 0;
  const fail = () => { if (memory.fails) throw new Error('no room'); };
  const book = createLoanBook({
    lenderId: 'nod_1', holdings, now: () => 1_000, newLoanId: () => `lon_${++named}`, recovered: memory.loans.values(), closed: memory.closed,
    memory: {
      lent(loan) { fail(); memory.loans.set(loan.loanId, loan); },
      loansClosed(closed) { fail(); for (const one of closed) if (memory.loans.delete(one.loan.loanId)) memory.closed.push(one); },
    },
  });
  const [held] = holdings.of('key_1');
  if (!held) throw new Error('the slice is not held');
  return { holdings, book, memory, held, lend: (reqSeq: number, ...more: string[]) => book.ask('nod_2', wish(reqSeq, ...more)) as LeaseGrant | undefined };
}

test('half of what is free is lent at most, and nothing when that is less than is needed', () => {
  const { lend, held } = openLender();
  expect(lend(1)?.grantedNano).toBe('50');
  expect(lend(2)?.grantedNano).toBe('25');
  expect(lend(3, '13')).toBeUndefined();
  expect(lend(4, '5', '7')?.grantedNano).toBe('7');
  expect(held.reservedNano).toBe(82n);
});

test('a loan names the lender, its lease and its end; what was lent is not lent on', () => {
  const { lend } = openLender(undefined, 5_000);
  const grant = lend(1);
  expect(grant).toMatchObject({ leaseId: 'lon_1', usableUntil: 5_000, bootId: 'bot_2', reqSeq: 1, loan: { lenderId: 'nod_1', leaseId: 'lse_1' } });
  const borrower = createHoldings({ bootId: 'bot_2', now: () => 1_000, memory: { granted: () => undefined, leaseClosed: () => undefined }, recovered: [], whole: true });
  borrower.ask(purse, 10n, 80n);
  if (grant) void borrower.granted(grant);
  expect(borrower.couldLend('key_1', 1n)).toBe(false);
  expect(borrower.take('key_1', 20n)).toMatchObject({ leaseId: 'lse_1', loan: { loanId: 'lon_1', lenderId: 'nod_1' } });
});

test('the same wish gets the same loan, and nothing once that is over', () => {
  const { lend, book, held } = openLender();
  expect(lend(1)).toEqual(lend(1));
  expect(held.reservedNano).toBe(50n);
  void book.report('nod_2', { bootId: 'bot_2', reqSeq: 1, complete: true, leases: [state('lon_1', '9', true)] });
  expect([lend(1), held.reservedNano, held.spentNano]).toEqual([undefined, 0n, 9n]);
});

test('a final counts once however often it comes, also after a start; what is above the loan is excess', () => {
  const first = openLender();
  first.lend(1);
  const final = { bootId: 'bot_2', reqSeq: 1, complete: false, leases: [state('lon_1', '60', true)] };
  expect([first.book.report('nod_2', final), first.book.report('nod_2', final)]).toEqual([['lon_1'], ['lon_1']]);
  expect([first.held.spentNano, first.held.excessNano, first.held.reservedNano]).toEqual([50n, 10n, 0n]);
  const second = openLender(first.memory);
  expect([second.book.report('nod_2', final), second.held.spentNano, second.memory.closed.length]).toEqual([['lon_1'], 0n, 1]);
});

test('what cannot be written is neither lent nor over', () => {
  const { lend, book, held, memory } = openLender();
  memory.fails = true;
  expect(() => lend(1)).toThrow('no room');
  expect(held.reservedNano).toBe(0n);
  memory.fails = false;
  lend(2);
  memory.fails = true;
  const final = { bootId: 'bot_2', reqSeq: 2, complete: true, leases: [state('lon_2', '5', true)] };
  expect(() => book.report('nod_2', final)).toThrow('no room');
  expect([held.reservedNano, held.spentNano, book.open().length]).toEqual([50n, 0n, 1]);
  memory.fails = false;
  expect([book.report('nod_2', final), held.spentNano]).toEqual([['lon_2'], 5n]);
});

test('a final for a loan that nobody remembers is over, unless this book is another\'s to write by now', () => {
  const { book, memory, held } = openLender();
  const final = { bootId: 'bot_2', reqSeq: 1, complete: true, leases: [state('lon_9', '5', true)] };
  memory.fails = true;
  expect(() => book.report('nod_2', final)).toThrow('no room');
  memory.fails = false;
  expect([book.report('nod_2', final), held.spentNano, memory.closed.length]).toEqual([['lon_9'], 0n, 0]);
});

test('a loan that a complete list leaves out comes back only when the list is newer than its ask, and nobody else speaks for it', () => {
  const { lend, book, held } = openLender();
  lend(3);
  const list = (bootId: string, reqSeq: number, complete = true): LeaseReport => ({ bootId, reqSeq, complete, leases: [] });
  const words: [string, LeaseReport][] = [['nod_2', list('bot_2', 3)], ['nod_2', list('bot_2', 4, false)], ['nod_2', list('bot_1', 9)], ['nod_3', list('bot_3', 9)], ['nod_3', { ...list('bot_3', 9), leases: [state('lon_1', '0', true)] }]];
  for (const [from, told] of words) void book.report(from, told);
  expect(held.reservedNano).toBe(50n);
  void book.report('nod_2', list('bot_2', 4));
  expect(held.reservedNano).toBe(0n);
});

test('one that was told to have been spent from is no orphan', () => {
  const { lend, book, held } = openLender();
  lend(1);
  void book.report('nod_2', { bootId: 'bot_2', reqSeq: 1, complete: true, leases: [state('lon_1', '5', false)] });
  void book.report('nod_2', { bootId: 'bot_2', reqSeq: 4, complete: true, leases: [] });
  expect([held.reservedNano, held.spentNano]).toEqual([50n, 0n]);
});

test('what a neighbour has that was shut out counts as spent, whatever it says later', () => {
  const { lend, book, held } = openLender();
  lend(1);
  void book.writeOff('nod_3');
  expect(held.spentNano).toBe(0n);
  void book.writeOff('nod_2');
  expect([held.spentNano, held.reservedNano]).toEqual([50n, 0n]);
  expect(book.report('nod_2', { bootId: 'bot_2', reqSeq: 1, complete: true, leases: [state('lon_1', '9', true)] })).toEqual(['lon_1']);
  expect(held.spentNano).toBe(50n);
});

test('a slice with a loan on it does not end, also one of an earlier start', () => {
  const { lend, holdings, memory } = openLender();
  lend(1);
  expect(holdings.report(() => true).leases.map(({ final }) => final)).toEqual([false]);
  const recovered = [{ grant: { ...purse, leaseId: 'lse_1', bootId: 'bot_1', reqSeq: 1, grantedNano: '100' }, spentNano: 3n, excessNano: 0n }];
  const again = createHoldings({ bootId: 'bot_2', now: () => 1_000, memory: { granted: () => undefined, leaseClosed: () => undefined }, recovered, whole: true });
  const book = createLoanBook({ lenderId: 'nod_1', holdings: again, memory: { lent: () => undefined, loansClosed: () => undefined }, recovered: memory.loans.values(), closed: [], now: () => 1_000, newLoanId: () => '' });
  expect(again.report(() => true).leases).toMatchObject([{ final: false, spentNano: '3' }]);
  void book.report('nod_2', { bootId: 'bot_2', reqSeq: 1, complete: true, leases: [state('lon_1', '40', true)] });
  expect(again.report(() => true).leases).toMatchObject([{ final: true, spentNano: '43' }]);
});
