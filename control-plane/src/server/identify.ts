import { readKey } from '@fairlead/shared/keys/key-text.ts';
import type { Actor } from '../domain/actor.ts';
import type { Domain } from '../domain/domain.ts';
import { actorByCookie, actorByToken } from '../domain/members/sign-in.ts';
import type { NodeDoor } from './node-door.ts';
import { isNodeHeader } from './node-door.ts';

/** What of a request tells who sent it. */
export interface Presented { authorization: string | undefined; cookie: string | undefined; method: string; target: string; body: Uint8Array; address: string }

/** Who sent a request, or why nobody is believed. */
export async function identify(domain: Domain, door: NodeDoor, presented: Presented): Promise<{ actor: Actor } | { refused: string }> {
  const header = presented.authorization;
  if (isNodeHeader(header)) {
    const entered = await door.enter({ header, method: presented.method, target: presented.target, body: presented.body });
    return 'node' in entered ? { actor: entered.node } : entered;
  }
  if (header !== undefined) {
    const token = /^bearer\s+(\S+)$/i.exec(header)?.[1];
    if (token === undefined) return { refused: 'The Authorization header is neither "Bearer flm_…" nor a node\'s signature.' };
    if (token.startsWith('flk_')) return { refused: 'This is a runtime key (flk_…): it calls models on a node. The API takes management tokens (flm_…).' };
    if (readKey(token)?.kind !== 'managementToken') return { refused: 'This is no whole management token (flm_…). Copy it again.' };
    const actor = await actorByToken(domain, token);
    return actor ? { actor } : { refused: 'This management token is not known here, was revoked, or has expired.' };
  }
  const actor = presented.cookie === undefined ? undefined : await actorByCookie(domain, presented.cookie);
  // An old cookie must not lock anyone out of signing in anew.
  return { actor: actor ?? { kind: 'PUBLIC', address: presented.address } };
}
