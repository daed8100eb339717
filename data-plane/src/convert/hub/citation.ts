// Pure. What a text is based on.

/** A source of a text: a page, or a place in a document. */
export type Citation = {
  readonly url: string | undefined;
  readonly title: string | undefined;
  /** The words of the source. */
  readonly quote?: string;
  /** The piece of the text that it bears out, in UTF-16 units from the start of its part; absent = all of it. */
  readonly start?: number;
  readonly end?: number;
};
