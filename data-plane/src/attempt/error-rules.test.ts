import { expect, test } from 'vitest';
import { compileErrorRule, compileErrorRules } from '@fairlead/shared/faults/error-rule.ts';
import { errorRulesOf } from './error-rules.ts';

const rules = compileErrorRules([
  { id: 'b', name: 'busy', position: 2, statuses: [500], outcome: 'overloaded' },
  { id: 'a', name: 'sorry', position: 1, statuses: [500], pattern: 'maintenance', say: 'Back at noon.', status: 503 },
  { id: 'c', name: 'theirs', position: 0, tenant: 'ten_2', outcome: 'client-input' },
]);

test('the first rule that fits counts, of one\'s own tenant and the operator\'s', () => {
  const mine = errorRulesOf(rules, 'ten_1');
  expect([mine('u', 500, 'In MAINTENANCE now'), mine('u', 500, 'x'), mine('u', 429, 'x')]).toEqual([{ name: 'sorry', own: false, say: 'Back at noon.', status: 503 }, { name: 'busy', own: false, outcome: 'overloaded' }, undefined]);
  expect(errorRulesOf(rules, 'ten_2')('u', 429, 'x')).toEqual({ name: 'theirs', own: true, outcome: 'client-input' });
});

test('a pattern whose work would hold up a node is not used', () => {
  for (const pattern of ['.{0,1000}[^a]', '(?:[ab]{0,30}){0,30}[^a]']) expect(compileErrorRule({ id: 'a', name: 'x', position: 0, pattern }), pattern).toMatch(/repeats too much/);
  expect(compileErrorRule({ id: 'a', name: 'x', position: 0, pattern: 'model[^.]{0,80}(?:does not exist|is not found|is not supported for this account)' })).not.toBeTypeOf('string');
});

test('a pattern cannot take longer than its text is long, and a bad one says why', () => {
  expect(errorRulesOf(compileErrorRules([{ id: 'a', name: 'evil', position: 0, pattern: '(a+)+$' }]), 't')('u', 400, `${'a'.repeat(2_000)}b`)).toBeUndefined();
  expect(compileErrorRule({ id: 'a', name: 'x', position: 0, pattern: '(' })).toMatch(/missing/i);
});
