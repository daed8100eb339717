// Pure.

/** Merges rows by id, what came last wins, newest first, and keeps at most so many. */
export function arrange<Row extends { id: string; startedAt: string }>(shown: readonly Row[], came: readonly Row[], most: number): readonly Row[] {
  if (came.length === 0) return shown.length > most ? shown.slice(0, most) : shown;
  const byId = new Map(shown.map((row) => [row.id, row]));
  for (const row of came) byId.set(row.id, row);
  return [...byId.values()].sort((a, b) => (a.startedAt === b.startedAt ? (a.id < b.id ? 1 : -1) : a.startedAt < b.startedAt ? 1 : -1)).slice(0, most);
}

/** The ids of rows, with those that were there before. */
export function idsOf(rows: readonly { id: string }[], before: Iterable<string> = []): ReadonlySet<string> {
  return new Set([...before, ...rows.map((row) => row.id)]);
}
