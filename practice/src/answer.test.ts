import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { answerTo, conductFor, readWish } from './answer.ts';
import { readDirectives } from './directives.ts';
import type { OfferedTool, Prompt, Turn } from './prompt.ts';
import { sampleJson } from './sample-json.ts';
import { firstTokens, tokensOf } from './tokens.ts';
import { callFor } from './tool-call.ts';

const shell: OfferedTool = { name: 'Bash', schema: { type: 'object', properties: { command: { type: 'string' } } }, free: false };

function prompt(turns: readonly Turn[], more: Partial<Prompt> = {}): Prompt {
  return { model: 'practice-1', stream: false, turns, tools: [shell], thinking: 'off', maxTokens: undefined, stopSequences: [], format: undefined, segments: [], reportUsage: true, ...more };
}

function answered(asked: Prompt): ReturnType<typeof answerTo> {
  const wish = readWish(asked);
  return answerTo(asked, wish, conductFor(wish, undefined));
}

const user = (text: string): Turn => ({ who: 'user', text });
const calling: Turn = { who: 'model', text: '', calls: true };
const tool = (text: string): Turn => ({ who: 'tool', text });
const wished = user('[[call SHELL {"command":"ls"}]]');

describe('an answer', () => {
  it('repeats what the called tool gave, letter by letter', () => {
    const text = 'line 1\n  [[call SHELL {"command":"no"}]] é';
    expect(answered(prompt([wished, calling, tool(text)])).pieces.join('')).toBe(text);
  });

  it('joins the results of calls made together', () => {
    const both = user('[[call SHELL {"command":"a"}]] [[call Bash {"command":"b"}]]');
    expect(answered(prompt([both])).calls.map((call) => call.input)).toEqual([{ command: 'a' }, { command: 'b' }]);
    expect(answered(prompt([both, calling, tool('1'), tool('2')])).pieces.join('')).toBe('1\n2');
  });

  it('does not repeat a call of an earlier question', () => {
    const turns: Turn[] = [wished, calling, tool('x'), { who: 'model', text: 'x', calls: false }, user('and now?')];
    expect(answered(prompt(turns))).toMatchObject({ calls: [], stop: 'end' });
  });

  it('takes reminders between the question and the answer for no new question', () => {
    expect(answered(prompt([wished, { who: 'system', text: 'reminder' }, user('<reminder/>')])).calls).toHaveLength(1);
  });

  it('goes on with the question when the model\'s own words stand last', () => {
    expect(answered(prompt([wished, { who: 'model', text: 'Well,', calls: false }])).calls).toHaveLength(1);
  });

  it('fits the asked JSON schema', () => {
    const format = { type: 'OBJECT', required: ['why', 'score'], properties: { why: { type: 'STRING' }, score: { type: 'INTEGER', minimum: 3 } } };
    expect(JSON.parse(answered(prompt([user('x')], { format })).pieces.join(''))).toMatchObject({ score: 3, why: expect.any(String) });
  });

  it('ends at a stop sequence and at the token limit, and says which', () => {
    const say = user('[[say {"text":"one two three four"}]]');
    expect(answered(prompt([say], { stopSequences: ['three', 'two'] }))).toMatchObject({ pieces: ['one '], stop: 'stop-sequence', stopSequence: 'two' });
    expect(answered(prompt([say], { maxTokens: 2 }))).toMatchObject({ pieces: ['one two '], stop: 'length', outputTokens: 2 });
  });

  it('counts its thinking as output', () => {
    const plain = answered(prompt([user('x')]));
    const thought = answered(prompt([user('x')], { thinking: 'hidden' }));
    expect(thought.outputTokens - plain.outputTokens).toBe(thought.reasoningTokens);
    expect(thought.reasoningTokens).toBeGreaterThan(0);
  });

  it('never streams more or less than its text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const escaped = JSON.stringify({ text });
        expect(answered(prompt([user(`[[say ${escaped}]]`)])).pieces.join('')).toBe(text);
      }),
    );
  });
});

describe('directives', () => {
  it('are found whole whatever their strings hold', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.string()), fc.string(), (options, before) => {
        const clean = before.replaceAll('[', '(');
        expect(readDirectives(`${clean}[[call T ${JSON.stringify(options)}]]`)).toEqual([{ verb: 'call', name: 'T', options: JSON.parse(JSON.stringify(options)) }]);
      }),
    );
  });

  it('that are only half there are left alone', () => {
    expect(readDirectives('[[call SHELL {"command":"x"} and [[practice cut] and [[call')).toEqual([]);
  });
});

describe('a shell call', () => {
  it.each([
    ['a command field', { properties: { command: { type: 'string' } } }, { command: 'ls' }],
    ['a cmd field', { properties: { cmd: { type: 'string' } } }, { cmd: 'ls' }],
    ['a list', { properties: { command: { type: 'array' } } }, { command: ['bash', '-lc', 'ls'] }],
    ['more that is required', { type: 'object', required: ['command', 'description'], properties: { command: { type: 'string' }, description: { type: 'string' } } }, { command: 'ls', description: 'Simulated by the practice upstream' }],
  ])('fits a schema with %s', (_name, schema, input) => {
    expect(callFor('SHELL', { command: 'ls' }, [{ ...shell, schema }])?.input).toEqual(input);
  });

  it('of a free tool is a script with the command quoted', () => {
    expect(callFor('SHELL', { command: 'a"b' }, [{ name: 'exec', schema: undefined, free: true }])?.input).toContain('{"cmd":"a\\"b"}');
  });

  it('of a free tool that was wrapped in one field is the same script', () => {
    const schema = { type: 'object', properties: { input: { type: 'string' } }, required: ['input'] };
    expect(callFor('SHELL', { command: 'ls' }, [{ name: 'exec', schema, free: false }])?.input).toEqual({ input: callFor('SHELL', { command: 'ls' }, [{ name: 'exec', schema: undefined, free: true }])?.input });
  });

  it('is not made where nothing fits', () => {
    expect(callFor('SHELL', { command: 'ls' }, [{ ...shell, name: 'Read' }])).toBeUndefined();
  });
});

it('a sample ends even for a schema without an end', () => {
  const endless: Record<string, unknown> = { type: 'object', required: ['next'], properties: {} };
  endless['properties'] = { next: endless };
  expect(JSON.stringify(sampleJson(endless, 'x')).length).toBeLessThan(200);
});

it('the start of a text is worth no more than its limit and cuts no character', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.nat(20), (text, limit) => {
      const first = firstTokens(text, limit);
      expect(tokensOf(first)).toBeLessThanOrEqual(limit);
      expect(text.startsWith(first) && first.isWellFormed()).toBe(true);
    }),
  );
});
