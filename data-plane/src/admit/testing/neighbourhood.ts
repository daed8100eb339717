import { keyFrom } from '@fairlead/shared/crypto/derive.ts';
import { newId } from '@fairlead/shared/id.ts';
import type { RecoveredLease } from '@fairlead/shared/lease/holdings.ts';
import type { LeaseAsk, LeaseDenial, LeaseGrant, LeaseReport } from '@fairlead/shared/lease/lease.ts';
import { createLoanBook } from '@fairlead/shared/lease/loan.ts';
import type { ClosedLoan, Loan } from '@fairlead/shared/lease/loan.ts';
import { TestClock } from '@fairlead/shared/time/clock.ts';
import type { Post } from '../../stores/stores.ts';
import { createLog } from '../../telemetry/log.ts';
import { createBorrowing } from '../borrowing.ts';
import { createLeaseKeeper, Unreached } from '../lease-keeper.ts';
import { openLending } from '../lending.ts';
import { openNeighbours } from '../neighbours.ts';

/** What everybody sends goes through here. `passes` says what arrives. */
export function createPostOffice() {
  const boxes = new Map<string, (text: string) => void>();
  const office = {
    sent: [] as string[],
    passes: (_to: string | undefined, _text: string): boolean => true,
    up: true,
    deliver(to: string | undefined, text: string) { for (const [id, hear] of boxes) if (to === undefined || to === id) hear(text); },
    boxOf(nodeId: string): Post {
      return {
        isUp: () => office.up,
        send(to, text) {
          office.sent.push(text);
          if (office.passes(to, text)) setImmediate(() => office.deliver(to, text));
        },
        onText(hear) { boxes.set(nodeId, hear); },
        close: () => Promise.resolve(),
      };
    },
  };
  return office;
}

/** What outlives a node of a test. */
export interface TestDisk { leases: Map<string, RecoveredLease>; loans: Map<string, Loan>; closedLoans: Map<string, ClosedLoan> }

/** A disk with nothing on it. */
export const newDisk = (): TestDisk => ({ leases: new Map(), loans: new Map(), closedLoans: new Map() });

/** What a control plane says to one node: as much as it is asked for, once, until it is told otherwise. */
export interface TestControl { answers: 'grants' | 'spent' | 'away' | 'refuses'; asked: number; reports: LeaseReport[] }

/** A node with what keeps, lends and borrows its slices, as compose.ts puts it together. `epoch` and `secret` are its group's key. */
export function openTestNode(at: { id: string; office: ReturnType<typeof createPostOffice>; clock?: TestClock; disk?: TestDisk; bootId?: string; group?: { epoch: number; secrets: Record<number, number> }; lends?: boolean }) {
  const { id, office, clock = new TestClock(), disk = newDisk(), bootId = 'bot_1', lends = true } = at;
  const group = at.group ?? { epoch: 1, secrets: { 1: 7 } };
  const control: TestControl = { answers: 'grants', asked: 0, reports: [] };
  const keys = { epoch: () => group.epoch, groupKeyFor: (purpose: string, epoch: number) => (group.secrets[epoch] === undefined ? undefined : keyFrom(new Uint8Array(32).fill(group.secrets[epoch]), purpose)) };
  const memory = {
    granted: (grant: LeaseGrant) => { disk.leases.set(grant.leaseId, { grant, spentNano: 0n, excessNano: 0n }); },
    leaseClosed: (leaseId: string) => { disk.leases.delete(leaseId); },
    lent: (loan: Loan) => { disk.loans.set(loan.loanId, loan); },
    loansClosed(closed: readonly ClosedLoan[]) {
      for (const one of closed) {
        if (!disk.loans.delete(one.loan.loanId)) continue;
        disk.closedLoans.set(one.loan.loanId, one);
        const lease = disk.leases.get(one.loan.leaseId);
        if (lease) lease.spentNano += one.spentNano;
      }
    },
  };
  const source = {
    ask(ask: LeaseAsk): Promise<LeaseGrant | LeaseDenial> {
      control.asked += 1;
      if (control.answers === 'away') return Promise.reject(new Unreached('nobody is there'));
      if (control.answers === 'refuses') return Promise.reject(new Error('this node is revoked'));
      if (control.answers === 'spent') return Promise.resolve({ code: 'quota.spent', subject: 'KEY' });
      return Promise.resolve({ leaseId: `lse_${id}_${ask.reqSeq}`, holderId: ask.holderId, unit: ask.unit, bootId: ask.bootId, reqSeq: ask.reqSeq, grantedNano: ask.wantNano });
    },
    report(report: LeaseReport): Promise<string[]> {
      if (control.answers === 'away') return Promise.reject(new Unreached('nobody is there'));
      control.reports.push(report);
      return Promise.resolve(report.leases.filter(({ final }) => final).map(({ leaseId }) => leaseId));
    },
  };
  const recovered = [...disk.leases.values()].map((one) => ({ ...one }));
  const neighbours = openNeighbours({ nodeId: id, post: office.boxOf(id), keys, clock });
  const borrowing = createBorrowing({ bootId, neighbours, memory, clock, recovered: recovered.filter(({ grant }) => grant.loan !== undefined), complete: true, borrows: lends });
  const leases = createLeaseKeeper({ bootId, source, memory, clock, recovered: recovered.filter(({ grant }) => grant.loan === undefined), complete: true, borrowing });
  const book = createLoanBook({ lenderId: id, holdings: leases.slices, memory, recovered: disk.loans.values(), closed: disk.closedLoans.values(), now: () => clock.now(), newLoanId: () => newId('loan', clock.now()) });
  const lending = openLending({ book, slices: leases.slices, neighbours, clock, log: createLog('error', () => undefined), lends, onLent: () => undefined });
  return { id, clock, disk, control, neighbours, borrowing, leases, lending };
}

/** Waits until something is so, through many turns of the event loop. */
export async function turnsUntil(isSo: () => boolean): Promise<void> {
  for (let turn = 0; turn < 5_000; turn++) {
    if (isSo()) return;
    await new Promise(setImmediate);
  }
  throw new Error('it never became so');
}
