// Pure. How much of a budget people get before the first of them is refused, while nothing breaks.
import { ledgerRules } from '../ledger.ts';
import type { LedgerRules } from '../ledger.ts';
import { Agenda } from './agenda.ts';
import { createChance } from './chance.ts';
import { LedgerModel } from './ledger-model.ts';
import { NodeModel, holderRulesWithout, nodeHabits } from './node-model.ts';
import type { NodeParts } from './node-model.ts';
import { createRoad } from './road.ts';
import { createTruth } from './truth.ts';
import { rollWeather } from './weather.ts';

/** A budget at the first refusal, in per mille of its limit: what was spent, and what was set aside for requests that were still running. The rest lay idle in slices, or was less than the request needed. */
export interface Utilisation { spent: number; running: number }

const limitNano = 1_000_000n;
const dearest = 30;
const longestMs = 800;
/** The mean time between two requests at one node. */
const betweenMs = 20;

/** Nodes of one fleet spend one budget of thousands of requests, each as busy as the seed has them, until a request is refused. */
export function utilisation(seed: number, nodes: number, without: Partial<LedgerRules> = {}): Utilisation {
  const chance = createChance(seed);
  const agenda = new Agenda(1_000_000_000_000);
  const truth = createTruth();
  const budget = { boundNano: limitNano, forgottenNano: 0n, spentNano: 0n };
  truth.budgets.set('bud_one', budget);
  const ledger = new LedgerModel({
    windowsOf: () => [{ id: 'bud_one', limitNano, spentNano: 0n, escrowNano: 0n, excessNano: 0n, endsAtMs: undefined }],
    liveNodes: nodes, rules: { ...ledgerRules, ...without },
    watch: {
      granted: (row) => truth.leases.set(row.id, { id: row.id, nodeId: row.nodeId, grantedNano: row.grantedNano, spentNano: 0n, excessNano: 0n, reservations: 0, budgets: row.budgets, held: true, closedBy: undefined, untold: false, excused: false }),
      closed: () => undefined,
      denied: () => undefined,
    },
  });
  let isOver = false;
  const parts: NodeParts = {
    agenda, chance, truth, excess: 0, rules: holderRulesWithout(undefined), habits: nodeHabits, dropped: () => undefined, servesOn: false, newUncovered: () => '', wentOn: () => undefined,
    road: createRoad({ agenda, chance, weather: rollWeather(chance), ledger, truth, calm: () => true, isDown: () => false, took: () => undefined }),
    lastsMs: () => 10 + chance.pick(longestMs),
    refused: () => { isOver = true; },
  };
  const fleet = Array.from({ length: nodes }, (_, at) => new NodeModel(`nod_${at}`, parts));
  for (const node of fleet) {
    // Some are busier than others.
    const meanMs = betweenMs * (1 + chance.pick(10));
    const demand = () => {
      node.serve([{ holderId: 'key_one', unit: 'USD', amount: BigInt(1 + chance.pick(dearest)) }]);
      agenda.after(1 + chance.pick(2 * meanMs), demand);
    };
    node.boot();
    demand();
  }
  for (let at = 0; !isOver; at++) {
    if (at % 50 === 0) for (const node of fleet) node.tick();
    agenda.pass(10);
  }
  const running = fleet.reduce((sum, node) => sum + node.reservedNano, 0n);
  return { spent: perMille(budget.spentNano), running: perMille(running) };
}

function perMille(amountNano: bigint): number {
  return Number(amountNano * 1_000_000n / limitNano) / 1_000;
}
