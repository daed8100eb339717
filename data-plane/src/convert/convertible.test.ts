import { expect, test } from 'vitest';
import { canConvert as planned } from '@fairlead/shared/plan/convertible.ts';
import { DIALECT_NAMES } from '@fairlead/shared/wire/dialect-name.ts';
import { canConvert } from './convert.ts';

test('planning offers exactly the conversions that there are', () => {
  for (const client of DIALECT_NAMES) for (const upstream of DIALECT_NAMES) expect(planned(client, upstream), `${client} to ${upstream}`).toBe(canConvert(client, upstream));
});
