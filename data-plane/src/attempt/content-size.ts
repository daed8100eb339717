// Pure.
import type { DialectName } from '@fairlead/shared/snapshot/snapshot.ts';
import { isLoose, looseOf, objectOf } from '@fairlead/shared/wire/json.ts';
import { jsonOf, type SseFrame } from '@fairlead/shared/wire/sse.ts';

// Where the words of a streamed answer stand. The frame around them is many times their size, and a vendor charges for none of it.
const words: Record<DialectName, RegExp> = {
  'anthropic-messages': /"(?:text|thinking|partial_json)"\s*:\s*"/g,
  'openai-chat': /"(?:content|reasoning_content|reasoning|refusal|arguments)"\s*:\s*"/g,
  'openai-responses': /"delta"\s*:\s*"/g,
  'gemini-generate': /"text"\s*:\s*"/g,
};

/** How much of a frame is content, in bytes: what an estimate is made of when a stream ends before its usage came. */
export function contentSize(dialect: DialectName, frame: SseFrame): number {
  const { data } = frame;
  const opening = words[dialect];
  opening.lastIndex = 0;
  let bytes = 0;
  while (opening.test(data)) {
    const from = opening.lastIndex;
    // Strings of many megabytes come too: a pattern for them would need a stack as deep as they are long.
    const to = closingQuote(data, from);
    // Its last quote may begin the next word.
    if (to < 0) { opening.lastIndex = from - 1; continue; }
    bytes += utf8Size(data, from, to);
    opening.lastIndex = to + 1;
  }
  return dialect === 'gemini-generate' && data.includes('"functionCall"') ? bytes + callSize(frame) : bytes;
}

/** The arguments of calls come whole there, as JSON and not as a text. */
function callSize(frame: SseFrame): number {
  const chunk = objectOf(jsonOf(frame));
  return looseOf(chunk?.candidates).flatMap((candidate) => looseOf(objectOf(candidate.content)?.parts)).reduce((bytes, part) => bytes + (isLoose(part.functionCall) ? JSON.stringify(part.functionCall.args ?? {}).length : 0), 0);
}

/** Where the string that begins here ends; -1 when it does not. */
function closingQuote(text: string, from: number): number {
  for (let at = from; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit === 34) return at;
    if (unit !== 92) continue;
    at += 1;
    const escaped = text.charCodeAt(at);
    // No string of JSON goes on in the next line.
    if (escaped === 10 || escaped === 13 || escaped === 0x2028 || escaped === 0x2029) return -1;
  }
  return -1;
}

function utf8Size(text: string, from: number, to: number): number {
  let bytes = to - from;
  for (let at = from; at < to; at++) {
    const unit = text.charCodeAt(at);
    // A surrogate is half of four bytes.
    if (unit > 0x7f) bytes += unit > 0x7ff && (unit < 0xd800 || unit > 0xdfff) ? 2 : 1;
  }
  return bytes;
}
