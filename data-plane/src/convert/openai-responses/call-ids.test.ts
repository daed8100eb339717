import { expect, it } from 'vitest';
import { createCallIds } from './call-ids.ts';

it('ids are cut to what the vendor takes without two becoming one', () => {
  const idOf = createCallIds();
  const long = 'x'.repeat(70);
  expect([idOf('call_1'), idOf(`${long}a`), idOf(`${long}b`), idOf(`${long}a`), idOf('')]).toEqual(['call_1', 'x'.repeat(64), `${'x'.repeat(62)}_2`, 'x'.repeat(64), 'call']);
});
