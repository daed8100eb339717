// Pure. What lies between nodes and the control plane: messages are lost, repeated, delayed, overtaken and cut off.
import type { LeaseReport } from '../lease.ts';
import type { Agenda } from './agenda.ts';
import type { Chance } from './chance.ts';
import type { LedgerModel } from './ledger-model.ts';
import type { NodeModel, Road } from './node-model.ts';
import type { Truth } from './truth.ts';
import type { Weather } from './weather.ts';

/** A signed message is refused when it is older. */
const oldestMs = 300_000;

/** What the road is made of. */
export interface RoadParts { agenda: Agenda; chance: Chance; weather: Weather; ledger: LedgerModel; truth: Truth; calm(): boolean; isDown(): boolean; /** The ledger took a message in. */ took(): void }

/** A road with this weather. */
export function createRoad({ agenda, chance, weather, ledger, truth, calm, isDown, took }: RoadParts): Road {
  const travel = (node: NodeModel, arrive: () => void) => {
    if (!calm() && chance.hits(weather.loss)) return;
    for (let times = !calm() && chance.hits(weather.repeats) ? 2 : 1; times > 0; times--) {
      const delayMs = calm() ? 5 : chance.hits(weather.longDelays) ? chance.pick(oldestMs) : chance.hits(weather.delays) ? chance.pick(9_000) : 1 + chance.pick(40);
      agenda.after(delayMs, () => { if (agenda.nowMs >= node.cutUntilMs) arrive(); });
    }
  };
  const toLedger = (node: NodeModel, arrive: () => void) => {
    if (agenda.nowMs < node.cutUntilMs) return;
    travel(node, () => {
      if (isDown()) return;
      arrive();
      took();
    });
  };
  return {
    ask: (node, ask, answer) => toLedger(node, () => {
      const said = ledger.request(node.id, ask, agenda.nowMs);
      if (said) travel(node, () => answer(said));
    }),
    report(node, report, answer) {
      const told = truth.liars.has(node.id) && chance.hits(0.5) ? lie(node.id, report, ledger, chance) : report;
      toLedger(node, () => {
        const closed = ledger.report(node.id, told, agenda.nowMs);
        if (closed) travel(node, () => answer(closed));
      });
    },
    heartbeat(node, closedLeaseId, behind) {
      const { bootId } = node;
      toLedger(node, () => {
        ledger.heartbeat(node.id, bootId, agenda.nowMs);
        if (!ledger.knowsClosed(node.id, closedLeaseId)) travel(node, behind);
        if (node.neighbours?.book.open().some(({ borrowerId }) => ledger.revoked.has(borrowerId))) travel(node, () => node.neighboursShutOut(ledger.revoked));
      });
    },
  };
}

/** The report of a node that claims to have spent more than it was granted, or speaks for another's leases. */
function lie(nodeId: string, report: LeaseReport, ledger: LedgerModel, chance: Chance): LeaseReport {
  const others = [...ledger.state.leases.values()].filter((row) => row.open && row.nodeId !== nodeId);
  const other = others[chance.pick(others.length)];
  return {
    ...report,
    leases: [
      ...report.leases.map((lease) => (chance.hits(0.5) ? { ...lease, spentNano: String(BigInt(lease.grantedNano) * 3n), grantedNano: String(BigInt(lease.grantedNano) * 5n) } : lease)),
      ...(other && !report.leases.some(({ leaseId }) => leaseId === other.id)
        ? [{ leaseId: other.id, holderId: other.holderId, unit: other.unit, bootId: other.bootId, reqSeq: other.reqSeq, grantedNano: String(other.grantedNano), spentNano: '0', excessNano: '0', final: true }] : []),
    ],
  };
}
