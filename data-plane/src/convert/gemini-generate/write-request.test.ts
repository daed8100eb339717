import { describe, expect, it } from 'vitest';
import type { Loose } from '@fairlead/shared/wire/json.ts';
import { emptyConversation, type Conversation, type Effort, type Part, type Turn } from '../hub/conversation.ts';
import { createLossList } from '../hub/loss.ts';
import type { Target } from '../hub/target.ts';
import { writeRequest } from './write-request.ts';
import { schemaWord } from './write-schema.ts';
import { thinkingOf } from './write-thinking.ts';

const target: Target = { model: 'gemini-3-flash-preview', maxOutputTokens: 1_000, limitOutput: false, issuer: 'i' };
const hello: Turn = { role: 'user', parts: [{ kind: 'text', text: 'x' }] };
const asked = (change: Partial<Conversation>): Conversation => ({ ...emptyConversation, model: 'm', stream: true, turns: [hello], extras: { dialect: 'openai-chat', fields: {} }, ...change });
const write = (change: Partial<Conversation>, model = target.model) => {
  const { value, losses } = writeRequest(asked(change), { ...target, model });
  return { value, losses: losses.map((loss) => loss.feature) };
};
const tool = { name: 'f', description: undefined, schema: { type: 'object', properties: { a: { type: 'string' } } } };

it('neither the model nor whether it streams stands in the body', () => {
  expect(write({}).value).toEqual({ contents: [{ role: 'user', parts: [{ text: 'x' }] }] });
});

describe('how much thought is asked for', () => {
  const said = (effort: Effort | undefined, model: string, showThinking?: boolean) => {
    const losses = createLossList();
    return [thinkingOf(asked({ effort, showThinking }), model, losses).thinkingConfig, losses.list().map((loss) => loss.feature)];
  };
  const level = (name: 'minimal' | 'low' | 'medium' | 'high' | 'xhigh' | 'max'): Effort => ({ kind: 'level', level: name });

  it.each<[string, Effort | undefined, Loose | undefined, string[]]>([
    ['gemini-3-flash-preview', level('minimal'), { includeThoughts: true, thinkingLevel: 'MINIMAL' }, []],
    ['gemini-3-flash-preview', level('medium'), { includeThoughts: true, thinkingLevel: 'MEDIUM' }, []],
    ['gemini-3-flash-preview', level('max'), { includeThoughts: true, thinkingLevel: 'HIGH' }, []],
    ['gemini-3-flash-preview', { kind: 'off' }, { thinkingLevel: 'MINIMAL' }, []],
    ['gemini-3-flash-preview', { kind: 'budget', tokens: 2_000 }, { includeThoughts: true, thinkingLevel: 'LOW' }, []],
    ['gemini-3-flash-preview', { kind: 'budget', tokens: 8_000 }, { includeThoughts: true, thinkingLevel: 'MEDIUM' }, []],
    ['gemini-3-flash-preview', { kind: 'budget', tokens: 32_000 }, { includeThoughts: true, thinkingLevel: 'HIGH' }, []],
    ['gemini-3.1-pro-preview', level('minimal'), { includeThoughts: true, thinkingLevel: 'LOW' }, []],
    ['gemini-3.1-pro-preview', level('medium'), { includeThoughts: true, thinkingLevel: 'MEDIUM' }, []],
    ['gemini-3-pro-preview', level('medium'), { includeThoughts: true, thinkingLevel: 'HIGH' }, []],
    ['gemini-3-pro-preview', { kind: 'off' }, { thinkingLevel: 'LOW' }, ['effort: off']],
    ['gemini-2.5-flash', { kind: 'off' }, { thinkingBudget: 0 }, []],
    ['gemini-2.5-flash', level('low'), { includeThoughts: true, thinkingBudget: 1_024 }, []],
    ['gemini-2.5-flash', { kind: 'budget', tokens: 90_000 }, { includeThoughts: true, thinkingBudget: 24_576 }, []],
    ['gemini-2.5-flash-lite', { kind: 'budget', tokens: 100 }, { includeThoughts: true, thinkingBudget: 512 }, []],
    ['gemini-2.5-pro', { kind: 'off' }, { thinkingBudget: 128 }, ['effort: off']],
    ['gemini-2.5-pro', level('xhigh'), { includeThoughts: true, thinkingBudget: 32_768 }, []],
    ['gemini-2.0-flash', level('high'), undefined, ['effort: not at this model']],
    ['gemini-2.0-flash', { kind: 'off' }, undefined, []],
    ['a-name-of-ours', level('high'), { includeThoughts: true, thinkingLevel: 'HIGH' }, []],
    ['gemini-3-flash-preview', undefined, undefined, []],
  ])('%s: %j', (model, effort, config, losses) => {
    expect(said(effort, model)).toEqual([config, losses]);
  });

  it('thoughts are shown unless the client says otherwise, and to who only wants to see them', () => {
    expect([said(level('low'), 'gemini-3-flash', false)[0], said(undefined, 'gemini-3-flash', true)[0], said({ kind: 'off' }, 'gemini-3-flash', true)[0]]).toEqual([{ thinkingLevel: 'LOW' }, { includeThoughts: true }, { thinkingLevel: 'MINIMAL' }]);
  });
});

