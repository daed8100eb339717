// Pure. Where an entry stands in a stream: the start of the node that wrote it, and its number in it.

/** `epochMs` rises with each start. */
export interface StreamId { epochMs: number; number: number }

/** As Redis writes it. */
export function idText({ epochMs, number }: StreamId): string {
  return `${epochMs}-${number}`;
}

/** The id in a text; undefined when there is none. */
export function readId(text: string): StreamId | undefined {
  const match = /^(\d{1,15})-(\d{1,15})$/.exec(text);
  return match ? { epochMs: Number(match[1]), number: Number(match[2]) } : undefined;
}

/** Whether `one` stands after `other`. */
export function isAfter(one: StreamId, other: StreamId): boolean {
  return one.epochMs > other.epochMs || (one.epochMs === other.epochMs && one.number > other.number);
}
