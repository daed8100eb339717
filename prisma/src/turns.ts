/** Lets one holder at a time work, first come first served. */
export interface Turns {
  /** Waits for a turn; the function it gives ends the turn and may be called more than once. */
  take(): Promise<() => void>;
  /** Runs work within a turn. */
  run<T>(work: () => Promise<T>): Promise<T>;
}

/** Turns that nobody holds yet. */
export function createTurns(): Turns {
  let last: Promise<void> = Promise.resolve();
  const take = async (): Promise<() => void> => {
    const before = last;
    const { promise, resolve } = Promise.withResolvers<void>();
    last = promise;
    await before;
    return resolve;
  };
  return {
    take,
    run: async (work) => {
      const release = await take();
      try {
        return await work();
      } finally {
        release();
      }
    },
  };
}
