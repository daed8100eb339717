// Pure. What lies between nodes that lend to each other: words are lost, repeated, delayed and overtaken, and what carries them may be away.
import type { LeaseReport } from '../lease.ts';
import type { Agenda } from './agenda.ts';
import type { Chance } from './chance.ts';
import type { NodeModel, NodesMessenger } from './node-model.ts';
import type { Weather } from './weather.ts';

/** Words are kept nowhere, but one may be under way for this long. */
const oldestMs = 120_000;

/** What a messenger is made of. */
export interface MessengerParts { agenda: Agenda; chance: Chance; weather: Weather; nodes: readonly NodeModel[]; liars: ReadonlySet<string>; calm(): boolean; isAway(): boolean; lent(): void }

/** A messenger with this weather. A node that is down hears nothing; one that waits hears it when it wakes. */
export function createMessenger({ agenda, chance, weather, nodes, liars, calm, isAway, lent }: MessengerParts): NodesMessenger {
  let loans = 0;
  return {
    send(_fromId, toId, arrive) {
      if (isAway() || (!calm() && chance.hits(weather.loss))) return;
      for (let times = !calm() && chance.hits(weather.repeats) ? 2 : 1; times > 0; times--) {
        const delayMs = calm() ? 3 : chance.hits(weather.longDelays) ? chance.pick(oldestMs) : chance.hits(weather.delays) ? chance.pick(2_000) : 1 + chance.pick(20);
        agenda.after(delayMs, () => {
          const there = isAway() ? undefined : nodes.find(({ id }) => id === toId)?.neighbours;
          if (there) arrive(there);
        });
      }
    },
    told(fromId, report) {
      return liars.has(fromId) && chance.hits(0.5) ? { ...report, leases: [...report.leases, ...ofOthers(fromId)] } : report;
    },
    neighbourOf(nodeId, purse, needNano) {
      const others = nodes.filter(({ id, awake, neighbours }) => awake && id !== nodeId && neighbours?.couldLend(purse, needNano));
      return others[chance.pick(others.length)]?.id;
    },
    newLoanId: () => `lon_${++loans}`,
    lent,
  };

  /** Final words for loans that others have. */
  function ofOthers(nodeId: string): LeaseReport['leases'] {
    return nodes.flatMap(({ neighbours }) => neighbours?.book.open() ?? []).filter(({ borrowerId }) => borrowerId !== nodeId)
      .map(({ loanId, holderId, unit, bootId, reqSeq, grantedNano }) => ({ leaseId: loanId, holderId, unit, bootId, reqSeq, grantedNano, spentNano: '0', excessNano: '0', final: true }));
  }
}
