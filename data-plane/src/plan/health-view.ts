import type { HealthView } from '@fairlead/shared/plan/health-report.ts';

/** Health as planning asks for it, of a memory that only knows who rests. */
export function viewOfResting(resting: (id: string) => string | undefined): HealthView {
  return {
    upstream(id, model) {
      const why = resting(id);
      return why === undefined ? undefined : { upstream: id, model, state: 'OPEN', why, failureShare: 0, calls: 0, inFlight: 0 };
    },
    credential(id) {
      const why = resting(id);
      return why === undefined ? undefined : { credential: id, untilMs: Number.MAX_SAFE_INTEGER, why, inFlight: 0 };
    },
  };
}
