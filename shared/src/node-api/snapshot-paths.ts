// Pure. Where nodes fetch what a snapshot is made of.

/** `GET /snapshot/head?wait=25` with If-None-Match, signed: the newest head, held until there is a newer revision. ETag is `"<revision>.<issuedAt>"`. */
export const headPath = '/snapshot/head';

/** `GET /snapshot/pieces/<sha256>`: the bytes with that hash. They never change, and only who was told the hash can ask for them. */
export const piecePath = (sha256: string) => `/snapshot/pieces/${sha256}`;

/** `GET /snapshot/roots/<version>`: a root, which is public. */
export const rootPath = (version: number) => `/snapshot/roots/${version}`;
