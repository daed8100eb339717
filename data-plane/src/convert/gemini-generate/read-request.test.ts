import { describe, expect, it } from 'vitest';
import { createPairCheck } from '../hub/tool-pairs.ts';
import { createCallIds } from './call-ids.ts';
import { readRequest } from './read-request.ts';
import { jsonSchemaOf } from './read-schema.ts';

const hello = { role: 'user', parts: [{ text: 'x' }] };
const read = (change: object) => readRequest({ contents: [hello], ...change }, { model: 'm', stream: true });
const thinking = (thinkingConfig: object) => { const { effort, showThinking } = read({ generationConfig: { thinkingConfig } }); return [effort, showThinking]; };

it('the model and whether it streams are taken from the path', () => {
  expect([read({ model: 'other' }).model, read({}).stream]).toEqual(['m', true]);
});

describe('how much thought is asked for', () => {
  it.each([
    [{ thinkingBudget: 0 }, { kind: 'off' }, false],
    [{ thinkingBudget: -1 }, { kind: 'level', level: 'medium' }, false],
    [{ thinkingBudget: 900, includeThoughts: true }, { kind: 'budget', tokens: 900 }, true],
    [{ thinkingLevel: 'THINKING_LEVEL_UNSPECIFIED' }, undefined, false],
    [{ thinkingLevel: 'HIGH', thinkingBudget: 0 }, { kind: 'level', level: 'high' }, false],
    [{ thinking_level: 'low', include_thoughts: false }, { kind: 'level', level: 'low' }, false],
    [{ includeThoughts: true }, { kind: 'level', level: 'medium' }, true],
    [{}, undefined, false],
  ])('%j', (config, effort, shown) => {
    expect(thinking(config)).toEqual([effort, shown]);
  });

  it('is not said at all without its settings', () => {
    expect([read({}).effort, read({}).showThinking]).toEqual([undefined, undefined]);
  });
});

describe('which call a result answers', () => {
  const ids = () => createCallIds(createPairCheck(), new Set(['call_2']));

  it('is told by its id, else by its name and order', () => {
    const found = ids();
    expect([found.call(undefined, 'a', ''), found.call('own', 'a', ''), found.call(undefined, 'b', '')]).toEqual(['call_1', 'own', 'call_3']);
    expect([found.result('own', 'a', ''), found.result(undefined, 'b', ''), found.result(undefined, 'a', '')]).toEqual(['own', 'call_3', 'call_1']);
  });

  it('is the last one of its name where none waits, as of a result that comes again', () => {
    const found = ids();
    found.call(undefined, 'a', '');
    expect([found.result(undefined, 'a', ''), found.result(undefined, 'a', '')]).toEqual(['call_1', 'call_1']);
  });

  it('and no id is given twice', () => {
    const found = ids();
    found.call('x', 'a', '');
    expect(found.call(undefined, 'a', '')).toBe('call_2_');
  });
});

describe('the vendor\'s own form of a schema', () => {
  it.each([
    [{ type: 'STRING' }, { type: 'string' }],
    [{ type: 'TYPE_UNSPECIFIED', description: 'any' }, { description: 'any' }],
    [{ type: 'INTEGER', nullable: true, minimum: 1 }, { type: ['integer', 'null'], minimum: 1 }],
    [{ type: 'NULL', nullable: true }, { type: 'null' }],
    [{ type: 'ARRAY', items: { type: 'OBJECT', properties: { type: { type: 'STRING' } } }, max_items: '2' }, { type: 'array', items: { type: 'object', properties: { type: { type: 'string' } } }, maxItems: 2 }],
    [{ any_of: [{ type: 'STRING' }], nullable: true }, { anyOf: [{ type: 'string' }, { type: 'null' }] }],
    [{ type: 'STRING', format: 'enum', enum: ['A', 'STRING'] }, { type: 'string', enum: ['A', 'STRING'] }],
    [{ type: 'OBJECT', additionalProperties: { type: 'NUMBER' } }, { type: 'object', additionalProperties: { type: 'number' } }],
    [{ type: ['string', 'null'], default: { type: 'STRING' } }, { type: ['string', 'null'], default: { type: 'STRING' } }],
  ])('%j becomes JSON schema', (own, schema) => {
    expect(jsonSchemaOf(own)).toEqual(schema);
  });
});

it('instructions come in every form that the vendor takes', () => {
  for (const systemInstruction of ['Be brief.', { parts: [{ text: 'Be brief.' }] }, { text: 'Be brief.' }, [{ text: 'Be brief.' }], ['Be brief.']]) {
    expect(read({ systemInstruction }).instructions).toEqual([{ kind: 'text', text: 'Be brief.' }]);
  }
});
