import { Fault } from '@fairlead/shared/faults/fault.ts';
import type { DialectName } from '@fairlead/shared/snapshot/snapshot.ts';
import type { Ask } from '../journey/ask.ts';
import type { Candidate } from '../journey/candidate.ts';
import type { Inbound } from '../journey/inbound.ts';
import type { Spoken } from './speak.ts';

/** Whether a request of one dialect can be served by an upstream of another. */
export function canConvert(_from: DialectName, _to: DialectName): boolean {
  return false;
}

/** Converts the request, and opens what converts the answer back. */
export function openCrossDialect(_inbound: Inbound, _ask: Ask, _candidate: Candidate): Spoken {
  throw new Fault('request.lossy');
}
