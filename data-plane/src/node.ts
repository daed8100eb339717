import type { Clock } from '@fairlead/shared/time/clock.ts';
import type { Admission } from './admit/admit.ts';
import type { AttemptParts } from './attempt/attempt.ts';
import type { Authentication } from './authenticate/authenticate.ts';
import type { AccountParts } from './meter/accounts.ts';
import type { Replay } from './recall/replay.ts';
import type { Reporter } from './meter/report.ts';
import type { Sessions } from './plan/session/sessions.ts';
import type { Keeper } from './snapshot/keeper.ts';
import type { Secrets } from './snapshot/secrets.ts';
import type { Log } from './telemetry/log.ts';
import type { Metrics } from './telemetry/metrics.ts';
import type { TraceBuffer } from './telemetry/trace.ts';

/** The parts of one running node, built once by compose.ts. */
export interface Node {
  clock: Clock;
  log: Log;
  metrics: Metrics;
  traces: TraceBuffer;
  keeper: Keeper;
  secrets: Secrets;
  replay: Replay;
  attempting: Omit<AttemptParts, 'secretEpoch' | 'errorRules'>;
  authentication: Authentication;
  admission: Admission;
  accounts: AccountParts;
  reporter: Reporter;
  sessions: Sessions;
  /** Exchanges that have begun and not ended. */
  inFlight: { count: number };
}
