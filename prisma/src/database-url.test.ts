import path from 'node:path';
import { expect, test } from 'vitest';
import { readDatabaseUrl } from './database-url.ts';

test.each([
  ['file:./x/y.db', { provider: 'sqlite', file: path.resolve('x/y.db') }],
  ['file:/x/y.db', { provider: 'sqlite', file: '/x/y.db' }],
  ['file:///x/y%20z.db', { provider: 'sqlite', file: '/x/y z.db' }],
  ['postgres://u:p@h:5432/d', { provider: 'postgresql', url: 'postgres://u:p@h:5432/d', schema: undefined }],
  ['postgresql://u@h/d?schema=s&sslmode=require', { provider: 'postgresql', url: 'postgresql://u@h/d?sslmode=require', schema: 's' }],
  ['mysql://u:p@h:3306/d', { provider: 'mysql', url: 'mariadb://u:p@h:3306/d' }],
  ['mariadb://u@h/d', { provider: 'mysql', url: 'mariadb://u@h/d' }],
])('%s is understood', (url, expected) => {
  expect(readDatabaseUrl(url)).toEqual(expected);
});

test.each(['', 'x.db', 'redis://u:secret@h/0', 'postgresql://u:secret@h:5432', 'mysql://u:secret@h/', 'file:', 'file::memory:'])(
  '"%s" is an error that names the three forms and not the password', (url) => {
    const read = () => readDatabaseUrl(url);
    expect(read).toThrow(/file:.*postgresql:\/\/.*mysql:\/\//);
    expect(read).not.toThrow(/secret/);
  });
