// Pure. What MySQL and MariaDB have to hold for a schema: the tables, each part as the text that defines it.
import { createHash } from 'node:crypto';
import { describeSchema } from './describe.ts';
import type { Field, Index, Model } from './describe.ts';

/** One table; the keys are names and the values definitions, so that two tables compare part by part. */
export interface Table {
  readonly name: string;
  readonly columns: ReadonlyMap<string, string>;
  readonly primaryKey: string;
  readonly indexes: ReadonlyMap<string, string>;
  readonly foreignKeys: ReadonlyMap<string, string>;
}

const TYPES: Readonly<Record<string, string>> = {
  BigInt: 'BIGINT', Boolean: 'BOOLEAN', Bytes: 'LONGBLOB', DateTime: 'DATETIME(3)', Float: 'DOUBLE', Int: 'INTEGER', Json: 'JSON', String: 'VARCHAR(191)',
};

/** Puts a name into backticks. */
export const quote = (name: string): string => `\`${name}\``;

/** The tables of a schema by name; an empty schema has none. */
export function tablesOf(schema: string): ReadonlyMap<string, Table> {
  if (schema === '') return new Map();
  const datamodel = describeSchema(schema);
  const models = new Map(datamodel.models.map((model) => [model.name, model]));
  return new Map(datamodel.models.map((model) => {
    const table = tableOf(model, models, datamodel.indexes.filter((index) => index.model === model.name));
    return [table.name, table];
  }));
}

function tableOf(model: Model, models: ReadonlyMap<string, Model>, indexes: readonly Index[]): Table {
  const name = model.dbName ?? model.name;
  const stored = model.fields.filter((field) => field.kind !== 'object');
  const columns = new Map(stored.map((field) => [columnOf(field), definitionOf(field, model)]));
  const primaryKey = indexes.find((index) => index.type === 'id');
  if (primaryKey === undefined) throw new Error(`The model ${model.name} has no id.`);
  const others = indexes.filter((index) => index.type !== 'id').map((index): [string, string] => {
    const unique = index.type === 'unique';
    const plain = index.fields.map((field) => columnNamed(model, field.name));
    const id = index.dbName ?? shortened([name, ...plain, unique ? 'key' : 'idx'].join('_'));
    return [id, `${unique ? 'UNIQUE ' : ''}INDEX ${quote(id)}(${columnList(model, index)})`];
  });
  const relations = model.fields.filter((field) => (field.relationFromFields?.length ?? 0) > 0);
  return {
    name,
    columns,
    primaryKey: `PRIMARY KEY (${columnList(model, primaryKey)})`,
    indexes: new Map(others),
    foreignKeys: new Map(relations.map((field) => foreignKeyOf(name, model, field, models))),
  };
}

function foreignKeyOf(table: string, model: Model, field: Field, models: ReadonlyMap<string, Model>): [string, string] {
  const target = models.get(field.type);
  if (target === undefined) throw new Error(`${model.name}.${field.name} refers to the unknown model ${field.type}.`);
  const from = (field.relationFromFields ?? []).map((name) => columnNamed(model, name));
  const to = (field.relationToFields ?? []).map((name) => columnNamed(target, name));
  const id = shortened([table, ...from, 'fkey'].join('_'));
  const actions: Readonly<Record<string, string>> = { Cascade: 'CASCADE', SetNull: 'SET NULL', Restrict: 'RESTRICT', NoAction: 'NO ACTION' };
  const onDelete = actions[field.relationOnDelete ?? (field.isRequired ? 'Restrict' : 'SetNull')] ?? 'RESTRICT';
  const references = `${quote(target.dbName ?? target.name)}(${to.map(quote).join(', ')})`;
  return [id, `CONSTRAINT ${quote(id)} FOREIGN KEY (${from.map(quote).join(', ')}) REFERENCES ${references} ON DELETE ${onDelete} ON UPDATE CASCADE`];
}

function definitionOf(field: Field, model: Model): string {
  if (field.isList || field.kind !== 'scalar') throw new Error(`${model.name}.${field.name}: lists and enums are not in the portable subset.`);
  const [native, args = []] = field.nativeType ?? [];
  const type = native === undefined ? TYPES[field.type] : `${native.toUpperCase()}${args.length > 0 ? `(${args.join(', ')})` : ''}`;
  if (type === undefined) throw new Error(`${model.name}.${field.name}: the type ${field.type} is not in the portable subset.`);
  return [type, field.isRequired ? 'NOT NULL' : 'NULL', defaultOf(field)].filter((part) => part !== '').join(' ');
}

function defaultOf({ default: value, type }: Field): string {
  if (value === undefined) return '';
  if (typeof value === 'string' && type === 'BigInt') return `DEFAULT ${value}`;
  if (typeof value === 'string') return `DEFAULT '${value.replaceAll("'", "''").replaceAll('\\', '\\\\')}'`;
  if (typeof value !== 'object') return `DEFAULT ${String(value)}`;
  switch (value.name) {
    case 'now':
      return 'DEFAULT (UTC_TIMESTAMP(3))';
    case 'autoincrement':
      return 'AUTO_INCREMENT';
    case 'dbgenerated':
      return `DEFAULT (${String(value.args[0])})`;
    default:
      return ''; // the client makes it
  }
}

const columnOf = (field: Field): string => field.dbName ?? field.name;

function columnNamed(model: Model, name: string): string {
  const field = model.fields.find((candidate) => candidate.name === name);
  if (field === undefined) throw new Error(`The model ${model.name} has no field ${name}.`);
  return columnOf(field);
}

const columnList = (model: Model, index: Index): string =>
  index.fields.map((field) => `${quote(columnNamed(model, field.name))}${field.sortOrder === 'desc' ? ' DESC' : ''}`).join(', ');

/** MySQL takes names of up to 64 characters; a longer one keeps its ends apart by a digest. */
function shortened(name: string): string {
  return name.length <= 64 ? name : `${name.slice(0, 55)}_${createHash('sha256').update(name).digest('hex').slice(0, 8)}`;
}
