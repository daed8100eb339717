import { Fault } from '@fairlead/shared/faults/fault.ts';
import { openConversion, type ConversionOf, type StreamConversion } from '../convert/convert.ts';
import { openCount } from '../convert/count.ts';
import { readFaultMessage, writeFault } from '../convert/faults.ts';
import { BadRequest } from '../convert/hub/bad-request.ts';
import type { Loss } from '../convert/hub/loss.ts';
import { losesContent } from '../convert/hub/losses.ts';
import { parseJson } from '@fairlead/shared/wire/json.ts';
import type { Ask } from '../journey/ask.ts';
import type { Candidate } from '../journey/candidate.ts';
import type { Inbound } from '../journey/inbound.ts';
import { adjusted } from './adjust.ts';
import { issuerOf } from './issuer.ts';
import type { RepairName } from './repair.ts';
import type { Spoken, StreamOut } from './speak.ts';

/** Converts the request, and opens what converts the answer back. Throws a Fault where the client's body cannot be read. */
export function openCrossDialect(inbound: Inbound, ask: Ask, candidate: Candidate, repairs: readonly RepairName[]): Spoken {
  const of: ConversionOf = {
    body: inbound.json, client: ask.dialect, upstream: candidate.dialect,
    addressed: { model: ask.model, stream: ask.stream },
    target: { model: candidate.model, maxOutputTokens: candidate.outputCap, limitOutput: candidate.bounded, issuer: issuerOf(candidate.upstream.baseUrl) },
    facts: { replyId: inbound.exchangeId, model: ask.model, createdS: Math.floor(inbound.receivedAtMs / 1000), reportUsage: ask.wantsUsageChunk },
  };
  if (ask.does === 'count') return openCounting(of, { inbound, ask, candidate, repairs });
  const conversion = readable(() => openConversion(of));
  const { request } = conversion;
  if (candidate.strict) refuseLosses(request.losses, candidate);
  const { json, edits } = adjusted(request.value, { inbound, ask, candidate, repairs });
  const losses = [`converted: ${ask.dialect} to ${candidate.dialect}`, ...request.losses.map(textOf), ...edits.map((name) => `edited: ${name}`)];
  return {
    same: false,
    body: encode(json),
    json,
    losses,
    broken: (body) => conversion.broken(body),
    reply(body) {
      const written = conversion.reply(body);
      losses.push(...written.losses.map(textOf));
      return encode(written.value);
    },
    get stream() { return streamOut(conversion.openStream(), losses); },
    fault: faultWriter(ask),
  };
}

/** The same for a request whose tokens are only counted. */
function openCounting(of: ConversionOf, at: { inbound: Inbound; ask: Ask; candidate: Candidate; repairs: readonly RepairName[] }): Spoken {
  const { request, reply, broken } = readable(() => openCount(of));
  const { json, edits } = adjusted(request.value, at);
  return {
    same: false, body: encode(json), json, broken,
    losses: [`converted: ${of.client} to ${of.upstream}`, ...request.losses.map(textOf), ...edits.map((name) => `edited: ${name}`)],
    reply: (body) => encode(reply(body).value),
    stream: { how: 'raw' },
    fault: faultWriter(at.ask),
  };
}

/** Puts an upstream's error into the client's dialect. The vendor's sentence is kept word for word: clients repair their requests by it. */
function faultWriter({ dialect }: Ask): Spoken['fault'] {
  return (status, bytes, exchangeId) => {
    const message = readFaultMessage(parseJson(new TextDecoder().decode(bytes))) ?? `The upstream answered ${status}.`;
    const written = writeFault(dialect, { status, message, code: 'upstream.refused', mayRetry: status === 429 || status >= 500 }, exchangeId);
    return { headers: written.headers, body: encode(written.body) };
  };
}

/** A strict route would rather have no answer than one to another question. */
function refuseLosses(losses: readonly Loss[], { upstream }: Candidate): void {
  const lost = losses.filter((loss) => losesContent(loss.feature)).map(textOf);
  if (lost.length > 0) throw new Fault('request.lossy', { hint: `${upstream.name}: ${lost.slice(0, 6).join('; ')}. The route to it is strict.` });
}

/** A body that no vendor could make sense of is its client's to mend, and the place that is wrong is told. */
function readable<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof BadRequest) throw new Fault('request.invalid', { hint: `${error.path}: ${error.problem}.` });
    throw error;
  }
}

/** The stream's way back; what it could not carry is known when it is over. */
function streamOut(stream: StreamConversion, losses: string[]): StreamOut {
  return {
    how: 'frames',
    push: (frame) => stream.push(frame),
    end() {
      const frames = stream.end();
      losses.push(...stream.losses().map(textOf));
      return frames;
    },
  };
}

function textOf(loss: Loss): string {
  return loss.count === 1 ? `lost: ${loss.feature}` : `lost: ${loss.feature} (${loss.count} times)`;
}

function encode(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}
