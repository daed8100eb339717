import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DIALECT_NAMES } from '@fairlead/shared/wire/dialect-name.ts';
import { isLoose, type Loose } from '@fairlead/shared/wire/json.ts';
import { dialectOf } from './dialect.ts';
import { emptyConversation, type Conversation, type Turn } from './hub/conversation.ts';
import { convertRequest, testTarget } from './testing/conversions.ts';
import { turns } from './testing/replies.ts';

const addressed = { model: 'upstream-model', stream: true };
const target = { ...testTarget, maxOutputTokens: 100 };
const names = DIALECT_NAMES.map(dialectOf);
const pairs = names.flatMap((there) => names.filter((back) => there !== back).map((back) => [there.name, back.name] as const));
const runs = { numRuns: process.env.FAIRLEAD_TEST_DEEP === '1' ? 5_000 : 100, seed: Number(process.env.FAIRLEAD_TEST_SEED ?? Date.now() % 1_000_000) };

function conversation(said: Turn[]): Conversation {
  return { ...emptyConversation, model: 'm', stream: true, instructions: [{ kind: 'text', text: 'be brief' }], turns: said, tools: [{ name: 'T', description: undefined, schema: { type: 'object' } }], maxOutputTokens: 50, extras: { dialect: 'gemini-generate', fields: {} } };
}

/** All that was said, in order of kind: how turns are cut is each dialect's own. */
function contentOf(read: Conversation): unknown {
  const parts = read.turns.flatMap((turn) => turn.parts);
  const texts = read.turns.flatMap((turn) => turn.parts.flatMap((part) => (part.kind === 'text' ? [`${turn.role === 'assistant' ? 'model' : 'user'}: ${part.text.replace(/^<system-reminder>\n|\n<\/system-reminder>$/g, '')}`] : [])));
  return { texts: texts.sort(), calls: parts.filter((part) => part.kind === 'tool-call'), results: parts.filter((part) => part.kind === 'tool-result'), images: parts.filter((part) => part.kind === 'image').length, instructions: read.instructions, tools: read.tools.map((tool) => tool.name) };
}

describe.each(names.map((dialect) => [dialect.name, dialect] as const))('a request written for %s', (_, dialect) => {
  it('says all that the client said, and answers every call right after it', () => {
    fc.assert(fc.property(turns, (said) => {
      const asked = conversation(said);
      const { value } = dialect.writeRequest(asked, target);
      const back = dialect.readRequest(value, addressed);
      expect(contentOf(back)).toEqual(contentOf(asked));
      expect([back.model, back.stream, back.maxOutputTokens]).toEqual(['upstream-model', true, 50]);
      const open = new Set<string>();
      for (const turn of back.turns) {
        for (const part of turn.parts) if (part.kind === 'tool-result') expect(open.delete(part.callId)).toBe(true);
        if (turn.parts.some((part) => part.kind !== 'tool-result')) expect(open.size).toBe(0);
        for (const part of turn.parts) if (part.kind === 'tool-call') open.add(part.id);
      }
    }), runs);
  });
});

describe.each(pairs)('a request of %s that went to %s and came back', (there, back) => {
  it('says the same, but for what the losses name', () => {
    fc.assert(fc.property(turns, (said) => {
      const original = dialectOf(there).writeRequest(conversation(said), target).value;
      const away = convertRequest(original, there, back, target);
      const home = convertRequest(away.value, back, there, target);
      const before = dialectOf(there).readRequest(original, addressed);
      const after = dialectOf(there).readRequest(home.value, addressed);
      expect(contentOf(after)).toEqual(contentOf(before));
      // Nothing of this is more than the place of a reminder, or that a call was not thought about.
      const lost = new Set([...away.losses, ...home.losses].map(({ feature }) => feature));
      expect([...lost].filter((feature) => feature !== 'system turn: as user text' && feature !== 'thinking: none for a call')).toEqual([]);
    }), runs);
  });
});

it.each(pairs)('what a body of %s holds that %s does not know is told as a loss', (client, upstream) => {
  const body: Loose = client === 'gemini-generate' ? { contents: [{ parts: [{ text: 'x' }] }] } : client === 'openai-responses' ? { model: 'm', input: 'x' } : { model: 'm', max_tokens: 9, messages: [{ role: 'user', content: 'x' }] };
  const { value, losses } = convertRequest({ ...body, tomorrows_field: 1 }, client, upstream);
  expect(losses).toContainEqual({ feature: 'field: tomorrows_field', count: 1 });
  expect(isLoose(value) && 'tomorrows_field' in value).toBe(false);
});
