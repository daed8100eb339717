// Events a second that ingest books, without HTTP: the ledger, the sums and the watermark, as a node's batches bring them.
import { newId, ulid } from '@fairlead/shared/id.ts';
import type { UsageEvent } from '@fairlead/shared/usage/event.ts';
import { applyUsage } from '../src/ingest/apply.ts';
import { holdersOf } from '../src/ingest/holders.ts';
import type { TestPlane } from '../src/testing/test-plane.ts';

/** How much is sent: batches of so many events, by so many nodes at once. */
export interface IngestLoad { events: number; batch: number; nodes: number; keys: number; rounds: number; /** Whether events say what they were for. */ labelled: boolean }

/** How fast one round went: on the clock, and by the processor time that this process spent. */
export interface Round { perSecond: number; cpuMicros: number }

/** Books a load several times; the best round comes first. */
export async function benchIngest({ plane }: TestPlane, load: IngestLoad): Promise<Round[]> {
  const { domain } = plane;
  const who = await fill(plane, load.keys);
  const rounds: Round[] = [];
  for (let round = 0; round < load.rounds; round++) {
    const share = Math.ceil(load.events / load.nodes / load.batch);
    // Made beforehand: what is measured is booking.
    const queues = Array.from({ length: load.nodes }, () => ({ nodeId: newId('fleetNode'), bootId: `bot_${ulid()}`, batches: Array.from({ length: share }, (_, at) => Array.from({ length: load.batch }, (__, index) => { const event = eventOf(who, at * load.batch + index + 1); return load.labelled ? { ...event, ...labelsOf(event.seq) } : event; })) }));
    const began = performance.now();
    const cpu = process.cpuUsage();
    await Promise.all(queues.map(async ({ nodeId, bootId, batches }) => {
      for (const events of batches) {
        const holders = await holdersOf(domain, events);
        const { ackedSeq } = await applyUsage(domain, { nodeId, bootId, ingestId: newId('ingest'), events, poison: [], holders });
        if (ackedSeq < (events.at(-1)?.seq ?? 0)) throw new Error('A batch was not taken whole.');
      }
    }));
    const booked = share * load.batch * load.nodes;
    const spent = process.cpuUsage(cpu);
    rounds.push({ perSecond: booked / ((performance.now() - began) / 1000), cpuMicros: (spent.user + spent.system) / booked });
  }
  return rounds.sort((a, b) => b.perSecond - a.perSecond);
}

interface Payers { tenantId: string; keyIds: string[]; upstreamIds: string[] }

async function fill({ domain }: TestPlane['plane'], count: number): Promise<Payers> {
  const { client } = domain.db;
  const { tenantId } = await client.member.findFirstOrThrow({ where: { operator: true } });
  const keyIds = Array.from({ length: count }, () => newId('key'));
  await client.key.createMany({ data: keyIds.map((id, at) => ({ id, tenantId, name: `bench ${at}`, hint: 'flk_', digest: id, tags: [`team:${at % 5}`] })) });
  return { tenantId, keyIds, upstreamIds: [newId('upstream'), newId('upstream'), newId('upstream')] };
}

const labelsOf = (seq: number) => ({ repo: `acme/repo-${seq % 40}`, branch: `feature/${seq % 900}`, ticket: `T-${seq % 900}`, sessionId: `session-${Math.floor(seq / 30)}` });

const models = ['claude-opus-5-5', 'claude-sonnet-5-5', 'gpt-5.5-codex'];

function eventOf(who: Payers, seq: number): UsageEvent {
  const now = Date.now();
  return {
    id: newId('usageEvent', now), exchangeId: newId('exchange', now), attempt: 1, seq, tenantId: who.tenantId, keyId: who.keyIds[(seq * 7) % who.keyIds.length] ?? '', upstreamId: who.upstreamIds[seq % 3] ?? '', credentialId: `crd_${seq % 3}`,
    modelAsked: models[seq % 3] ?? '', modelUsed: models[seq % 3] ?? '', region: 'local', startedAt: now - 1_000, endedAt: now, outcome: 'OK', httpStatus: 200,
    input: 1_200, output: 340, cacheRead: 18_000, cacheWrite5m: 900, cacheWrite1h: 0, reasoning: 0, costNano: '12345678', reservedNano: '99999999', excessNano: '0', estimated: false, unpriced: false, revision: 7,
  };
}
