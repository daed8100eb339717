import { CallFailed, run } from '#lib/api/client.ts';
import type { TypedDocumentString } from '#lib/api/generated/graphql.ts';
import type { Problem } from '#lib/ui/problem.ts';

/** What a mutation came to: its answer, or why it was refused. */
export type Changed<Answer> = { answer: Answer; problems: readonly [] } | { answer: undefined; problems: readonly Problem[] };

/** Runs a mutation; a refusal and a call that failed both come back as problems to show. */
export async function change<Result, Variables, Answer extends { userErrors: readonly Problem[] }>(
  document: TypedDocumentString<Result, Variables>, variables: Variables, pick: (result: Result) => Answer,
): Promise<Changed<Answer>> {
  try {
    const answer = pick(await run(document, variables));
    // A change that has not reached every node yet is saved all the same.
    const problems = answer.userErrors.filter((error) => error.code !== 'NOT_PROPAGATED');
    return problems.length > 0 ? { answer: undefined, problems } : { answer, problems: [] };
  } catch (cause) {
    const message = cause instanceof CallFailed ? cause.message : 'Something broke in the console.';
    return { answer: undefined, problems: [{ code: 'CALL_FAILED', message, fix: 'Try again.', path: [] }] };
  }
}
