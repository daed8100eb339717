import { DriverAdapterError } from '@prisma/driver-adapter-utils';
import { expect, test } from 'vitest';
import { Prisma } from '#client/client.ts';
import { conflictOf, retryConflict } from './retry-conflict.ts';

const known = (code: string, cause?: DriverAdapterError) =>
  new Prisma.PrismaClientKnownRequestError('x', { code, clientVersion: 'x', ...(cause === undefined ? {} : { meta: { driverAdapterError: cause } }) });
const mysql = (code: number) => new DriverAdapterError({ kind: 'mysql', code, message: 'x', state: 'x' });

test.each<[string, unknown, string | undefined]>([
  ['a deadlock', known('P2034'), 'race'],
  ['a busy file', known('P1008'), 'race'],
  ['too many connections', known('P2037'), 'race'],
  ['a taken name', known('P2002'), 'unique'],
  ['a missing row', known('P2025'), undefined],
  ['a transaction out of time', known('P2028'), undefined],
  ['a deadlock of a raw statement', known('P2010', new DriverAdapterError({ kind: 'TransactionWriteConflict' })), 'race'],
  ['a taken name of a raw statement', known('P2010', new DriverAdapterError({ kind: 'UniqueConstraintViolation' })), 'unique'],
  ['a lock wait that took too long', known('P2010', mysql(1205)), 'race'],
  ['a row that changed since it was read', mysql(1020), 'race'],
  ['a syntax error', known('P2010', mysql(1064)), undefined],
  ['another error', new Error('x'), undefined],
  ['no error', undefined, undefined],
])('%s', (_, error, expected) => {
  expect(conflictOf(error)).toBe(expected);
});

/** Work that fails `times` times with an error, and how often it ran. */
function failing(times: number, error: unknown): { run: () => Promise<string>; tries: () => number } {
  let tries = 0;
  return { tries: () => tries, run: async () => {
    tries += 1;
    if (tries <= times) throw error;
    return 'done';
  } };
}

test('a lost race is run again until it wins', async () => {
  const work = failing(7, known('P2034'));
  expect(await retryConflict(work.run)).toBe('done');
  expect(work.tries()).toBe(8);
});

test('a lost race is not run again after the deadline', async () => {
  const work = failing(Infinity, known('P2034'));
  await expect(retryConflict(work.run, { timeoutMs: 20 })).rejects.toMatchObject({ code: 'P2034' });
  expect(work.tries()).toBeGreaterThan(1);
});

test('a unique conflict is run again four times and then told', async () => {
  const work = failing(Infinity, known('P2002'));
  await expect(retryConflict(work.run)).rejects.toMatchObject({ code: 'P2002' });
  expect(work.tries()).toBe(5);
});

test('any other error is told at once', async () => {
  const work = failing(1, new Error('no'));
  await expect(retryConflict(work.run)).rejects.toThrow('no');
  expect(work.tries()).toBe(1);
});

test('an abort ends the waiting between two tries', async () => {
  const abort = new AbortController();
  const work = async (): Promise<never> => {
    abort.abort();
    throw known('P2034');
  };
  await expect(retryConflict(work, { signal: abort.signal })).rejects.toThrow(/abort/i);
});
