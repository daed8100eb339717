import type { Database } from '@fairlead/prisma';
import type { Clock } from '@fairlead/shared/time/clock.ts';
import type { FleetIdentity } from '../crypto/fleet.ts';
import type { Keyring } from '../crypto/keyring.ts';
import type { Caller } from '../egress/caller.ts';
import type { Log } from '../log.ts';
import type { Broadcast } from './broadcast.ts';

/** What commands need of the snapshot publisher. */
export interface Publishing {
  /** Publishes what is marked and resolves with the revision that holds it. */
  publish(): Promise<number>;
  /** Told when a node has acknowledged something. */
  acknowledged(): void;
  /** Names of live nodes that had not applied the revision when `deadlineMs` ended. */
  waitForNodes(revision: number, deadlineMs: number, signal?: AbortSignal): Promise<string[]>;
}

/** Where things are reached from outside. */
export interface Places {
  /** This control plane. */
  publicUrl(): string;
  /** A node, for clients. */
  nodeUrl: string;
  /** Whether only this machine can reach the install. */
  loopback: boolean;
  /** Whether the practice upstream is on. */
  practice: boolean;
  /** Private `host:port` that the operator's upstreams may have. */
  egressAllow: readonly string[];
}

/** Everything commands and reads work with; built once by compose. */
export interface Domain {
  db: Database;
  keyring: Keyring;
  fleet: FleetIdentity;
  clock: Clock;
  /** When this process began to serve. */
  startedAtMs: number;
  log: Log;
  /** Calls vendors, with every address checked. */
  caller: Caller;
  places: Places;
  publishing: Publishing;
  /** Exchanges that were just reported. */
  exchanges: Broadcast<{ id: string; tenantId: string }>;
}
