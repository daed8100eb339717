import type { Domain } from '../domain/domain.ts';
import type { Actor } from '../domain/actor.ts';

/** Where somebody's points of this minute stand. `cost` is what was taken just now; 0 when it was refused. */
export interface Allowance { limit: number; cost: number; remaining: number; resetAt: Date }

/** What the API's operations may cost in a minute, for each member and each token, over all control planes. */
export interface Points {
  /** Takes the points of an operation; a refusal says when there will be more. Nothing for callers that are not counted. */
  take(actor: Actor, cost: number): Promise<{ allowance: Allowance; refused: boolean } | undefined>;
}

/** What this control plane has drawn of somebody's minute and not spent, and all that was drawn of it as far as it knows. */
interface Share { windowMs: number; left: number; used: number; drawing?: Promise<boolean> | undefined }

const minuteMs = 60_000;
const mostShares = 20_000;
/** The database is asked once for this part of a minute's points, not for each operation. */
const slices = 20;
/** A window further ahead than this was written by a clock that was wrong. */
const aheadMostMs = 5 * minuteMs;
const mostTries = 5;

/** Points counted in the database, drawn in slices. */
export function createPoints({ db, clock }: Pick<Domain, 'db' | 'clock'>, limit: number): Points {
  const shares = new Map<string, Share>();
  const { client } = db;

  const shareOf = (id: string): Share => {
    const windowMs = Math.floor(clock.now() / minuteMs) * minuteMs;
    const found = shares.get(id);
    // Another control plane's clock may be a little ahead: its window is then the one that counts.
    if (found && found.windowMs >= windowMs && found.windowMs <= windowMs + aheadMostMs) return found;
    const fresh: Share = { windowMs, left: 0, used: 0 };
    shares.delete(id);
    shares.set(id, fresh);
    for (const oldest of shares.keys()) {
      if (shares.size <= mostShares) break;
      shares.delete(oldest);
    }
    return fresh;
  };

  /** Draws an amount of what the minute has left; false when it has less. */
  const draw = async (id: string, share: Share, amount: number): Promise<boolean> => {
    for (let tries = 0; tries < mostTries; tries++) {
      const windowAt = new Date(share.windowMs);
      const drawn = await db.retryConflict(() => client.apiAllowance.updateMany({ where: { id, windowAt, used: { lte: limit - amount } }, data: { used: { increment: amount } } }));
      const row = await client.apiAllowance.findUnique({ where: { id } });
      if (drawn.count === 1) {
        share.used = row?.used ?? amount;
        share.left += amount;
        return true;
      }
      if (!row) {
        // Another control plane may make it at the same moment.
        await client.apiAllowance.create({ data: { id, windowAt, used: 0 } }).catch(() => undefined);
      } else if (row.windowAt < windowAt || row.windowAt.getTime() > share.windowMs + aheadMostMs) {
        await db.retryConflict(() => client.apiAllowance.updateMany({ where: { id, windowAt: row.windowAt }, data: { windowAt, used: 0 } }));
      } else if (row.windowAt > windowAt) {
        share.windowMs = row.windowAt.getTime();
        share.left = 0;
      } else if (row.used > limit - amount) {
        share.used = row.used;
        return false;
      }
    }
    return false;
  };

  /** Draws a slice, or when there is none left no more than is missing. */
  const drawFor = async (id: string, share: Share, missing: number): Promise<boolean> => {
    const slice = Math.max(missing, Math.ceil(limit / slices));
    return (await draw(id, share, slice)) || (missing < slice && (await draw(id, share, missing)));
  };

  return {
    async take(actor, cost) {
      const id = counted(actor);
      if (id === undefined) return undefined;
      const share = shareOf(id);
      let taken = false;
      for (let refused = false; !taken && !refused; ) {
        taken = share.left >= cost;
        if (taken) share.left -= cost;
        // Those that ask at once wait for one draw, and share what it brings.
        else if (share.drawing) await share.drawing;
        else {
          share.drawing = drawFor(id, share, cost - share.left).finally(() => { share.drawing = undefined; });
          refused = !(await share.drawing);
        }
      }
      const allowance = { limit, cost: taken ? cost : 0, remaining: Math.max(0, limit - share.used + share.left), resetAt: new Date(share.windowMs + minuteMs) };
      return { allowance, refused: !taken };
    },
  };
}

/** Under whose name an actor is counted. Nodes and this process are not, and what anybody may call has guards of its own. */
function counted(actor: Actor): string | undefined {
  return actor.kind === 'TOKEN' ? actor.id : actor.kind === 'MEMBER' ? actor.memberId : undefined;
}
