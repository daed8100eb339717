import type { FleetNode } from '@fairlead/prisma';
import { sealToKey } from '@fairlead/shared/crypto/seal.ts';
import { openVerifier } from '@fairlead/shared/crypto/sign.ts';
import { isId, newId } from '@fairlead/shared/id.ts';
import { enrolmentAnswerProof, enrolmentProof } from '@fairlead/shared/node-api/node-token.ts';
import type { NodeEnrollInput } from '@fairlead/shared/node-api/operations.ts';
import { sameText } from '../../crypto/digest.ts';
import type { Actor } from '../actor.ts';
import { Checks } from '../check.ts';
import { runCommand } from '../command.ts';
import type { Domain } from '../domain.ts';
import { Refused } from '../problem.ts';
import type { Result } from '../problem.ts';
import { tokenAad } from './token.ts';

/** What a node is answered; `proof` shows that we know the token's secret. */
export interface Enrolled { node: FleetNode; fleet: string; proof: string }

/** Lets a node join. Repeated with the same keys it gives the same answer, so a lost answer burns no token. */
export async function enrollNode(domain: Domain, actor: Actor, input: NodeEnrollInput): Promise<Result<Enrolled>> {
  const id = newId('fleetNode', domain.clock.now());
  const keysAreSound = await areKeysSound(input);
  const row = isId('nodeToken', input.tokenId) ? await domain.db.client.nodeToken.findUnique({ where: { id: input.tokenId } }) : null;
  const transcript = { tokenId: input.tokenId, fleet: domain.fleet.fleet, nonce: input.nonce, name: input.name, signPublicKey: input.signPublicKey, sealPublicKey: input.sealPublicKey };
  const secret = row ? await domain.keyring.open(row.sealedMacKey, tokenAad(row.id)) : undefined;
  const proven = secret !== undefined && sameText(await enrolmentProof(secret, transcript), input.proof);
  const done = await runCommand(domain, actor, async (command) => {
    const checks = new Checks();
    const name = checks.name(input.name, ['name']);
    if (!keysAreSound) checks.say(['signPublicKey'], 'INVALID', 'These public keys cannot be trusted.', 'Let the node make new ones.');
    if (!/^[\w-]{8,100}$/.test(input.nonce)) checks.say(['nonce'], 'INVALID', 'It must be 8 to 100 characters of base64url.');
    if (input.runtime.length > 60 || input.build.length > 60) checks.say(['runtime'], 'TOO_LONG', 'Runtime and build must have at most 60 characters each.');
    checks.done();
    if (!row || !proven) throw new Refused({ code: 'NOT_FOUND', message: 'This node token is not known here, or was cut when it was copied.', path: ['tokenId'], fix: 'Make a new node token and paste it whole.' });
    const same = await command.tx.fleetNode.findUnique({ where: { signPublicKey: input.signPublicKey } });
    if (same && same.tokenId === row.id && same.sealPublicKey === input.sealPublicKey && same.status === 'ACTIVE') return same;
    if (same) throw new Refused({ code: 'TAKEN', message: 'Another node has these keys already.', path: ['signPublicKey'] });
    if (row.revokedAt) throw new Refused({ code: 'REVOKED', message: 'This node token was revoked.', path: ['tokenId'] });
    if (row.expiresAt <= command.now) throw new Refused({ code: 'EXPIRED', message: 'This node token has expired.', path: ['tokenId'], fix: 'Make a new one.' });
    const used = await command.tx.nodeToken.updateMany({ where: { id: row.id, uses: 0, revokedAt: null, expiresAt: { gt: command.now } }, data: { uses: 1, usedBy: input.signPublicKey } });
    if (used.count !== 1) throw new Refused({ code: 'USED', message: 'Another node has used this node token.', path: ['tokenId'], fix: 'Make a new one. If you do not know that other node, revoke it.' });
    const node = await command.tx.fleetNode.create({
      data: {
        id, name, region: row.region, signPublicKey: input.signPublicKey, sealPublicKey: input.sealPublicKey,
        runtime: input.runtime, build: input.build, tokenId: row.id, createdAt: command.now,
      },
    });
    await command.audit({ action: 'node.enroll', objectId: id, detail: { name, region: row.region, tokenId: row.id } });
    return node;
  });
  if (!done.ok) return done;
  const proof = secret ? await enrolmentAnswerProof(secret, transcript, done.value.id) : '';
  return { ok: true, warnings: done.warnings, value: { node: done.value, fleet: domain.fleet.fleet, proof } };
}

async function areKeysSound(input: NodeEnrollInput): Promise<boolean> {
  try {
    await openVerifier(input.signPublicKey);
    // Sealing something is the only sure test that sealing will work later.
    await sealToKey(input.sealPublicKey, new Uint8Array(1));
    return input.sealPublicKey.length <= 180;
  } catch {
    return false;
  }
}
