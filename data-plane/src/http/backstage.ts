import { createHash, timingSafeEqual } from 'node:crypto';
import type { Context, Hono } from 'hono';
import { Fault } from '@fairlead/shared/faults/fault.ts';
import type { Node } from '../node.ts';
import type { DoorSettings } from './app.ts';

/** Health, readiness and metrics. Metrics are for loopback, or for whoever has the token. */
export function backstage(app: Hono, node: Node, door: DoorSettings): void {
  app.get('/healthz', (context) => context.json({ ok: true }));
  app.get('/readyz', (context) => {
    const table = node.keeper.held();
    const state = { revision: table?.revision ?? 0, ageMs: table ? node.keeper.ageMs() : null, secretEpoch: node.secrets.epoch(), spool: { events: node.accounts.journal.pending.length, bytes: node.accounts.journal.sizeBytes } };
    try {
      node.keeper.table();
      return context.json({ ready: true, ...state });
    } catch (cause) {
      return context.json({ ready: false, why: cause instanceof Fault ? cause.code : 'node.bug', ...state }, 503);
    }
  });
  app.get('/metrics', (context) => {
    if (!maySee(context, door)) return context.text('Metrics are served to loopback, or with "Authorization: Bearer <FAIRLEAD_METRICS_TOKEN>".\n', 403);
    return context.text(node.metrics.text());
  });
}

function maySee(context: Context, door: DoorSettings): boolean {
  const token = door.metricsToken;
  const given = /^Bearer\s+(\S+)$/i.exec(context.req.header('authorization') ?? '')?.[1];
  if (token !== undefined) return given !== undefined && timingSafeEqual(digest(given), digest(token));
  const forwarded = context.req.header('x-forwarded-for');
  const address = door.address(door.connect(context).remoteAddress, forwarded);
  // A proxy on this machine that is not named as trusted must not open the metrics to the world.
  return forwarded === undefined && (address === '127.0.0.1' || address === '::1');
}

function digest(text: string): Uint8Array {
  return createHash('sha256').update(text).digest();
}