describe('a schema', () => {
  it.each<[string, Loose, Loose, number]>([
    ['keeps the words that the vendor takes', { type: 'object', properties: { a: { type: ['string', 'null'], minLength: 1 } }, required: ['a'], additionalProperties: false }, { type: 'object', properties: { a: { type: ['string', 'null'], minLength: 1 } }, required: ['a'], additionalProperties: false }, 0],
    ['loses what only people read', { $schema: 'x', $comment: 'y', type: 'string', examples: ['z'], deprecated: true }, { type: 'string' }, 0],
    ['says a constant as the only choice', { type: 'string', const: 'a' }, { type: 'string', enum: ['a'] }, 0],
    ['calls definitions by their new name', { $ref: '#/definitions/A', definitions: { A: { $schema: 'x', type: 'string' } } }, { $ref: '#/$defs/A', $defs: { A: { type: 'string' } } }, 0],
    ['joins what must all hold', { allOf: [{ type: 'object', properties: { a: { type: 'string' } }, required: ['a'] }, { properties: { b: { type: 'number' } }, required: ['b'] }] }, { type: 'object', properties: { a: { type: 'string' }, b: { type: 'number' } }, required: ['a', 'b'] }, 0],
    ['demands nothing that is not described', { type: 'object', properties: { a: {} }, required: ['a', 'ghost'] }, { type: 'object', properties: { a: {} }, required: ['a'] }, 0],
    ['says a list of items as the vendor does', { type: 'array', items: [{ type: 'string' }, { const: 1 }] }, { type: 'array', prefixItems: [{ type: 'string' }, { enum: [1] }] }, 0],
    ['loses what the vendor refuses, and tells it', { type: 'object', patternProperties: {}, properties: { a: { type: 'number', exclusiveMinimum: 0, not: {} } }, anyOf: [{ if: {} }] }, { type: 'object', properties: { a: { type: 'number' } }, anyOf: [{}] }, 4],
    ['keeps a property that is called as a word is', { type: 'object', properties: { $schema: { type: 'string' }, const: { type: 'string' }, not: { type: 'string' } } }, { type: 'object', properties: { $schema: { type: 'string' }, const: { type: 'string' }, not: { type: 'string' } } }, 0],
  ])('%s', (_what, schema, word, lost) => {
    const losses = createLossList();
    expect(schemaWord(schema, losses)).toEqual(word);
    expect(losses.list().reduce((sum, loss) => sum + loss.count, 0)).toBe(lost);
  });
});

