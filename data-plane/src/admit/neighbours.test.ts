// Nodes that lend to each other, put together as they are in a process, with the post between them in the test's hands.
import { expect, test } from 'vitest';
import { TestClock } from '@fairlead/shared/time/clock.ts';
import { createPostOffice, openTestNode, turnsUntil } from './testing/neighbourhood.ts';

const never = new AbortController().signal;
const reserve = async (node: ReturnType<typeof openTestNode>, amountNano = 10n) => node.leases.reserve('key_1', amountNano, never);
const codeOf = (work: Promise<unknown>) => work.then(() => 'served', (cause: { code?: string }) => cause.code);

/** A node with a slice of 80, of which 10 are spent, and one beside it whose control plane is away. */
async function openPair(group = { epoch: 1, secrets: { 1: 7 } as Record<number, number> }) {
  const office = createPostOffice();
  const clock = new TestClock();
  const [rich, poor] = [openTestNode({ id: 'nod_rich', office, clock }), openTestNode({ id: 'nod_poor', office, clock, group })];
  (await reserve(rich)).settle(10n, 0n);
  poor.control.answers = 'away';
  return { office, clock, rich, poor };
}

test('an idle slice is not given up to a control plane that was seen to go: it is spent, or lent, until that is back', async () => {
  const node = openTestNode({ id: 'nod_1', office: createPostOffice() });
  (await reserve(node)).settle(10n, 0n);
  node.clock.advance(1_300);
  node.leases.lost();
  node.control.answers = 'away';
  await expect(node.leases.report(never)).rejects.toThrow('nobody is there');
  (await reserve(node)).settle(10n, 0n);
  expect(node.leases.slices.couldLend('key_1', 10n)).toBe(true);
  node.clock.advance(1_300);
  node.control.answers = 'grants';
  await node.leases.report(never);
  await node.leases.report(never);
  expect(node.control.reports.map(({ leases }) => leases.map(({ final, spentNano }) => [final, spentNano]))).toEqual([[[false, '20']], [[true, '20']]]);
});

test('who can ask nobody borrows from a neighbour, and what it spent is counted on the neighbour\'s slice alone', async () => {
  const { clock, rich, poor } = await openPair();
  const slice = await reserve(poor);
  expect(slice).toMatchObject({ leaseId: 'lse_nod_rich_1', loan: { lenderId: 'nod_rich' } });
  expect([rich.lending.lent(), poor.borrowing.held()]).toEqual([{ loans: 1, grantedNano: 35n }, { loans: 1, grantedNano: 35n }]);
  // The next one fits what is held.
  const asked = poor.control.asked;
  (await reserve(poor)).settle(4n, 0n);
  expect(poor.control.asked).toBe(asked);
  slice.settle(7n, 0n);
  clock.advance(1_300);
  poor.borrowing.report();
  await turnsUntil(() => rich.lending.lent().loans === 0 && poor.borrowing.held().loans === 0);
  await rich.leases.release(never);
  expect(rich.control.reports.at(-1)?.leases).toMatchObject([{ spentNano: '21', final: true }]);
  expect(poor.control.reports).toEqual([]);
});

test('whose budget is granted to others borrows; whom the control plane refuses does not', async () => {
  const { poor } = await openPair();
  poor.control.answers = 'refuses';
  expect(await codeOf(reserve(poor))).toBe('quota.unavailable');
  poor.control.answers = 'spent';
  expect(await codeOf(reserve(poor))).toBe('served');
});

test('where nobody has anything to spare that is said at once, for all who wait, and nobody is asked again soon', async () => {
  const { office, clock, poor } = await openPair();
  const words = () => office.sent.filter((text) => text.includes('"who"')).length;
  expect(await Promise.all([reserve(poor, 60n), reserve(poor, 60n), reserve(poor, 60n)].map(codeOf))).toEqual(Array(3).fill('quota.unavailable'));
  expect(words()).toBe(1);
  expect(await codeOf(reserve(poor, 60n))).toBe('quota.unavailable');
  expect(words()).toBe(1);
  clock.advance(500);
  expect(await codeOf(reserve(poor, 60n))).toBe('quota.unavailable');
  expect(words()).toBe(2);
});

