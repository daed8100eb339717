import { build } from '@fairlead/shared/node-api/version.ts';
import type { Actor } from '../actor.ts';
import type { Domain } from '../domain.ts';
import { liveWithinMs } from '../nodes/live.ts';

/** What everyone may know of this install. */
export interface InstallFacts { version: string; publicUrl: string; nodeUrl: string; graphqlUrl: string; practice: boolean; loopback: boolean }

/** One step of getting started. */
export interface SetupStep { name: 'SIGNED_IN' | 'PRACTICE_READY' | 'NODE_LIVE' | 'KEY_CREATED' | 'FIRST_REQUEST' | 'PROVIDER_CONNECTED'; done: boolean; at: Date | null }

/** The public facts. */
export function readInstall(domain: Domain): InstallFacts {
  const publicUrl = domain.places.publicUrl();
  return { version: build, publicUrl, nodeUrl: domain.places.nodeUrl, graphqlUrl: `${publicUrl}/graphql`, practice: domain.places.practice, loopback: domain.places.loopback };
}

/** How far the reader's tenant has come; nothing for who is not signed in. */
export async function readSetupSteps(domain: Domain, actor: Actor): Promise<SetupStep[]> {
  if (actor.kind !== 'MEMBER' && actor.kind !== 'TOKEN') return [];
  const client = domain.db.client;
  const visible = { OR: [{ tenantId: actor.tenantId }, { tenantId: null }] };
  const signIn = await client.signIn.findFirst({ where: { memberId: actor.memberId }, orderBy: { createdAt: 'asc' } });
  const practice = await client.upstream.findFirst({ where: { AND: [visible, { preset: 'practice' }] } });
  const node = await client.fleetNode.findFirst({ where: { status: 'ACTIVE', lastSeenAt: { gt: new Date(domain.clock.now() - liveWithinMs) } } });
  const key = await client.key.findFirst({ where: { tenantId: actor.tenantId }, orderBy: { id: 'asc' } });
  const first = await client.exchange.findFirst({ where: { tenantId: actor.tenantId }, orderBy: { id: 'asc' } });
  const provider = await client.upstream.findFirst({ where: { AND: [visible, { OR: [{ preset: null }, { preset: { not: 'practice' } }] }] }, orderBy: { id: 'asc' } });
  const step = (name: SetupStep['name'], at: Date | null | undefined): SetupStep => ({ name, done: at !== null && at !== undefined, at: at ?? null });
  return [
    step('SIGNED_IN', signIn?.createdAt), step('PRACTICE_READY', domain.places.practice ? practice?.createdAt : null), step('NODE_LIVE', node?.createdAt),
    step('KEY_CREATED', key?.createdAt), step('FIRST_REQUEST', first?.startedAt), step('PROVIDER_CONNECTED', provider?.createdAt),
  ];
}
