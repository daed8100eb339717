import { Pool } from 'undici';
import { messagesBody } from './cells.ts';
import { rssKb } from './load.ts';
import type { Target } from './targets.ts';

/** What open streams cost in memory. */
export interface StreamCost { name: string; open: number; beforeMb: number; withMb: number; kbEach: number }

const settleMs = 6_000;
const openMostMs = 60_000;

/** Opens this many slow streams at once and reads the memory of the process that holds them. */
export async function measureStreams(target: Target, streams: number): Promise<StreamCost> {
  const pool = new Pool(target.url, { connections: streams, headersTimeout: openMostMs });
  const leave = new AbortController();
  // The word that makes the vendor slow travels as a user's name.
  const body = JSON.stringify({ ...JSON.parse(messagesBody({ name: '', bytes: 0, stream: true })), metadata: { user_id: 'bench-slow' } });
  const before = rssKb(target.pid);
  let open = 0;
  const one = async () => {
    const answer = await pool.request({ path: target.path ?? '/v1/messages', method: 'POST', headers: { 'content-type': 'application/json', ...target.headers }, body, signal: leave.signal });
    if (answer.statusCode !== 200) { await answer.body.dump(); return; }
    open += 1;
    void (async () => { try { for await (const _bytes of answer.body) { /* read as it comes */ } } catch { /* Left at the end. */ } })();
  };
  // Forty at a time: opening is not what is measured.
  const lines = Array.from({ length: 40 }, async (_, line) => { for (let at = line; at < streams; at += 40) await one().catch(() => undefined); });
  const late = new Promise((done) => { setTimeout(done, openMostMs).unref(); });
  await Promise.race([Promise.all(lines), late]);
  await new Promise((done) => { setTimeout(done, settleMs); });
  const withAll = rssKb(target.pid);
  leave.abort(new Error('measured'));
  await pool.destroy();
  return { name: target.name, open, beforeMb: Math.round(before / 1024), withMb: Math.round(withAll / 1024), kbEach: open === 0 ? 0 : Math.round((withAll - before) / open) };
}
