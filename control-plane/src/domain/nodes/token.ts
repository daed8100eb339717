import { randomBytes } from 'node:crypto';
import type { NodeToken } from '@fairlead/prisma';
import { newId } from '@fairlead/shared/id.ts';
import { writeNodeToken } from '@fairlead/shared/node-api/node-token.ts';
import { readNewestRoot } from '../../crypto/fleet.ts';
import type { Actor } from '../actor.ts';
import { requireOperator } from '../actor.ts';
import { Checks } from '../check.ts';
import { runCommand } from '../command.ts';
import type { Domain } from '../domain.ts';
import type { Result } from '../problem.ts';

/** What a node token is asked for with. */
export interface NodeTokenInput { name: string; region?: string | null | undefined; expiresInMinutes?: number | null | undefined }

/** Makes a one-time right to enrol a node; the text is shown once. */
export async function createNodeToken(domain: Domain, actor: Actor, input: NodeTokenInput): Promise<Result<{ token: string; row: NodeToken }>> {
  requireOperator(actor, 'nodes:write');
  const id = newId('nodeToken', domain.clock.now());
  const secret = new Uint8Array(randomBytes(32));
  const sealedMacKey = await domain.keyring.seal(secret, tokenAad(id));
  return runCommand(domain, actor, async (command) => {
    const checks = new Checks();
    const name = checks.name(input.name, ['name']);
    const region = input.region ? checks.name(input.region, ['region'], 40) : 'local';
    const minutes = checks.count(input.expiresInMinutes, ['expiresInMinutes'], 1, 30 * 24 * 60) ?? 60;
    checks.done();
    const row = await command.tx.nodeToken.create({
      data: { id, name, region, sealedMacKey, expiresAt: new Date(command.now.getTime() + minutes * 60_000), createdAt: command.now },
    });
    await command.audit({ action: 'nodeToken.create', objectId: id, detail: { name, region } });
    return { token: writeNodeToken({ url: domain.places.publicUrl(), fleet: domain.fleet.fleet, trust: (await readNewestRoot(command.tx)).fingerprint, tokenId: id, secret }), row };
  });
}

/** What a sealed node token is bound to. */
export function tokenAad(tokenId: string): string {
  return `node-token|${tokenId}`;
}
