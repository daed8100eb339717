import { readFileSync } from 'node:fs';
import { Pool } from 'undici';

/** What one run came to. CPU in microseconds per request; latencies in microseconds. */
export interface Measured { requests: number; errors: number; cpuUs: number; firstByteP50Us: number; firstByteP99Us: number; rps: number; rssMb: number }

/** What to send, where, and whose CPU to read. */
export interface Load { url: string; path?: string; headers: Record<string, string>; body: string; connections: number; warmUpMs: number; measureMs: number; pid: number | undefined }

const warmUpRequests = 25_000;
const warmUpMostMs = 12_000;
const turnMs = 1_000;
/** What was served last is still written down, reported and collected: that counts too. */
const settleMs = 1_000;

/**
 * Several targets, a second each in turn until all have had their time: neighbours on the machine come and go, and so they meet
 * all alike. A closed loop: every connection sends its next request when the last answer is whole. CPU counts from the first turn
 * to the end, with what a target does between its turns; so each must have a process of its own.
 */
export async function measureInTurns(loads: readonly Load[]): Promise<Measured[]> {
  const runs = loads.map((load) => ({ load, pool: new Pool(load.url, { connections: load.connections, pipelining: 1 }), times: [] as number[], errors: 0, elapsedMs: 0, ticksBefore: 0 }));
  // What is compiled is chosen by calls, not by seconds: a slow target is warm later than the floor.
  for (const { load, pool } of runs) {
    const latest = performance.now() + warmUpMostMs;
    for (let warmed = 0; warmed < warmUpRequests && performance.now() < latest; ) warmed += Math.max(1, (await run(pool, load, load.warmUpMs)).times.length);
  }
  await pause(settleMs);
  for (const one of runs) one.ticksBefore = cpuTicks(one.load.pid);
  for (let turn = 0; runs.some(({ load }) => turn * turnMs < load.measureMs); turn++) {
    for (const one of runs) {
      const started = performance.now();
      const { times, errors } = await run(one.pool, one.load, turnMs);
      one.elapsedMs += performance.now() - started;
      for (const time of times) one.times.push(time);
      one.errors += errors;
    }
  }
  await pause(settleMs);
  return Promise.all(runs.map(async ({ load, pool, times, errors, elapsedMs, ticksBefore }) => {
    const cpuUs = (cpuTicks(load.pid) - ticksBefore) * 10_000;
    await pool.destroy();
    times.sort((a, b) => a - b);
    const at = (share: number) => Math.round(times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0);
    return { requests: times.length, errors, cpuUs: Math.round(cpuUs / Math.max(1, times.length)), firstByteP50Us: at(0.5), firstByteP99Us: at(0.99), rps: Math.round(times.length / (elapsedMs / 1000)), rssMb: Math.round(rssKb(load.pid) / 1024) };
  }));
}

const pause = (ms: number) => new Promise((done) => { setTimeout(done, ms); });

async function run(pool: Pool, load: Load, forMs: number): Promise<{ times: number[]; errors: number }> {
  const end = performance.now() + forMs;
  const times: number[] = [];
  let errors = 0;
  await Promise.all(Array.from({ length: load.connections }, async () => {
    while (performance.now() < end) {
      const sent = performance.now();
      try {
        const answer = await pool.request({ path: load.path ?? '/v1/messages', method: 'POST', headers: load.headers, body: load.body });
        let first = 0;
        for await (const _bytes of answer.body) first ||= performance.now();
        if (answer.statusCode === 200) times.push(((first || performance.now()) - sent) * 1000);
        else errors += 1;
      } catch {
        errors += 1;
      }
    }
  }));
  return { times, errors };
}

/** User and system time of a process in clock ticks of 10 ms; 0 where there is no /proc. */
function cpuTicks(pid: number | undefined): number {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
    return Number(fields[11]) + Number(fields[12]);
  } catch {
    return 0;
  }
}

/** The resident memory of a process in KB; 0 where there is no /proc. */
export function rssKb(pid: number | undefined): number {
  try { return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0); } catch { return 0; }
}