describe('tools', () => {
  it.each<[Conversation['toolChoice'], Loose | undefined]>([
    [undefined, undefined],
    [{ kind: 'none' }, { mode: 'NONE' }],
    [{ kind: 'auto' }, { mode: 'AUTO' }],
    [{ kind: 'any' }, { mode: 'ANY' }],
    [{ kind: 'one', name: 'f' }, { mode: 'ANY', allowedFunctionNames: ['f'] }],
    [{ kind: 'any', only: ['f', 'g'] }, { mode: 'ANY', allowedFunctionNames: ['f', 'g'] }],
    [{ kind: 'auto', only: ['f'] }, { mode: 'VALIDATED', allowedFunctionNames: ['f'] }],
  ])('the choice %j becomes %j', (toolChoice, calling) => {
    expect(write({ tools: [tool], toolChoice }).value.toolConfig).toEqual(calling && { functionCallingConfig: calling });
    expect(write({ toolChoice }).value).not.toHaveProperty('toolConfig');
  });

  it('a function without parameters has no schema', () => {
    for (const schema of [{}, { type: 'object' }, { type: 'object', properties: {} }]) expect(write({ tools: [{ ...tool, schema }] }).value.tools).toEqual([{ functionDeclarations: [{ name: 'f' }] }]);
  });

  it('the vendor\'s own tools give way to the client\'s, and stand alone without them', () => {
    const serverTools: Conversation['serverTools'] = [{ kind: 'web-search', allowedDomains: ['a.example'], blockedDomains: [], mostUses: 8 }, { kind: 'web-fetch' }, { kind: 'code-execution' }];
    expect(write({ serverTools })).toEqual({ value: expect.objectContaining({ tools: [{ googleSearch: {} }, { urlContext: {} }, { codeExecution: {} }] }), losses: ['server tool: options'] });
    expect(write({ serverTools, tools: [tool] }).losses).toEqual(['server tool: beside functions']);
  });

  it('an answer keeps to a format beside tools only at models that can', () => {
    const format = { name: 'n', schema: { type: 'object' } };
    expect(write({ tools: [tool], format }).value.generationConfig).toEqual({ responseMimeType: 'application/json', responseJsonSchema: { type: 'object' } });
    expect(write({ tools: [tool], format }, 'gemini-2.5-flash')).toEqual({ value: expect.not.objectContaining({ generationConfig: expect.anything() }), losses: ['answer format: beside tools'] });
  });
});

it('settings go into generationConfig, and what has no place there is told', () => {
  const { value, losses } = write({
    maxOutputTokens: 9_000, stopSequences: ['a', '', 'b', 'c', 'd', 'e', 'f'], sampling: { temperature: 1.5, topP: 0.5, topK: 3, seed: 1, frequencyPenalty: 1, presencePenalty: 1, logprobs: 2 },
    parallelTools: false, tools: [{ ...tool, strict: true }], verbosity: 'low', serviceTier: 'priority', user: 'u', metadata: { a: 'b' }, cacheKey: 'k', extras: { dialect: 'openai-chat', fields: { logit_bias: {} } },
  });
  expect(value.generationConfig).toEqual({ temperature: 1.5, topP: 0.5, topK: 3, seed: 1, frequencyPenalty: 1, presencePenalty: 1, maxOutputTokens: 1_000, stopSequences: ['a', 'b', 'c', 'd', 'e'], responseLogprobs: true, logprobs: 2 });
  expect(losses).toEqual(['field: logit_bias', 'metadata', 'service tier', 'stop sequences: beyond the fifth', 'tool: strict', 'tools: one at a time', 'user', 'verbosity']);
});

it('a seed that this vendor cannot take is left out by name', () => {
  for (const seed of [2 ** 31, -(2 ** 40), 1.5]) expect(write({ sampling: { seed } })).toEqual({ value: expect.not.objectContaining({ generationConfig: expect.anything() }), losses: ['sampling: seed'] });
  expect(write({ sampling: { seed: -5 } }).value.generationConfig).toEqual({ seed: -5 });
});

