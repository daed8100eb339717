import type { SnapshotKey } from '@fairlead/shared/snapshot/snapshot.ts';

/** Whom a key stands for, with its rights. */
export interface Principal { key: SnapshotKey; tenant: string }
