// Pure. What a schema says, as the generators see it.
import { get_dmmf as describe } from '@prisma/prisma-schema-wasm';

/** A field of a model; `kind` is "scalar" for a column and "object" for a relation. */
export interface Field {
  readonly name: string;
  readonly dbName?: string | null;
  readonly kind: string;
  readonly type: string;
  readonly isList: boolean;
  readonly isRequired: boolean;
  readonly isUpdatedAt?: boolean;
  readonly nativeType?: readonly [string, readonly string[]] | null;
  readonly default?: string | number | boolean | { readonly name: string; readonly args: readonly unknown[] };
  readonly relationFromFields?: readonly string[];
  readonly relationToFields?: readonly string[];
  readonly relationOnDelete?: string;
}

/** A model, which is a table. */
export interface Model {
  readonly name: string;
  readonly dbName: string | null;
  readonly fields: readonly Field[];
}

/** A primary key ("id"), a unique index ("unique") or a plain one ("normal"). */
export interface Index {
  readonly model: string;
  readonly type: string;
  readonly dbName?: string;
  readonly fields: readonly { readonly name: string; readonly sortOrder?: string }[];
}

/** All models and indexes of a schema. */
export interface Datamodel {
  readonly models: readonly Model[];
  readonly indexes: readonly Index[];
}

/** Reads a schema; a mistake in it is an error with its line. */
export function describeSchema(schema: string): Datamodel {
  const { datamodel }: { datamodel: Datamodel } = JSON.parse(describe(JSON.stringify({ prismaSchema: schema })));
  return datamodel;
}
