import type { SseFrame } from '@fairlead/shared/wire/sse.ts';
import { encodeSseFrame, writeSseFrame } from '@fairlead/shared/wire/sse.ts';
import { convertReply, convertRequest, openStreamConversion } from '../convert/convert.ts';
import { readFaultMessage, writeFault } from '../convert/faults.ts';
import type { Loss } from '../convert/hub/loss.ts';
import { parseJson } from '@fairlead/shared/wire/json.ts';
import type { Ask } from '../journey/ask.ts';
import type { Candidate } from '../journey/candidate.ts';
import type { Inbound } from '../journey/inbound.ts';
import { adjusted } from './adjust.ts';
import type { RepairName } from './repair.ts';
import type { Spoken } from './speak.ts';

/** Converts the request, and opens what converts the answer back. */
export function openCrossDialect(inbound: Inbound, ask: Ask, candidate: Candidate, repairs: readonly RepairName[]): Spoken {
  const request = convertRequest(inbound.json, ask.dialect, candidate.dialect, { model: candidate.model, maxOutputTokens: candidate.outputCap, limitOutput: candidate.bounded });
  const facts = { replyId: inbound.exchangeId, model: ask.model, createdS: Math.floor(inbound.receivedAtMs / 1000), reportUsage: ask.wantsUsageChunk };
  const { json, edits } = adjusted(request.value, { inbound, ask, candidate, repairs });
  const losses = [`converted: ${ask.dialect} to ${candidate.dialect}`, ...request.losses.map(textOf), ...edits.map((name) => `edited: ${name}`)];
  const stream = openStreamConversion(candidate.dialect, ask.dialect, facts);
  return {
    same: false,
    body: encode(json),
    json,
    losses,
    reply(body) {
      const written = convertReply(body, candidate.dialect, ask.dialect, facts);
      losses.push(...written.losses.map(textOf));
      return encode(written.value);
    },
    stream: { how: 'frames', push: (frame) => bytesOf(stream.push(frame)), end: () => bytesOf(stream.end()) },
    // The vendor's sentence is kept word for word: clients repair their requests by it.
    fault(status, bytes, exchangeId) {
      const message = readFaultMessage(parseJson(new TextDecoder().decode(bytes))) ?? `The upstream answered ${status}.`;
      const written = writeFault(ask.dialect, { status, message, code: 'upstream.refused', mayRetry: status === 429 || status >= 500 }, exchangeId);
      return { headers: written.headers, body: encode(written.body) };
    },
  };
}

function textOf(loss: Loss): string {
  return loss.count === 1 ? `lost: ${loss.feature}` : `lost: ${loss.feature} (${loss.count} times)`;
}

function encode(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}

function bytesOf(frames: readonly SseFrame[]): Uint8Array {
  const [only] = frames;
  return frames.length === 1 && only ? encodeSseFrame(only) : new TextEncoder().encode(frames.map(writeSseFrame).join(''));
}
