import { openEnvelope, EnvelopeRefused } from '@fairlead/shared/snapshot/envelope.ts';
import { mostHeadBytes, mostManifestBytes, readHead } from '@fairlead/shared/snapshot/head.ts';
import type { Head } from '@fairlead/shared/snapshot/head.ts';
import { readManifest } from '@fairlead/shared/snapshot/manifest.ts';
import type { Manifest } from '@fairlead/shared/snapshot/manifest.ts';
import { createProfiles } from '@fairlead/shared/snapshot/key-shard.ts';
import type { Ref } from '@fairlead/shared/snapshot/page.ts';
import type { Clock } from '@fairlead/shared/time/clock.ts';
import { Fault } from '@fairlead/shared/faults/fault.ts';
import { errorText } from '../telemetry/log.ts';
import type { Log } from '../telemetry/log.ts';
import { checkKeys } from './check-keys.ts';
import { createKeyIndex } from './key-index.ts';
import { checkOrder } from './order.ts';
import { OfferRefused, refusalOf } from './refused.ts';
import { openProbation } from './probation.ts';
import type { Shelf } from './shelf.ts';
import { fetchPieces } from './source.ts';
import type { Source } from './source.ts';
import { compileLists, createTable } from './table.ts';
import type { CompiledLists, RoutingTable } from './table.ts';
import { assemble, hashesOf, piecesOf } from './tree.ts';
import type { Tree } from './tree.ts';
import type { Trust } from './trust.ts';

/** A refusal that the control plane should hear of. */
export interface Nack { revision: number; stage: string; code: string; message: string; path?: string }

/** Why an offered head was not taken. */
export type Taken = 'applied' | 'not-newer' | 'refused';

/** Holds the one table everything is served from. */
export interface Keeper {
  /** The table in force; throws `node.starting` or `node.stale`. */
  table(): RoutingTable;
  /** The table in force, if any. */
  held(): RoutingTable | undefined;
  /** What the head in force is called, for a poll; undefined when there is none or its revision is not the one served. */
  etag(): string | undefined;
  /**
   * root → head → what is not newer, frozen, foreign or forked → manifest → pieces → compile → persist → swap. What the
   * disk refuses is swapped in all the same, and reported. Throws what the source throws; nothing is refused by that.
   */
  offer(head: Uint8Array, source: Source): Promise<Taken>;
  /** An exchange was answered from the table in force. */
  served(): void;
  /** Milliseconds since the control plane last signed that what we hold is current. */
  ageMs(): number;
  nack(): Nack | undefined;
  /** A node that ends by itself has not crashed. */
  close(): Promise<void>;
}

/** What is in force: a revision with what it became. */
interface InForce { table: RoutingTable; tree: Tree; compiled: CompiledLists; manifest: Ref; sealedManifest: Uint8Array }

