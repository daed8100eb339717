/** Why a change was refused, as people read it. */
export interface Problem { code: string; message: string; fix: string | null; path: readonly string[] | null }

/** The problem with one field of a form, told there and not above it. */
export function problemAt(problems: readonly Problem[], ...names: readonly string[]): string | undefined {
  const found = problems.find((problem) => names.includes(pathOf(problem)));
  return found && sentence(found);
}

/** The whole sentence of a problem. */
export function sentence(problem: Problem): string {
  return problem.fix ? `${problem.message} ${problem.fix}` : problem.message;
}

/** Where in the input a problem is, such as "budget.limit". */
export function pathOf(problem: Problem): string {
  return (problem.path ?? []).filter((part) => part !== 'input').join('.');
}
