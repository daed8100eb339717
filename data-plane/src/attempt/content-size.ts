// Pure.
import type { DialectName } from '@fairlead/shared/snapshot/snapshot.ts';
import type { SseFrame } from '@fairlead/shared/wire/sse.ts';

// Where the words of a streamed answer stand. The frame around them is many times their size, and a vendor charges for none of it.
const words: Record<DialectName, RegExp> = {
  'anthropic-messages': /"(?:text|thinking|partial_json)"\s*:\s*"((?:[^"\\]|\\.)*)"/g,
  'openai-chat': /"(?:content|reasoning_content|reasoning|refusal|arguments)"\s*:\s*"((?:[^"\\]|\\.)*)"/g,
  'openai-responses': /"delta"\s*:\s*"((?:[^"\\]|\\.)*)"/g,
  'gemini-generate': /"text"\s*:\s*"((?:[^"\\]|\\.)*)"/g,
};

/** How much of a frame is content, in bytes: what an estimate is made of when a stream ends before its usage came. */
export function contentSize(dialect: DialectName, frame: SseFrame): number {
  let bytes = 0;
  for (const match of frame.data.matchAll(words[dialect])) bytes += utf8Size(match[1] ?? '');
  return bytes;
}

function utf8Size(text: string): number {
  let bytes = text.length;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    // A surrogate is half of four bytes.
    if (unit > 0x7f) bytes += unit > 0x7ff && (unit < 0xd800 || unit > 0xdfff) ? 2 : 1;
  }
  return bytes;
}