/** A keeper that starts from the shelf. `onApplied` runs after each swap. */
export async function openKeeper(parts: { shelf: Shelf; trust: Trust; fleet: string; clock: Clock; log: Log; onApplied: (table: RoutingTable) => void }): Promise<Keeper> {
  const { shelf, trust, clock, log } = parts;
  const profiles = createProfiles();
  const probation = openProbation({ shelf, clock, log });
  let force: InForce | undefined;
  let nack: Nack | undefined;
  let confirmedAtMs = 0;
  let etag: string | undefined;
  /** What was fetched for a revision that is not yet whole: a fetch that is cut short goes on from there. */
  let fetched = new Map<string, Uint8Array>();
  /** Whether pieces were not taken by the shelf. */
  let owed = false;
  // One after another: between the look at what is held and the swap the snapshot is kept, which may take its time.
  let line: Promise<unknown> = Promise.resolve();

  const openHead = async (sealed: Uint8Array) => readHead(await openEnvelope('fairlead/head/1', sealed, trust.trusted('head'), mostHeadBytes));

  /** Verifies a head; one that is signed by others may be signed under a newer root. */
  const verify = async (sealed: Uint8Array, source: Source): Promise<Head> => {
    if (trust.version() === 0) await trust.follow(source);
    let head: Head;
    try {
      head = await openHead(sealed);
    } catch (error) {
      if (!(error instanceof EnvelopeRefused) || error.problem === 'malformed' || !(await trust.follow(source))) throw error;
      head = await openHead(sealed);
    }
    // A root may also give others their roles, or take them, without a change of this head's signer.
    if (head.root > trust.version() && (await trust.follow(source))) head = await openHead(sealed);
    return head;
  };

  const obtainFrom = (source: Source | undefined, fresh: Map<string, Uint8Array>) => async (refs: readonly Ref[]): Promise<ReadonlyMap<string, Uint8Array>> => {
    const found = new Map(await shelf.pieces.read(refs.map(({ sha256 }) => sha256)));
    const missing: Ref[] = [];
    for (const ref of refs) {
      const bytes = fetched.get(ref.sha256);
      if (bytes) { found.set(ref.sha256, bytes); fresh.set(ref.sha256, bytes); } else if (!found.has(ref.sha256)) missing.push(ref);
    }
    if (source) await fetchPieces(missing, source, ({ sha256 }, bytes) => { for (const pieces of [found, fetched, fresh]) pieces.set(sha256, bytes); });
    return found;
  };

  /** The revision that a head names, whole, checked and compiled. */
  const build = async (head: Head, source: Source | undefined): Promise<{ next: InForce; fresh: Map<string, Uint8Array> }> => {
    const fresh = new Map<string, Uint8Array>();
    const obtain = obtainFrom(source, fresh);
    const sealed = (await obtain([head.manifest])).get(head.manifest.sha256);
    if (!sealed) throw new OfferRefused('gather', 'missing', 'The manifest cannot be had.', head.manifest.sha256);
    const manifest = readManifest(await openEnvelope('fairlead/manifest/1', sealed, trust.trusted('manifest'), mostManifestBytes));
    checkPlace(manifest, head);
    const tree = await assemble(manifest, force?.tree, obtain);
    await checkKeys(tree, force?.tree, profiles);
    const compiled = force?.tree.lists === tree.lists ? force.compiled : compileLists(tree.lists, force?.compiled);
    const table = createTable(manifest, compiled, createKeyIndex({ keys: tree.branches.keys, profiles, standing: compiled.standing }));
    return { next: { table, tree, compiled, manifest: head.manifest, sealedManifest: sealed }, fresh };
  };

  for (const { sealed, what } of probation.toStartFrom()) {
    try {
      const head = await openHead(sealed);
      if (!probation.isNamed(head)) throw new OfferRefused('order', 'older', `Revision ${head.revision} is not what this node had last.`);
      force = (await build(head, undefined)).next;
      confirmedAtMs = head.issuedAt;
      await probation.started(head);
      if (what === 'head' && head.revision === probation.record().revision) etag = etagOf(head);
      parts.onApplied(force.table);
      log.info('snapshot.from-disk', { revision: head.revision, what });
      break;
    } catch (error) {
      const { code, path } = refusalOf(error);
      log.warn('snapshot.disk-refused', { what, code, ...(path === undefined ? {} : { path }), error: errorText(error) });
    }
  }
  nack = probation.nack();
  shelf.pieces.onGone(async () => {
    const lost = await (line = line.then(() => keepPieces(new Map())));
    if (lost !== undefined) log.warn('snapshot.not-kept', { problem: errorText(lost) });
  });

  return {
    table() {
      if (!force) throw new Fault('node.starting', { retryAfterMs: 1_000 });
      const { table } = force;
      if (table.hardStaleMs > 0 && clock.now() - confirmedAtMs > table.hardStaleMs) throw new Fault('node.stale', { retryAfterMs: 30_000 });
      return table;
    },
    held: () => force?.table,
    etag: () => etag,
    offer(sealed, source) {
      const turn = line.then(() => take(sealed, guarded(source)));
      line = turn.catch(() => undefined);
      return turn;
    },
    served: () => probation.served(),
    ageMs: () => clock.now() - confirmedAtMs,
    nack: () => nack,
    async close() {
      await line;
      await probation.close();
    },
  };

  async function take(sealed: Uint8Array, source: Source): Promise<Taken> {
    let revision = 0;
    try {
      const head = await verify(sealed, source);
      revision = head.revision;
      checkOrder(head, { fleet: parts.fleet, record: probation.record(), nowMs: clock.now(), serves: force !== undefined });
      if (force?.manifest.sha256 === head.manifest.sha256) {
        await renew(head, sealed);
        return 'not-newer';
      }
      const { next, fresh } = await build(head, source);
      const lost = await persist(head, sealed, next, fresh);
      force = next;
      etag = etagOf(head);
      confirmedAtMs = clock.now();
      fetched = new Map();
      nack = undefined;
      if (lost !== undefined) {
        // A key that was revoked must not go on because a disk is full; it is the restart that suffers, and people must hear of it.
        nack = { revision, stage: 'persist', code: 'failed', message: errorText(lost).slice(0, 500) };
        log.error('snapshot.not-kept', { revision, problem: errorText(lost) });
      }
      parts.onApplied(next.table);
      log.info('snapshot.applied', { revision, pieces: fresh.size });
      return 'applied';
    } catch (error) {
      if (error instanceof SourceFailed) throw error.cause;
      refuse(revision, refusalOf(error));
      return 'refused';
    }
  }

  /** Once for each revision and reason. */
  function refuse(revision: number, { stage, code, message, path }: OfferRefused): void {
    if (nack?.revision === revision && nack.code === code) return;
    nack = { revision, stage, code, message: message.slice(0, 500), ...(path === undefined ? {} : { path }) };
    log.error('snapshot.refused', { revision, stage, code, ...(path === undefined ? {} : { path }), problem: message });
  }

  /** A newer head of what is held: it is current. */
  async function renew(head: Head, sealed: Uint8Array): Promise<void> {
    confirmedAtMs = clock.now();
    etag = etagOf(head);
    if (nack?.stage !== 'persist') nack = undefined;
    if (owed || shelf.pieces.owes()) await keepPieces(new Map());
    await probation.renewed(head, sealed);
  }

  async function persist(head: Head, sealed: Uint8Array, next: InForce, fresh: Map<string, Uint8Array>): Promise<unknown> {
    const before = force;
    const notKept = await keepPieces(fresh, next);
    const lost = (await probation.took(head, sealed)) ?? notKept;
    if (lost === undefined) {
      const live = () => new Set([...hashesOf(next.tree), next.manifest.sha256, ...(before ? [...hashesOf(before.tree), before.manifest.sha256] : [])]);
      await shelf.pieces.retain(live).catch((cause: unknown) => { log.warn('snapshot.not-tidied', { error: errorText(cause) }); });
    }
    return lost;
  }

  /** Keeps pieces; all of them when some were not taken before, or are gone since. */
  async function keepPieces(fresh: ReadonlyMap<string, Uint8Array>, whole = force): Promise<unknown> {
    const all = whole && (owed || shelf.pieces.owes());
    try {
      await shelf.pieces.keep(all ? new Map([...piecesOf(whole.tree), [whole.manifest.sha256, whole.sealedManifest], ...fresh]) : fresh);
      owed = false;
      return undefined;
    } catch (cause) {
      owed = true;
      return cause;
    }
  }

  function checkPlace(manifest: Manifest, head: Head): void {
    for (const field of ['fleet', 'group', 'revision'] as const) if (manifest[field] !== head[field]) throw new OfferRefused('verify', 'mismatched', 'The manifest is not of the revision that the head names.', `manifest.${field}`);
  }
}

/** Nothing was refused: the bytes did not come. */
class SourceFailed extends Error {}

/** A source whose failures are told from refusals. */
function guarded(source: Source): Source {
  const failed = (cause: unknown) => { throw new SourceFailed('the bytes did not come', { cause }); };
  return { piece: (ref) => source.piece(ref).catch(failed), root: (version) => source.root(version).catch(failed) };
}

/** What a control plane calls a head. */
export function etagOf(head: Pick<Head, 'revision' | 'issuedAt'>): string {
  return `"${head.revision}.${head.issuedAt}"`;
}
