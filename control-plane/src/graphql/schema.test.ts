import { readFileSync } from 'node:fs';
import path from 'node:path';
import { isEnumType, isInputObjectType, isInterfaceType, isIntrospectionType, isObjectType, isSpecifiedScalarType, parse, validate } from 'graphql';
import * as operations from '@fairlead/shared/node-api/operations.ts';
import { expect, test } from 'vitest';
import { schema, schemaText } from './schema.ts';

test('schema.graphql is what the code prints (npm run schema writes it)', () => {
  expect(readFileSync(path.resolve(import.meta.dirname, '../../schema.graphql'), 'utf8')).toBe(schemaText());
});

test('every type, field, argument and input field is described', () => {
  const silent: string[] = [];
  const check = (name: string, description: string | null | undefined) => { if (!description?.trim()) silent.push(name); };
  for (const type of Object.values(schema.getTypeMap())) {
    if (isIntrospectionType(type) || isSpecifiedScalarType(type)) continue;
    check(type.name, type.description);
    if (isObjectType(type) || isInterfaceType(type)) {
      for (const field of Object.values(type.getFields())) {
        check(`${type.name}.${field.name}`, field.description);
        for (const arg of field.args) check(`${type.name}.${field.name}(${arg.name})`, arg.description);
      }
    } else if (isInputObjectType(type)) {
      for (const field of Object.values(type.getFields())) check(`${type.name}.${field.name}`, field.description);
    } else if (isEnumType(type)) expect(type.getValues().length).toBeGreaterThan(0);
  }
  expect(silent).toEqual([]);
});

test('every mutation takes one input and answers with userErrors', () => {
  for (const field of Object.values(schema.getMutationType()?.getFields() ?? {})) {
    expect(field.args.map((arg) => arg.name), field.name).toEqual(['input']);
    expect(String(field.type), field.name).toBe(`${(field.name[0] ?? '').toUpperCase()}${field.name.slice(1)}Payload!`);
    const payload = schema.getType(String(field.type).slice(0, -1));
    expect(isObjectType(payload) && String(payload.getFields().userErrors?.type), field.name).toBe('[UserError!]!');
  }
});

const texts = Object.entries(operations).flatMap(([name, text]): [string, string][] => (text.startsWith('mutation') ? [[name, text]] : []));

test('there are operations of nodes to check', () => {
  expect(texts.length).toBeGreaterThanOrEqual(6);
});

test.each(texts)('the nodes\' operation %s is valid against the public schema', (_, text) => {
  expect(validate(schema, parse(text)).map((error) => error.message)).toEqual([]);
});
