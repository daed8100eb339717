// Pure. What a vendor counts besides tokens of text.
import { unitKinds, type UnitKind, type Units } from '@fairlead/shared/money/charge.ts';

/** The units that were counted at all, as a field of a reading; nothing when there are none. */
export function unitsOf(counts: Readonly<Partial<Record<UnitKind, number>>>): { units?: Units } {
  let units: Partial<Record<UnitKind, number>> | undefined;
  for (const kind of unitKinds) {
    const count = counts[kind];
    if (count !== undefined && count > 0) (units ??= {})[kind] = count;
  }
  return units ? { units } : {};
}