describe('contents', () => {
  const call = (id: string): Part => ({ kind: 'tool-call', id, name: 'f', input: '{}' });
  const result = (callId: string, parts: Extract<Part, { kind: 'tool-result' }>['parts']): Part => ({ kind: 'tool-result', callId, parts, isError: false });
  const image = (mediaType: string): Extract<Part, { kind: 'image' }> => ({ kind: 'image', source: { kind: 'data', mediaType, data: 'AAAA' } });

  it('begin with the user and alternate', () => {
    const { value, losses } = write({ turns: [{ role: 'assistant', parts: [{ kind: 'text', text: 'a' }] }, { role: 'system', parts: [{ kind: 'text', text: 'b' }] }, hello] });
    expect(value.contents).toEqual([{ role: 'user', parts: [{ text: '(The conversation goes on.)' }] }, { role: 'model', parts: [{ text: 'a' }] }, { role: 'user', parts: [{ text: '<system-reminder>\nb\n</system-reminder>' }, { text: 'x' }] }]);
    expect(losses).toEqual(['system turn: as user text', 'turns: begin with the user']);
    expect(write({ turns: [] }).value.contents).toHaveLength(1);
  });

  it.each<[string, boolean]>([['gemini-3-flash-preview', true], ['gemini-2.5-flash', false]])('what a result shows stands within it where %s takes it, else behind it', (model, within) => {
    const { value } = write({ turns: [hello, { role: 'assistant', parts: [call('1'), call('2')] }, { role: 'user', parts: [result('1', [image('image/png')]), result('2', [{ kind: 'text', text: 'T' }, image('image/gif')])] }] }, model);
    const png = { inlineData: { mimeType: 'image/png', data: 'AAAA' } };
    const gif = { inlineData: { mimeType: 'image/gif', data: 'AAAA' } };
    expect(value.contents[2]?.parts).toEqual(
      within
        ? [{ functionResponse: { id: '1', name: 'f', response: {}, parts: [png] } }, { functionResponse: { id: '2', name: 'f', response: { output: 'T' } } }, gif]
        : [{ functionResponse: { id: '1', name: 'f', response: {} } }, png, { functionResponse: { id: '2', name: 'f', response: { output: 'T' } } }, gif],
    );
  });

  it.each<[string, Part, Loose | undefined, string[]]>([
    ['a PDF', { kind: 'file', source: { kind: 'data', mediaType: 'application/pdf', data: 'AAAA' }, name: 'a.pdf' }, { inlineData: { mimeType: 'application/pdf', data: 'AAAA' } }, []],
    ['JSON, as plain text', { kind: 'file', source: { kind: 'data', mediaType: 'application/json', data: 'AAAA' }, name: undefined }, { inlineData: { mimeType: 'text/plain', data: 'AAAA' } }, []],
    ['a sound by its common name', { kind: 'file', source: { kind: 'data', mediaType: 'audio/x-wav', data: 'AAAA' }, name: undefined }, { inlineData: { mimeType: 'audio/wav', data: 'AAAA' } }, []],
    ['a film on YouTube', { kind: 'file', source: { kind: 'url', url: 'https://www.youtube.com/watch?v=1' }, name: undefined }, { fileData: { fileUri: 'https://www.youtube.com/watch?v=1' } }, []],
    ['an image by its address', { kind: 'image', source: { kind: 'url', url: 'https://a.example/i.png' } }, { text: '(The image is at https://a.example/i.png)' }, ['image: by address']],
    ['a file by its address', { kind: 'file', source: { kind: 'url', url: 'https://a.example/d.pdf' }, name: 'd.pdf' }, { text: '(The file d.pdf is at https://a.example/d.pdf)' }, ['file: by address']],
    ['a file that the vendor cannot read', { kind: 'file', source: { kind: 'data', mediaType: 'application/zip', data: 'AAAA' }, name: undefined }, undefined, ['file: this kind']],
    ['a file of another store', { kind: 'file', source: { kind: 'id', id: 'file-1' }, name: undefined }, undefined, ['file: of another store']],
  ])('%s', (_what, part, written, losses) => {
    expect(write({ turns: [hello, { role: 'user', parts: [part] }] })).toEqual({ value: { contents: [{ role: 'user', parts: [{ text: 'x' }, ...(written ? [written] : [])] }] }, losses });
  });

  it('what a vendor\'s own tool found is told as text, and sources of texts are left out', () => {
    const { value, losses } = write({ turns: [hello, { role: 'assistant', parts: [{ kind: 'server-tool', tool: 'web-search', id: 's', input: '{}', found: [{ url: 'https://a.example/', title: 'A' }], output: undefined }, { kind: 'text', text: 'T', citations: [{ url: 'u', title: 't' }] }] }, hello] });
    expect(value.contents[1]?.parts).toEqual([{ text: 'Found on the web:\n- A (https://a.example/)' }, { text: 'T' }]);
    expect(losses).toEqual(['citation', 'server tool: what it found']);
  });
});
