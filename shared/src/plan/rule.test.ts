import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AskFacts } from './ask-facts.ts';
import { compileRule, namesOf, ruleLengthMost, ruleScope } from './rule.ts';
import type { CompiledRule } from './rule.ts';
import { facts } from './test-plan.ts';

const monday = Date.UTC(2026, 10, 23, 22, 30); // 22:30 in UTC, 23:30 in Berlin, Tuesday 07:30 in Tokyo
function rule(text: string): CompiledRule {
  const made = compileRule(text);
  if ('problem' in made) throw new Error(made.problem);
  return made;
}
const says = (text: string, ask: Partial<AskFacts> = {}, tags: string[] = ['team-a', 'night']) => rule(text).says(ruleScope(facts({ client: 'claude-code', headers: { 'x-team': 'red' }, body: { 'temperature': 0.5, 'n': 2, 'metadata.tier': 'gold' }, ...ask }), { tenant: 'ten_1', key: { id: 'key_1', name: 'ci', tags } }, monday));

test.each([
  ['model == "claude-haiku-5-5" && client == "claude-code"', true], ['fits(model, "claude-*") && !fits(model, "*-opus-*")', true], ['model.startsWith("gpt") || stream', true],
  ['inputTokens > 999 && inputTokens <= 1000 && maxOutputTokens == 0 && tools == 0', true], ['images || thinking || webSearch || longContext || subagent || background', false], ['scenario == "default" && dialect == "anthropic-messages"', true],
  ['"night" in tags && tags.exists(t, t.startsWith("team-")) && key.tags.size() == 2', true], ['key.name == "ci" && key.id == "key_1" && tenant == "ten_1" && session == ""', true],
  ['header["x-team"] == "red" && header["x-team"] in ["red", "blue"]', true], ['"x-other" in header', false], ['"x-team" in header', true],
  ['body.temperature < 1 && body.n == 2 && body.metadata.tier == "gold"', true], ['has(body.metadata.tier) && !has(body.seed)', true], ['body["metadata"]["tier"] != "gold"', false],
  ['hour == 22 && minute == 30 && weekday == 1', true], ['hourIn("Europe/Berlin") == 23 && weekdayIn("Europe/Berlin") == 1', true], ['hourIn("Asia/Tokyo") == 7 && weekdayIn("Asia/Tokyo") == 2 && minuteIn("UTC") == 30', true],
  ['inputTokens > 100 ? stream : false', true], ['model.lowerAscii().contains("HAIKU".lowerAscii())', true],
])('%s is %s', (text, expected) => { expect(says(text)).toBe(expected); });

test('what cannot be told does not fit, and says why', () => {
  expect(says('header["x-gone"] == "a"')).toEqual({ problem: 'the request has no header x-gone' });
  expect(says('stream && body.seed == 1')).toEqual({ problem: 'the body has no seed' });
  expect(says('header["x-gone"] == "a" || false')).toEqual({ problem: expect.stringContaining('x-gone') as unknown });
  expect(says('body.n.deeper == 1', { body: { n: 2 } })).toEqual({ problem: 'the body has no n.deeper' });
  expect(says('body.n == "two" || body.n < "x"')).toMatchObject({ problem: expect.any(String) as unknown });
  expect(says('10 / tools == 1')).toMatchObject({ problem: expect.stringContaining('zero') as unknown });
});

test.each([
  ['', /empty/], ['model ==', /./], ['x'.repeat(ruleLengthMost + 1), /at most 1000/], ['nobody == 1', /nobody/], ['model', /gives string/], ['inputTokens > "many"', /./],
  ['model.matches("(a+)+$")', /regular expression.*fits/], ['hourIn("Berlin") == 1', /no time zone/], ['hourIn(model) == 1', /takes the name of a time zone/], ['tags.map(t, t) == tags', /not part/], ['[1,2].all(x, x > 0)', /tags only/],
  ['tags.all(a, tags.all(b, a == b))', /not inside another/], ['model.split("").size() > 3', /not part/], ['timestamp("2026-01-01T00:00:00Z") == timestamp("2026-01-01T00:00:00Z")', /not part/], ['cel.bind(a, 1, a > 0)', /./], ['{"a": 1}.a == 1', /./],
  ['size(header) > 1', /by name/], ['size(body) > 1', /by name/], ['header[model] == "a"', /by name/], ['header["X-Team"] == "a"', /small letters: header\["x-team"\]/],
  ['header.authorization != ""', /secret/], ['"x-api-key" in header', /secret/], ['header["cookie"] == ""', /secret/],
  ...['messages', 'input', 'contents', 'system', 'prompt', 'tools', 'systemInstruction', 'instructions'].map((name): [string, RegExp] => [`body.${name} == "x"`, /leads into the prompt/]), ['has(body.system.text)', /leads into the prompt/], ['body["messages"][0] == 1', /by name|prompt/], ['"system" in body', /prompt/],
])('"%.60s" is refused, with what to do', (text, problem) => {
  const made = compileRule(text);
  expect('problem' in made ? made.problem : `compiled: ${text}`).toMatch(problem);
});

test('a rule names what it reads of headers and body, and nothing else', () => {
  expect(namesOf(rule('header["x-a"] == "1" || "x-b" in header || body.metadata.tier == "g" || has(body.seed) || model == "header"'))).toEqual({ headers: ['x-a', 'x-b'], body: ['metadata.tier', 'seed'] });
});

describe('property: whatever the text', () => {
  const part = fc.constantFrom('model', 'tags', 'header', 'body', 'key', '.', '["a"]', '(', ')', '==', '&&', '||', '!', '"x"', '1', '1.5', 'true', ' in ', 'exists', 't', ',', '?', ':', '[', ']', '{', '}', 'matches', 'hourIn', '__proto__', 'constructor', '\n', '\u0000', 'null', '-', '+', '%', '/');
  test('compiling and asking never throw, and end', () => {
    fc.assert(fc.property(fc.array(part, { maxLength: 40 }), (parts) => {
      const made = compileRule(parts.join(''));
      if ('problem' in made) { expect(made.problem).not.toBe(''); return; }
      const verdict = made.says(ruleScope(facts(), { tenant: 't', key: { id: 'k' } }, monday));
      expect(['boolean', 'object']).toContain(typeof verdict);
    }), { numRuns: 2_000 });
  });
});

test('names of the language itself are no way out of the values given', () => {
  for (const text of ['has(body.constructor)', '"constructor" in header', '"__proto__" in body']) expect('problem' in compileRule(text) || says(text) === false, text).toBe(true);
});
