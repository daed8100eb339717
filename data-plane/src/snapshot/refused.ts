import { EnvelopeRefused } from '@fairlead/shared/snapshot/envelope.ts';
import { SnapshotInvalid } from '@fairlead/shared/snapshot/snapshot-invalid.ts';
import { errorText } from '../telemetry/log.ts';

/** How far an offered revision came: whose it is, which it is, what it is made of, what it says, whether it can be kept, how it does. */
export type Stage = 'verify' | 'order' | 'gather' | 'compile' | 'persist' | 'serve';

/** Why an offered revision is not taken. */
export class OfferRefused extends Error {
  readonly stage: Stage;
  readonly code: string;
  readonly path: string | undefined;
  constructor(stage: Stage, code: string, message: string, path?: string) {
    super(message);
    this.stage = stage;
    this.code = code;
    this.path = path;
  }
}

/** Any error as a refusal. */
export function refusalOf(error: unknown): OfferRefused {
  if (error instanceof OfferRefused) return error;
  if (error instanceof EnvelopeRefused) return new OfferRefused('verify', error.problem, error.message);
  if (error instanceof SnapshotInvalid) return new OfferRefused('compile', error.code, error.message, error.path);
  return new OfferRefused('compile', 'failed', errorText(error));
}
