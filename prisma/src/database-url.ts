// Pure. Reads a database URL into what its driver needs.
import path from 'node:path';

/** One of the three databases. */
export type Provider = 'sqlite' | 'postgresql' | 'mysql';

/** A database URL that was understood; `file` is absolute, `url` carries the scheme that the driver wants. */
export type DatabaseUrl =
  | { readonly provider: 'sqlite'; readonly file: string }
  | { readonly provider: 'postgresql'; readonly url: string; readonly schema: string | undefined }
  | { readonly provider: 'mysql'; readonly url: string };

const FORMS = 'Give one of: file:./fairlead.db  ·  postgresql://user:password@host:5432/database  ·  mysql://user:password@host:3306/database';

/** Reads a database URL; throws an error that names the three forms and never shows the URL, which holds a password. */
export function readDatabaseUrl(text: string): DatabaseUrl {
  if (text.startsWith('file:')) return { provider: 'sqlite', file: readFile(text.slice('file:'.length)) };
  const url = URL.canParse(text) ? new URL(text) : undefined;
  switch (url?.protocol) {
    case 'postgresql:':
    case 'postgres:': {
      requireDatabase(url);
      const schema = url.searchParams.get('schema') ?? undefined;
      url.searchParams.delete('schema');
      return { provider: 'postgresql', url: url.href, schema };
    }
    case 'mysql:':
    case 'mariadb:':
      requireDatabase(url);
      return { provider: 'mysql', url: url.href.replace(/^mysql:/, 'mariadb:') };
    case undefined:
      throw new Error(`The database URL is not a URL. ${FORMS}`);
    default:
      throw new Error(`The database URL has the unknown scheme "${url?.protocol}". ${FORMS}`);
  }
}

function readFile(text: string): string {
  const name = decodeURIComponent(text.replace(/\?.*$/, '').replace(/^\/\/(?=\/)/, ''));
  if (name === '') throw new Error(`The database URL names no file. ${FORMS}`);
  if (name.includes(':memory:')) {
    throw new Error(`A database in memory is not supported: each connection would see its own. ${FORMS}`);
  }
  return path.resolve(name);
}

function requireDatabase(url: URL): void {
  if (url.pathname.length < 2) throw new Error(`The database URL names no database. ${FORMS}`);
}
