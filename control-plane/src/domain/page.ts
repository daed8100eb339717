// Lists are read newest first by id: a cursor is an id, and a row that is gone does not disturb those behind it.

/** Which part of a list is asked for. */
export interface Page { first?: number | null | undefined; after?: string | null | undefined }

/** A part of a list. */
export interface Slice<T> { nodes: T[]; hasNextPage: boolean }

const usual = 50;
const most = 200;

/** Reads one page; `read` gets the condition on the id and how many rows to take. */
export async function pageOf<T extends { id: string }>(page: Page, read: (where: { id?: { lt: string } }, take: number) => Promise<T[]>): Promise<Slice<T>> {
  const first = Math.min(Math.max(page.first ?? usual, 1), most);
  const rows = await read(page.after ? { id: { lt: page.after } } : {}, first + 1);
  return { nodes: rows.slice(0, first), hasNextPage: rows.length > first };
}
