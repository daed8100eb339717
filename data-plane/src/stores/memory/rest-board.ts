import type { RestBoard } from '../stores.ts';

/** A board for one node alone: nobody else reads it. */
export function createLonelyBoard(): RestBoard {
  return { rest: () => undefined, onRest: () => undefined, close: () => Promise.resolve() };
}
