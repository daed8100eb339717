// Pure. Counting the tokens of a request for a client of another dialect: by an upstream that counts, or not at all.
import type { DialectName } from '@fairlead/shared/wire/dialect-name.ts';
import { isLoose, numberOf, type Loose } from '@fairlead/shared/wire/json.ts';
import { openConversion, type Conversion, type ConversionOf } from './convert.ts';

/** What of a request the endpoint that only counts takes; where nothing is listed the vendor has none. */
const counted: Readonly<Record<DialectName, readonly string[]>> = {
  'anthropic-messages': ['model', 'messages', 'system', 'tools', 'tool_choice', 'thinking'],
  'openai-chat': [],
  'openai-responses': ['model', 'input', 'instructions', 'tools', 'tool_choice', 'parallel_tool_calls', 'reasoning', 'text'],
  'gemini-generate': ['contents', 'systemInstruction', 'tools', 'toolConfig', 'generationConfig'],
};

/** Converts a request to count and opens the way back for the number. Throws a BadRequest where the client's body cannot be read. */
export function openCount(of: ConversionOf): Pick<Conversion, 'request' | 'reply' | 'broken'> {
  const { client, upstream, target } = of;
  const body = client === 'gemini-generate' && isLoose(of.body['generateContentRequest']) ? of.body['generateContentRequest'] : of.body;
  const { value, losses } = openConversion({ ...of, body }).request;
  const kept = Object.fromEntries(Object.entries(value).filter(([field]) => counted[upstream].includes(field)));
  // Only as a whole request does this vendor count instructions and tools too.
  const asked: Loose = upstream === 'gemini-generate' ? { generateContentRequest: { model: `models/${target.model}`, ...kept } } : kept;
  return {
    request: { value: asked, losses },
    broken: (answer) => (tokensIn(upstream, answer) === undefined ? 'an answer without a number of tokens' : undefined),
    reply: (answer) => ({ value: numberWord(client, tokensIn(upstream, answer) ?? 0), losses: [] }),
  };
}

/** The number in a vendor's answer; none of them counts a request as nothing. */
function tokensIn(dialect: DialectName, answer: Loose): number | undefined {
  const tokens = numberOf(dialect === 'gemini-generate' ? answer['totalTokens'] : answer['input_tokens']);
  return tokens !== undefined && tokens > 0 ? tokens : undefined;
}

function numberWord(dialect: DialectName, tokens: number): Loose {
  switch (dialect) {
    case 'gemini-generate': return { totalTokens: tokens };
    case 'openai-responses': return { object: 'response.input_tokens', input_tokens: tokens };
    default: return { input_tokens: tokens };
  }
}
