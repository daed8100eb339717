/** A page of a list as the API answers it. */
export interface Page<Row> { nodes: readonly Row[]; pageInfo: { hasNextPage: boolean; endCursor: string | null } }

/** A list of which more and more is shown. */
export interface Listed<Row> { rows: readonly Row[]; more: boolean }

/** How many pages of a list are shown; reading it again reads all of them, so that every shown row stays true. */
export class Pages {
  shown = $state(1);

  /** Reads every shown page in turn. */
  async read<Row>(page: (after: string | null) => Promise<Page<Row>>): Promise<Listed<Row>> {
    const rows: Row[] = [];
    const wanted = this.shown;
    let after: string | null = null;
    for (let count = 0; count < wanted; count++) {
      const { nodes, pageInfo }: Page<Row> = await page(after);
      rows.push(...nodes);
      if (!pageInfo.hasNextPage) return { rows, more: false };
      after = pageInfo.endCursor;
    }
    return { rows, more: true };
  }
}
