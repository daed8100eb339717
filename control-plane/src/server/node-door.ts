import { checkNodeSignature, nodeScheme, readNodeSignature } from '@fairlead/shared/node-api/signed-request.ts';
import { isId } from '@fairlead/shared/id.ts';
import type { NodeActor } from '../domain/actor.ts';
import type { Domain } from '../domain/domain.ts';

/** Says which node sent a request, or why it is not believed. */
export interface NodeDoor { enter(request: { header: string; method: string; target: string; body: Uint8Array }): Promise<{ node: NodeActor } | { refused: string }> }

const skewMs = 300_000;
const rememberMs = 600_000;
const mostNonces = 200_000;

/** Whether an Authorization header claims to be a node's. */
export function isNodeHeader(header: string | undefined): header is string {
  return header?.startsWith(`${nodeScheme} `) ?? false;
}

/** Checks signature, time, nonce and standing of nodes. A nonce counts once: a copied request is refused. */
export function createNodeDoor(domain: Domain): NodeDoor {
  const nonces = new Map<string, number>();
  const takeNonce = (nonce: string, now: number): boolean => {
    for (const [old, until] of nonces) {
      if (until > now && nonces.size < mostNonces) break;
      nonces.delete(old);
    }
    if (nonces.has(nonce)) return false;
    nonces.set(nonce, now + rememberMs);
    return true;
  };
  return {
    async enter({ header, method, target, body }) {
      const signature = readNodeSignature(header);
      if (!signature || !isId('fleetNode', signature.nodeId)) return { refused: 'The node signature cannot be read.' };
      const now = domain.clock.now();
      if (Math.abs(now - signature.timeMs) > skewMs) return { refused: `The node's clock is off by more than ${skewMs / 1000} seconds; here it is ${new Date(now).toISOString()}.` };
      const row = await domain.db.client.fleetNode.findUnique({ where: { id: signature.nodeId } });
      if (!row) return { refused: 'This node is not known here.' };
      if (!(await checkNodeSignature(signature, { method, target, fleet: domain.fleet.fleet, body }, row.signPublicKey))) return { refused: 'The node signature does not cover this request.' };
      // Only after the signature, so that a stranger cannot fill the memory or burn a node's nonces.
      if (!takeNonce(`${row.id} ${signature.nonce}`, now)) return { refused: 'This signed request was sent before.' };
      if (row.status === 'REVOKED') return { refused: 'This node was revoked.' };
      return { node: { kind: 'NODE', id: row.id, name: row.name, region: row.region, signPublicKey: row.signPublicKey } };
    },
  };
}
