// Spreads the one model source into a schema per database: adds the header, expands the notes that are meant for
// one database only (`// @mysql(@db.Text)`) and maps every model and field to its portable SQL name.
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { sqlName } from './reserved-words.ts';

/** The databases that the models are spread to. */
export const PROVIDERS = ['sqlite', 'postgresql', 'mysql'] as const;

/** One of the three databases. */
export type Provider = (typeof PROVIDERS)[number];

/** The folder of this package. */
export const packageDir = path.resolve(import.meta.dirname, '..');

const FIELD = /^\s+(\w+)\s+(\w+)(\?|\[\])?(?=\s|$)(.*)$/;
// Narrower than the default of 191, so that keys over several ids fit MySQL's 3072 bytes.
const MYSQL_ID = '@db.VarChar(64)';

/** The models as they are committed, all files in the order of their names. */
export function readModels(): string {
  const folder = path.join(packageDir, 'models');
  const files = readdirSync(folder).filter((file) => file.endsWith('.prisma')).sort();
  return files.map((file) => readFileSync(path.join(folder, file), 'utf8').trim()).join('\n\n');
}

/** The schema of one database without generators: what migrations compare. Pure. */
export function spread(models: string, provider: Provider): string {
  const names = new Set([...models.matchAll(/^model (\w+) \{/gm)].map((match) => match[1]));
  const lines: string[] = [`datasource db {\n  provider = "${provider}"\n}\n`];
  let model: string | undefined;
  for (const line of models.split('\n')) {
    const opened = /^model (\w+) \{/.exec(line)?.[1];
    if (opened !== undefined) {
      model = opened;
      lines.push(line);
    } else if (model !== undefined && line.startsWith('}')) {
      lines.push(`\n  @@map("${sqlName(model)}")`, line);
      model = undefined;
    } else {
      lines.push(model === undefined ? line : spreadField(line, provider, names));
    }
  }
  return `${lines.join('\n')}\n`;
}

function spreadField(line: string, provider: Provider, models: ReadonlySet<string | undefined>): string {
  const [, name, type, arity = '', rest = ''] = FIELD.exec(line) ?? [];
  if (name === undefined || type === undefined || models.has(type)) return line;
  const { before, comment } = splitComment(rest);
  const added = notesFor(comment, provider);
  const isId = type === 'String' && /^id$|Id$/.test(name);
  const native = added === '' && provider === 'mysql' && isId ? MYSQL_ID : added;
  const mapped = sqlName(name) === name ? '' : `@map("${sqlName(name)}")`;
  return `  ${[name, `${type}${arity}`, before.trim(), mapped, native].filter((part) => part !== '').join(' ')}`;
}

function splitComment(rest: string): { before: string; comment: string } {
  let quoted = false;
  for (let at = 0; at < rest.length; at++) {
    if (rest[at] === '"' && rest[at - 1] !== '\\') quoted = !quoted;
    if (!quoted && rest.startsWith('//', at)) return { before: rest.slice(0, at), comment: rest.slice(at + 2) };
  }
  return { before: rest, comment: '' };
}

/** What the comment's notes add for this database: the text within `@provider( … )`, brackets balanced. */
function notesFor(comment: string, provider: Provider): string {
  const start = comment.indexOf(`@${provider}(`);
  if (start < 0) return '';
  let depth = 0;
  for (let at = start; at < comment.length; at++) {
    if (comment[at] === '(') depth++;
    if (comment[at] === ')' && --depth === 0) return comment.slice(start + provider.length + 2, at);
  }
  throw new Error(`A note for ${provider} is not closed: "${comment.trim()}"`);
}

/** Writes `.build/<provider>/schema.prisma` with its generators and returns the file's path. */
export function writeSchema(provider: Provider): string {
  const client = `generator client {
  provider               = "prisma-client"
  output                 = "../../generated/${provider}"
  runtime                = "nodejs"
  moduleFormat           = "esm"
  generatedFileExtension = "ts"
  importFileExtension    = "ts"
}
`;
  // One set of GraphQL types serves all databases; SQLite's client is the narrowest and so the one that is typed.
  const pothos = `generator pothos {
  provider     = "prisma-pothos-types"
  output       = "../../generated/pothos.ts"
  clientOutput = "./sqlite/client.ts"
}
`;
  const file = path.join(packageDir, '.build', provider, 'schema.prisma');
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, [client, ...(provider === 'sqlite' ? [pothos] : []), spread(readModels(), provider)].join('\n'));
  return file;
}
