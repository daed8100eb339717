import type { TraceAttempt } from '@fairlead/shared/usage/trace.ts';
import type { Surveyed } from './ask.ts';
import type { MadePlan } from './candidate.ts';
import type { Principal } from './principal.ts';

/** What is known of an exchange so far, for its trace. */
export interface Story { principal?: Principal; ask?: Surveyed; plan?: MadePlan; /** Answered without a call. */ recalled?: 'replay'; attempts: TraceAttempt[]; revision: number }
