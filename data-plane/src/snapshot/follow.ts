import { nodeHeartbeat } from '@fairlead/shared/node-api/operations.ts';
import type { NodeHeartbeatInput, NodeHeartbeatPayload } from '@fairlead/shared/node-api/operations.ts';
import { fromBase64 } from '@fairlead/shared/crypto/base64url.ts';
import type { Clock } from '@fairlead/shared/time/clock.ts';
import { errorText } from '../telemetry/log.ts';
import type { Log } from '../telemetry/log.ts';
import type { ControlLink } from './control-link.ts';
import { ControlFailed } from './control-link.ts';
import type { Keeper } from './keeper.ts';
import type { Secrets } from './secrets.ts';
import type { RoutingTable } from './table.ts';

const longPollSeconds = 25;
const heartbeatMs = 5_000;
/** Heads are signed anew each half minute. */
const believedMs = 120_000;
const refreshTimeoutMs = 1_500;
/** Between two refreshes: however many unknown keys are tried, the control plane is asked this seldom. */
const refreshPauseMs = 500;
/** A poll without news that comes back sooner did not wait: a mirror in between knows no long poll. */
const pollLeastMs = 1_000;

/** Keeps the node current: a long poll for news and a heartbeat that acknowledges them. */
export interface Following {
  /** Asks for news now, once for all who wait, and returns the table then held. */
  refresh(): Promise<RoutingTable>;
  /** Sends a heartbeat soon. */
  beat(): void;
  /** Resolves when the first snapshot and keyring were tried for, whether they came or not. */
  started: Promise<void>;
  /** Resolves when the control plane has taken the first heartbeat: from then on it knows of this start of the node. */
  known: Promise<void>;
}

/** Starts both loops; they end with the signal. */
export function follow(parts: { link: ControlLink; keeper: Keeper; secrets: Secrets; clock: Clock; log: Log; signal: AbortSignal; /** Told when the control plane was reached before and is not now, or seems to be a new one. */ onLost: () => void; /** Told whether the control plane knows that the lease closed last is closed. */ onClosedLease: (leaseId: string, known: boolean) => void; /** Told of borrowers that were shut out. */ onShutOut: (nodeIds: readonly string[]) => void; status: () => Omit<NodeHeartbeatInput, 'appliedRevision' | 'secretEpoch' | 'nack'> }): Following {
  const { link, keeper, secrets, clock, log, signal } = parts;
  let wake: () => void = () => undefined;
  let refreshing: Promise<RoutingTable> | undefined;
  let lost = false;
  let becomeKnown: () => void = () => undefined;
  const known = new Promise<void>((resolve) => { becomeKnown = resolve; });

  // Where nothing signed came for long, even if the answers said that nothing changed, the whole head is asked for: it tells.
  const etag = () => (keeper.ageMs() < believedMs ? keeper.etag() : undefined);
  const trouble = (what: string, error: unknown) => {
    if (signal.aborted) return;
    if (!lost) {
      log.warn('control.lost', { what, error: errorText(error) });
      parts.onLost();
    }
    lost = true;
  };
  const heard = () => {
    if (lost) log.info('control.back');
    lost = false;
  };

  const fetchOnce = async (waitSeconds: number, limit: AbortSignal): Promise<'news' | 'nothing'> => {
    const answer = await link.fetchHead(etag(), waitSeconds, limit);
    if (answer === 'unchanged') { heard(); return 'nothing'; }
    const told = keeper.nack();
    const taken = await keeper.offer(answer, { piece: (ref) => link.fetchPiece(ref, limit), root: (version) => link.fetchRoot(version, limit) });
    if (taken !== 'refused') heard();
    // A refusal is told once; heartbeats repeat it.
    if (taken === 'applied' || (taken === 'refused' && keeper.nack() !== told)) await beatOnce(limit).catch((error: unknown) => trouble('heartbeat', error));
    // Refused bytes would be offered again at once: wait as after a failure.
    if (taken === 'refused') throw new ControlFailed(200, 'the offered snapshot was refused');
    return taken === 'applied' ? 'news' : 'nothing';
  };

  const beatOnce = async (limit: AbortSignal) => {
    const nack = keeper.nack();
    const input: NodeHeartbeatInput = { ...parts.status(), appliedRevision: keeper.held()?.revision ?? 0, secretEpoch: secrets.epoch(), ...(nack ? { nack } : {}) };
    const { nodeHeartbeat: answer } = await link.mutate<{ nodeHeartbeat: NodeHeartbeatPayload }>(nodeHeartbeat, input, limit);
    becomeKnown();
    if (input.closedLeaseId !== undefined && answer.closedLeaseKnown !== null) parts.onClosedLease(input.closedLeaseId, answer.closedLeaseKnown);
    if (answer.shutOut && answer.shutOut.length > 0) parts.onShutOut(answer.shutOut);
    if (answer.keyring) {
      await secrets.offerKeyring(fromBase64(answer.keyring));
      log.info('keyring.applied', { epoch: secrets.epoch() });
    }
  };

  const pollLoop = async () => {
    let waits = false;
    for (let failures = 0; !signal.aborted; ) {
      try {
        const askedAtMs = clock.now();
        const found = await fetchOnce(longPollSeconds, signal);
        failures = 0;
        const tookMs = clock.now() - askedAtMs;
        // Who waited before and now does not was just started, perhaps on an older database.
        if (found === 'nothing' && waits && tookMs < pollLeastMs) parts.onLost();
        waits ||= tookMs >= pollLeastMs;
        const rest = pollLeastMs - tookMs;
        if (found === 'nothing' && rest > 0) await clock.sleep(Math.min(rest, pollLeastMs), signal).catch(() => undefined);
      } catch (error) {
        trouble('snapshot', error);
        failures += 1;
        const most = Math.min(5_000, 100 * 2 ** Math.min(failures, 6));
        await clock.sleep(50 + Math.random() * most, signal).catch(() => undefined);
      }
    }
  };

  const beatLoop = async () => {
    while (!signal.aborted) {
      const woken = new Promise<void>((resolve) => { wake = resolve; });
      const pause = new AbortController();
      await Promise.race([woken, clock.sleep(heartbeatMs * (0.8 + Math.random() * 0.4), AbortSignal.any([signal, pause.signal])).catch(() => undefined)]);
      pause.abort();
      if (signal.aborted) return;
      await beatOnce(signal).catch((error: unknown) => trouble('heartbeat', error));
    }
  };

  let refreshedAtMs = -Infinity;
  const refreshSoon = async (): Promise<RoutingTable> => {
    const rest = refreshPauseMs - (clock.now() - refreshedAtMs);
    // Who comes in the pause waits for its end with the others: a key that is new is still found.
    if (rest > 0) await clock.sleep(Math.min(rest, refreshPauseMs), signal).catch(() => undefined);
    await fetchOnce(0, AbortSignal.any([signal, AbortSignal.timeout(refreshTimeoutMs)])).catch((error: unknown) => trouble('snapshot', error));
    return keeper.table();
  };

  const started = (async () => {
    await beatOnce(signal).catch((error: unknown) => trouble('heartbeat', error));
    await fetchOnce(0, AbortSignal.any([signal, AbortSignal.timeout(5_000)])).catch((error: unknown) => trouble('snapshot', error));
    void pollLoop();
    void beatLoop();
  })();

  return {
    started,
    known,
    beat: () => wake(),
    refresh() {
      refreshing ??= refreshSoon().finally(() => { refreshing = undefined; refreshedAtMs = clock.now(); });
      return refreshing;
    },
  };
}
