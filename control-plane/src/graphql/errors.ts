import type { Problem, Result } from '../domain/problem.ts';
import { problemCodes } from '../domain/problem.ts';
import { builder } from './builder.ts';
import type { Extended } from './builder.ts';

const UserErrorCode = builder.enumType('UserErrorCode', {
  description: 'Why something was refused. NOT_PROPAGATED alone is a warning: the change is saved.',
  values: problemCodes,
});

/** A refusal the caller can act on. */
export const UserError = builder.interfaceRef<Problem>('UserError').implement({
  description: 'A refusal that the caller can act on.',
  resolveType: (problem) => (problem.code === 'POOL_EXHAUSTED' ? 'PoolExhaustedError' : 'InputError'),
  fields: (t) => ({
    code: t.field({ type: UserErrorCode, description: 'Tells programs what is wrong.', resolve: (problem) => problem.code }),
    message: t.exposeString('message', { description: 'Tells people what is wrong.' }),
    path: t.stringList({ nullable: true, description: 'Where in the input.', resolve: (problem) => problem.path ?? null }),
    fix: t.string({ nullable: true, description: 'What would help.', resolve: (problem) => problem.fix ?? null }),
    docUrl: t.string({ nullable: true, description: 'Where to read more.', resolve: () => null }),
  }),
});

builder.objectRef<Problem>('InputError').implement({ description: 'The input or the state of things does not allow it.', interfaces: [UserError] });

builder.objectRef<Problem>('PoolExhaustedError').implement({
  description: 'The money of the pool is used up.',
  interfaces: [UserError],
  fields: (t) => ({ reopensAt: t.field({ type: 'DateTime', nullable: true, description: 'When the pool is filled again.', resolve: (problem) => problem.reopensAt ?? null }) }),
});

/** What every mutation answers: its value, or nothing, and why. */
export interface Payload<V> { value: V | null; userErrors: Problem[]; revision?: number | null }

/** The payload of a command's result. */
export function settle<V>(result: Result<V>): Payload<V> {
  return result.ok ? { value: result.value, userErrors: result.warnings, revision: result.revision ?? null } : { value: null, userErrors: result.problems };
}

type PayloadFields<V> = PothosSchemaTypes.ObjectFieldBuilder<Extended, Payload<V>>;

/** A payload type with its userErrors. */
export function payload<V>(name: string, description: string, fields: (t: PayloadFields<V>) => ReturnType<Parameters<typeof builder.objectFields<never>>[1]>) {
  const ref = builder.objectRef<Payload<V>>(name);
  builder.objectType(ref, {
    description,
    fields: (t) => ({
      revision: t.int({ nullable: true, description: 'The routing revision that holds the change: what `awaitPropagation` and the header x-fairlead-min-revision take. null when nodes had nothing to learn.', resolve: ({ revision }) => revision ?? null }),
      ...fields(t),
      userErrors: t.field({ type: [UserError], description: 'Why it was refused; empty when it was done.', resolve: (result) => result.userErrors }),
    }),
  });
  return ref;
}
