// Pure. One exchange between a client and an upstream of different dialects.
import type { DialectName } from '@fairlead/shared/wire/dialect-name.ts';
import type { Loose } from '@fairlead/shared/wire/json.ts';
import type { SseFrame } from '@fairlead/shared/wire/sse.ts';
import { dialectOf, type Addressed } from './dialect.ts';
import { BadRequest } from './hub/bad-request.ts';
import type { ReplyEvent, ReplyFacts } from './hub/events.ts';
import { wrapFreeTools } from './hub/free-tools.ts';
import { createLossList, joinLosses, type Loss, type Written } from './hub/loss.ts';
import type { Target } from './hub/target.ts';
import { nameTools } from './hub/tool-names.ts';

/** A stream on its way back to the client. */
export type StreamConversion = {
  /** The client's frames for an upstream's frame. */
  push(frame: SseFrame): SseFrame[];
  /** The client's frames for the end of the upstream's bytes; an answer that is not whole ends with an error. */
  end(): SseFrame[];
  /** What could not be carried so far. */
  losses(): readonly Loss[];
};

/** A request as its upstream wants it, and the way back for the answer. */
export type Conversion = {
  readonly request: Written<Loose>;
  reply(body: Loose): Written<Loose>;
  /** Why the upstream's whole answer is none; undefined when it is one. */
  broken(body: Loose): string | undefined;
  openStream(): StreamConversion;
};

/** What is converted: whose body, for whom, and what the body does not say. */
export type ConversionOf = { readonly body: Loose; readonly client: DialectName; readonly upstream: DialectName; readonly addressed: Addressed; readonly target: Target; readonly facts: Omit<ReplyFacts, 'asked'> };

/** Converts a request and opens the way back. Throws a BadRequest where the client's body cannot be read. */
export function openConversion({ body, client, upstream, addressed, target, facts }: ConversionOf): Conversion {
  const from = dialectOf(client);
  const to = dialectOf(upstream);
  const losses = createLossList();
  const asked = nested(() => from.readRequest(body, addressed));
  const unfree = to.freeTools ? undefined : wrapFreeTools(asked, losses);
  const named = nameTools(unfree?.conversation ?? asked, to.toolNames, losses);
  const written = nested(() => to.writeRequest(named.conversation, target));
  const source = { issuer: target.issuer };
  const replyFacts: ReplyFacts = { ...facts, asked };
  return {
    request: { value: written.value, losses: joinLosses(losses.list(), written.losses) },
    reply(answer) {
      const reply = named.reply(to.readReply(answer, source));
      const written = from.writeReply(unfree?.reply(reply) ?? reply, replyFacts);
      return reply.losses ? { value: written.value, losses: joinLosses(reply.losses, written.losses) } : written;
    },
    broken: (answer) => to.brokenReply?.(answer),
    openStream() {
      const reader = to.openReader(source);
      const writer = from.openWriter(replyFacts);
      const unwrap = unfree?.openEvents() ?? ((event: ReplyEvent) => [event]);
      const write = (events: readonly ReplyEvent[]): SseFrame[] => {
        const frames: SseFrame[] = [];
        for (const event of events) for (const one of unwrap(named.event(event))) for (const frame of writer.push(one)) frames.push(frame);
        return frames;
      };
      return { push: (frame) => write(reader.push(frame)), end: () => write(reader.end()), losses: () => (reader.losses ? joinLosses(reader.losses(), writer.losses()) : writer.losses()) };
    },
  };
}

/** What is nested beyond the stack is the client's doing, and no fault of ours. */
function nested<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof RangeError) throw new BadRequest('body', 'is nested too deeply');
    throw error;
  }
}
