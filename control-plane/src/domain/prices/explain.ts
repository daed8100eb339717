// Pure. How a charge came about, made again from what the ledger keeps.
import type { UsageEvent } from '@fairlead/prisma';
import { exactOf, partsOf, roundedOf } from '@fairlead/shared/money/charge.ts';
import type { PartKind } from '@fairlead/shared/money/charge.ts';
import { millionthsText } from '@fairlead/shared/money/dollars.ts';
import type { PriceColumns } from './stored.ts';
import { priceOfStored } from './stored.ts';
import { readTerms, readingOf } from './terms.ts';
import type { ChargedColumns } from './terms.ts';

/** The columns that an explanation is made from. */
export type ExplainedColumns = ChargedColumns & Pick<UsageEvent, 'outcome' | 'unpriced' | 'priceId' | 'terms' | 'costNano' | 'excessNano' | 'reservedNano'>;

/** One part: so many of a kind, at dollars for a million, times what the grade of service costs; `amount` is exact. */
export interface ExplainedPart { kind: PartKind; count: number; perMillionNano: bigint; serviceMultiplier: string; amount: string }

/** The parts of a charge, before and after its multipliers and its one rounding. */
export interface ExplainedCharge {
  /** READING: from what was used. RESERVATION: the node stopped in the middle, so all that was held is charged. UNPRICED: no price yet. PRICE_GONE: the row it was charged by is not there. */
  basis: 'READING' | 'RESERVATION' | 'UNPRICED' | 'PRICE_GONE';
  parts: ExplainedPart[];
  service: string;
  fromTokens: number;
  multipliers: { subject: 'UPSTREAM' | 'TENANT' | 'KEY'; multiplier: string }[];
  /** Dollars before multipliers and rounding, exact. */
  sum: string;
  totalNano: bigint;
  /** Whether the ledger says the same: what was settled and what is excess together. */
  agrees: boolean;
}

/** Explains the charge of one attempt with the row of prices it was made by. */
export function explainCharge(event: ExplainedColumns, row: PriceColumns | null): ExplainedCharge {
  const terms = readTerms(event.terms);
  const booked = event.costNano + event.excessNano;
  const multipliers = (['upstream', 'tenant', 'key'] as const).flatMap((whose) => {
    const millionths = terms.times?.[whose];
    return millionths === undefined ? [] : [{ subject: subjects[whose], multiplier: millionthsText(millionths) }];
  });
  const without = (basis: ExplainedCharge['basis'], totalNano: bigint, agrees: boolean): ExplainedCharge => ({ basis, parts: [], service: terms.service ?? terms.serviceAsked ?? 'standard', fromTokens: terms.fromTokens ?? 0, multipliers, sum: '0', totalNano, agrees });
  if (event.unpriced) return without('UNPRICED', booked, booked === 0n);
  if (event.outcome === 'CRASHED' && event.reservedNano > 0n) return without('RESERVATION', event.reservedNano, event.reservedNano === booked);
  const price = row && priceOfStored(row);
  if (!price) return without('PRICE_GONE', booked, false);
  const made = partsOf(readingOf(event, terms), price, terms.serviceAsked);
  const exact = exactOf(made.parts);
  const totalNano = roundedOf(exact, terms.times);
  return {
    basis: 'READING',
    parts: made.parts.map((part) => ({ kind: part.kind, count: part.count, perMillionNano: part.perMillionNano, serviceMultiplier: millionthsText(Number(part.millionths)), amount: exactText(exactOf([part])) })),
    service: made.service, fromTokens: made.fromTokens, multipliers, sum: exactText(exact), totalNano, agrees: totalNano === booked,
  };
}

const subjects = { upstream: 'UPSTREAM', tenant: 'TENANT', key: 'KEY' } as const;

/** An exact sum (nano-USD × 10^12) in dollars. */
function exactText(exact: bigint): string {
  const places = 21;
  const digits = String(exact).padStart(places + 1, '0');
  const fraction = digits.slice(-places).replace(/0+$/, '');
  return fraction === '' ? digits.slice(0, -places) : `${digits.slice(0, -places)}.${fraction}`;
}

