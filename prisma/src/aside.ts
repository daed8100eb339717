// Parameters that a statement takes past the client, which would make text of them and read it again: for rows of usage
// that took longer than what the database did with them.
const laid = new Map<string, unknown>();
let count = 0;

/** Leads a statement whose one parameter is the name of what lies aside. Only our own texts have it. */
export const asideMark = '/* aside */';

/** Lays a value aside while a statement runs that names it. */
export async function layAside<T>(value: unknown, run: (name: string) => Promise<T>): Promise<T> {
  const name = `aside ${++count}`;
  laid.set(name, value);
  try {
    return await run(name);
  } finally {
    laid.delete(name);
  }
}

/** What lies aside for a statement; undefined for a statement that has nothing there. */
export function takeAside({ sql, args }: { readonly sql: string; readonly args: readonly unknown[] }): unknown {
  if (!sql.startsWith(asideMark)) return undefined;
  const [name] = args;
  const value = typeof name === 'string' ? laid.get(name) : undefined;
  if (value === undefined) throw new TypeError('What a statement left aside is not there.');
  return value;
}
