// Pure. What a vendor tells of besides tokens of text.
import { serviceOf } from '@fairlead/shared/money/price.ts';
import { unitKinds, type UnitKind, type Units } from '@fairlead/shared/money/reading.ts';

/** The units that were counted at all, as a field of a reading; nothing when there are none. */
export function unitsOf(counts: Readonly<Partial<Record<UnitKind, number>>>): { units?: Units } {
  let units: Partial<Record<UnitKind, number>> | undefined;
  for (const kind of unitKinds) {
    const count = counts[kind];
    if (count !== undefined && count > 0) (units ??= {})[kind] = count;
  }
  return units ? { units } : {};
}

/** The grade of service that a vendor says it gave, as a field of a reading; nothing when it says none. */
export function serviceGiven(word: unknown): { service?: string } {
  const service = serviceOf(word);
  return service === undefined ? {} : { service };
}