test('who is alone waits for 0.4 s once, and asks again when ten seconds are over or somebody is heard', async () => {
  const { office, clock, rich, poor } = await openPair();
  const words = () => office.sent.filter((text) => text.includes('"who"')).length;
  office.passes = () => false;
  const first = codeOf(reserve(poor));
  await turnsUntil(() => words() === 1);
  clock.advance(400);
  expect(await first).toBe('quota.unavailable');
  clock.advance(9_999);
  expect([await codeOf(reserve(poor)), words()]).toEqual(['quota.unavailable', 1]);
  office.passes = () => true;
  clock.advance(500);
  expect([await codeOf(reserve(poor)), words()]).toEqual(['served', 2]);
  office.passes = () => false;
  const lost = openTestNode({ id: 'nod_lost', office, clock });
  lost.control.answers = 'away';
  const second = codeOf(reserve(lost));
  await turnsUntil(() => words() === 3);
  clock.advance(400);
  expect(await second).toBe('quota.unavailable');
  office.passes = () => true;
  rich.neighbours.say('nod_lost', { is: 'tell' });
  await turnsUntil(() => office.sent.at(-1)?.includes('"over"') === true);
  clock.advance(500);
  expect(await codeOf(reserve(lost, 5n))).toBe('served');
});

test('purses that nobody can cover do not hold up the others', async () => {
  const { office, poor } = await openPair();
  office.passes = () => false;
  poor.control.answers = 'spent';
  const stuck = codeOf(Promise.resolve(poor.leases.reserve('key_2', 10n, never)));
  await turnsUntil(() => office.sent.length === 1);
  poor.control.answers = 'grants';
  expect(await codeOf(Promise.resolve(poor.leases.reserve('key_3', 10n, never)))).toBe('served');
  poor.clock.advance(400);
  expect(await stuck).toBe('quota.spent');
});

test('a node of another group, or with an older key than is known, borrows nothing', async () => {
  for (const group of [{ epoch: 1, secrets: { 1: 8 } }, { epoch: 1, secrets: {} }]) {
    const { clock, office, poor, rich } = await openPair(group);
    const refused = codeOf(reserve(poor));
    for (let turn = 0; turn < 50; turn++) await new Promise(setImmediate);
    clock.advance(400);
    expect([await refused, rich.lending.lent().loans]).toEqual(['quota.unavailable', 0]);
    expect(office.sent.filter((text) => text.includes('"can"'))).toEqual([]);
  }
  const office = createPostOffice();
  const clock = new TestClock();
  const [rich, poor] = [openTestNode({ id: 'nod_rich', office, clock, group: { epoch: 2, secrets: { 1: 7, 2: 9 } } }), openTestNode({ id: 'nod_poor', office, clock })];
  (await reserve(rich)).settle(0n, 0n);
  poor.control.answers = 'away';
  const refused = codeOf(reserve(poor));
  await turnsUntil(() => office.sent.length === 1);
  for (let turn = 0; turn < 50; turn++) await new Promise(setImmediate);
  clock.advance(400);
  expect([await refused, rich.lending.lent().loans]).toEqual(['quota.unavailable', 0]);
});

test('a word that was changed on its way is not heard', async () => {
  const { office, clock, poor, rich } = await openPair();
  office.passes = (to, text) => { office.deliver(to, text.replace('"needNano":"10"', '"needNano":"11"')); return false; };
  const refused = codeOf(reserve(poor));
  await turnsUntil(() => office.sent.length === 1);
  for (let turn = 0; turn < 50; turn++) await new Promise(setImmediate);
  clock.advance(400);
  expect([await refused, rich.lending.lent().loans]).toEqual(['quota.unavailable', 0]);
});

test('a loan whose grant was lost comes back when its lender asks how it stands', async () => {
  const { office, clock, poor, rich } = await openPair();
  office.passes = (_to, text) => !text.includes('"granted"');
  const refused = codeOf(reserve(poor));
  await turnsUntil(() => rich.lending.lent().loans === 1);
  for (let turn = 0; turn < 50; turn++) await new Promise(setImmediate);
  clock.advance(600);
  expect(await refused).toBe('quota.unavailable');
  office.passes = () => true;
  clock.advance(3_000);
  rich.lending.tick();
  await turnsUntil(() => rich.lending.lent().loans === 0);
  await rich.leases.release(never);
  expect(rich.control.reports.at(-1)?.leases).toMatchObject([{ spentNano: '10', final: true }]);
});

