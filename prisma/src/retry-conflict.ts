// Runs database work again when it lost a race against other work.
import { isDriverAdapterError } from '@prisma/driver-adapter-utils';
import { Prisma } from '#client/client.ts';
import { backOff, deadlineIn, remainingMs } from './deadline.ts';
import type { Deadline } from './deadline.ts';

/** How long work may be run again. */
export interface RetryOptions {
  /** For all tries together; 10 seconds unless told otherwise. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** The deadline of work that says nothing about it. */
export const DEFAULT_TIMEOUT_MS = 10_000;

// An upsert may lose its race against another insert; a name that is really taken stays so, and must be told soon.
const UNIQUE_TRIES = 5;

/** Runs `work` until it wins: on deadlocks, serialization failures and busy files up to the deadline, on unique conflicts a few times. */
export function retryConflict<T>(work: () => Promise<T>, { timeoutMs = DEFAULT_TIMEOUT_MS, signal }: RetryOptions = {}): Promise<T> {
  return retryUntil(deadlineIn(timeoutMs, signal), work);
}

/** The same for a deadline that has begun. */
export async function retryUntil<T>(deadline: Deadline, work: () => Promise<T>): Promise<T> {
  let uniqueTries = 0;
  for (let attempt = 0; ; attempt++) {
    deadline.signal?.throwIfAborted();
    try {
      return await work();
    } catch (error) {
      const conflict = conflictOf(error);
      const again = conflict === 'race' || (conflict === 'unique' && ++uniqueTries < UNIQUE_TRIES);
      if (!again || remainingMs(deadline) === 0) throw error;
      await backOff(attempt, deadline);
    }
  }
}

/** Whether an error says that other work was in the way ('race'), that a unique value is there already, or neither. */
export function conflictOf(error: unknown): 'race' | 'unique' | undefined {
  if (!(error instanceof Prisma.PrismaClientKnownRequestError)) return driverConflict(error);
  switch (error.code) {
    case 'P2002':
      return 'unique';
    case 'P1008': // a busy SQLite file
    case 'P2034': // a deadlock or serialization failure
    case 'P2037': // too many connections
      return 'race';
    default:
      return driverConflict(error.meta?.['driverAdapterError']);
  }
}

/** Errors of raw statements keep what the driver said. */
function driverConflict(error: unknown): 'race' | 'unique' | undefined {
  if (typeof error !== 'object' || error === null || !isDriverAdapterError(error)) return undefined;
  switch (error.cause.kind) {
    case 'UniqueConstraintViolation':
      return 'unique';
    case 'TransactionWriteConflict':
    case 'SocketTimeout':
    case 'TooManyConnections':
      return 'race';
    case 'postgres':
      return error.cause.code === '55P03' ? 'race' : undefined; // lock not available
    case 'mysql': // lock wait timeout; row changed since it was read
      return error.cause.code === 1205 || error.cause.code === 1020 ? 'race' : undefined;
    default:
      return undefined;
  }
}
