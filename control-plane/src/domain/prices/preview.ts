import type { Price as PriceRow } from '@fairlead/prisma';
import { exactOf, partsOf, roundedOf } from '@fairlead/shared/money/charge.ts';
import type { Actor } from '../actor.ts';
import { requireMember } from '../actor.ts';
import { runCommand } from '../command.ts';
import type { Domain } from '../domain.ts';
import type { Result } from '../problem.ts';
import { checkEffective, rowAt } from './effective.ts';
import { checkPriceInput } from './set.ts';
import type { PriceSetInput } from './set.ts';
import { readTerms, readingOf } from './terms.ts';

/** What setting a price would do. */
export interface PricePreview { effectiveAt: Date; replaces: PriceRow | null; /** Use without a price that it would be charged for, and how much. */ unpricedAttempts: number; unpricedNano: bigint; /** True when there is more than was added up. */ more: boolean }

const mostEvents = 2_000;

/** Checks a price as setting it would, and says what that would do; nothing is written. */
export async function previewPrice(domain: Domain, actor: Actor, input: PriceSetInput): Promise<Result<PricePreview>> {
  const member = requireMember(actor, 'models:write');
  return runCommand(domain, actor, async (command) => {
    const { place, price } = await checkPriceInput(command, input);
    const effectiveAt = await checkEffective(command.tx, place, input.effectiveAt, command.now);
    const events = await command.tx.usageEvent.findMany({
      where: { unpriced: true, modelUsed: place.modelName, startedAt: { gte: effectiveAt }, ...(place.upstreamId === null ? {} : { upstreamId: place.upstreamId }), ...(member.operator ? {} : { tenantId: member.tenantId }) },
      orderBy: { id: 'asc' }, take: mostEvents + 1,
    });
    let unpricedNano = 0n;
    for (const event of events.slice(0, mostEvents)) {
      const terms = readTerms(event.terms);
      unpricedNano += roundedOf(exactOf(partsOf(readingOf(event, terms), { id: '-', ...price }, terms.serviceAsked).parts), terms.times);
    }
    return { effectiveAt, replaces: await rowAt(command.tx, place, effectiveAt), unpricedAttempts: Math.min(events.length, mostEvents), unpricedNano, more: events.length > mostEvents };
  });
}