test('every word twice changes nothing', async () => {
  const { office, clock, poor, rich } = await openPair();
  office.passes = (to, text) => { setImmediate(() => office.deliver(to, text)); return true; };
  (await reserve(poor)).settle(7n, 0n);
  clock.advance(1_300);
  poor.borrowing.report();
  await turnsUntil(() => rich.lending.lent().loans === 0 && poor.borrowing.held().loans === 0);
  for (let turn = 0; turn < 50; turn++) await new Promise(setImmediate);
  await rich.leases.release(never);
  expect(rich.control.reports.at(-1)?.leases).toMatchObject([{ spentNano: '17', final: true }]);
});

test('a start of the borrower gives back what an earlier one had, and a start of the lender keeps it reserved', async () => {
  const { office, clock, poor, rich } = await openPair();
  await reserve(poor);
  const lent = rich.lending.lent();
  // Both are killed; what the borrower left open is charged by its journal.
  const [kept] = [...poor.disk.leases.values()];
  if (kept) kept.spentNano = 10n;
  const own = rich.disk.leases.get('lse_nod_rich_1');
  if (own) own.spentNano = 10n;
  const lender = openTestNode({ id: 'nod_rich', office, clock, disk: rich.disk, bootId: 'bot_2' });
  expect(lender.lending.lent()).toEqual(lent);
  await lender.leases.report(never);
  expect(lender.control.reports.at(-1)?.leases).toMatchObject([{ spentNano: '10', final: false }]);
  const borrower = openTestNode({ id: 'nod_poor', office, clock, disk: poor.disk, bootId: 'bot_2' });
  borrower.borrowing.report();
  await turnsUntil(() => lender.lending.lent().loans === 0 && borrower.borrowing.held().loans === 0);
  await lender.leases.report(never);
  expect(lender.control.reports.at(-1)?.leases).toMatchObject([{ spentNano: '20', final: true }]);
  expect([poor.disk.leases.size, rich.disk.loans.size]).toEqual([0, 0]);
});

test('a lender that stops asks for everything back, and does not wait for a request that goes on', async () => {
  const { poor, rich } = await openPair();
  const slice = await reserve(poor);
  const limit = new AbortController();
  let over = false;
  const recalled = rich.lending.recall(limit.signal).then(() => { over = true; });
  for (let turn = 0; turn < 100; turn++) await new Promise(setImmediate);
  expect([over, rich.lending.lent().loans]).toEqual([false, 1]);
  slice.settle(3n, 0n);
  poor.borrowing.report();
  rich.clock.advance(50);
  await turnsUntil(() => { rich.clock.advance(50); poor.borrowing.report(); return over; });
  await recalled;
  expect(rich.lending.lent().loans).toBe(0);
});

test('a lender names its borrowers, and books what one that was shut out has as spent', async () => {
  const { poor, rich } = await openPair();
  await reserve(poor);
  expect(rich.lending.borrowerIds()).toEqual(['nod_poor']);
  rich.lending.writeOff(['nod_poor', 'nod_other']);
  await turnsUntil(() => rich.lending.lent().loans === 0);
  await rich.leases.release(never);
  expect(rich.control.reports.at(-1)?.leases).toMatchObject([{ spentNano: '45', final: true }]);
});

test('switched off it neither lends nor borrows, but gives back and takes back what was lent before', async () => {
  const { office, clock, poor, rich } = await openPair();
  (await reserve(poor)).settle(5n, 0n);
  const kept = [...poor.disk.leases.values()][0];
  if (kept) kept.spentNano = 5n;
  const lender = openTestNode({ id: 'nod_rich', office, clock, disk: rich.disk, bootId: 'bot_2', lends: false });
  const borrower = openTestNode({ id: 'nod_poor', office, clock, disk: poor.disk, bootId: 'bot_2', lends: false });
  borrower.borrowing.report();
  await turnsUntil(() => lender.lending.lent().loans === 0 && borrower.borrowing.held().loans === 0);
  (await reserve(lender)).settle(0n, 0n);
  borrower.control.answers = 'away';
  expect(await codeOf(reserve(borrower))).toBe('quota.unavailable');
});

test('with Redis away nobody waits for a neighbour', async () => {
  const { office, poor } = await openPair();
  office.up = false;
  expect(await codeOf(reserve(poor))).toBe('quota.unavailable');
  expect(office.sent).toEqual([]);
});
