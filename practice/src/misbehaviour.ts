// Pure. The ways in which this vendor can be told to fail, and what several of them come to together.
import { z } from 'zod';
import type { Directive } from './directives.ts';

const count = z.number().int().min(0).max(1_000_000);
const ms = z.number().int().min(0).max(3_600_000);

/** One way to misbehave, as written in a directive or a script. */
export const misbehaviourSchema = z.strictObject({
  do: z.union([
    z.string().regex(/^[45]\d\d$/, 'must be a status from 400 to 599 or a known name'),
    z.enum(['ok', 'cut', 'reset', 'stall', 'early-end', 'error-event', 'slow', 'trickle', 'fake-200', 'html', 'many']),
  ]),
  /** Events sent before the stream breaks (cut, stall, early-end, error-event). */
  after: count.optional(),
  /** Wait before the first byte (slow) or between events (trickle). */
  ms: ms.optional(),
  /** Number (many) and size in bytes of text events. */
  events: count.optional(),
  bytes: count.max(65_536).optional(),
  /** What a 429 or 5xx asks to wait, in seconds; `date` writes it as an HTTP date. */
  retryAfterS: z.number().int().min(0).max(86_400).optional(),
  date: z.boolean().optional(),
  /** Status of an HTML page, and the body of a false 200. */
  status: z.number().int().min(200).max(599).optional(),
  body: z.enum(['error', 'html']).optional(),
  /** The vendor's words and class of an error. */
  message: z.string().max(2_000).optional(),
  type: z.string().max(100).optional(),
});

/** One way to misbehave. */
export type Misbehaviour = z.infer<typeof misbehaviourSchema>;

/** How a broken answer ends; without `after` it is as far as this kind usually gets. */
export type BrokenEnding = {
  readonly kind: 'cut' | 'stall' | 'early-end' | 'error-event';
  readonly after: number | undefined;
  readonly message: string | undefined;
  readonly type: string | undefined;
};

/** What is to be done with one call. */
export type Conduct = {
  readonly names: readonly string[];
  readonly slowMs: number;
  readonly trickleMs: number;
  readonly many?: { readonly events: number; readonly bytes: number };
  readonly refusal?: { readonly status: number; readonly retryAfterS: number | undefined; readonly asDate: boolean; readonly message: string | undefined };
  readonly instead?: { readonly status: number; readonly body: 'error' | 'html' };
  readonly ending?: BrokenEnding;
  readonly reset: boolean;
};

/** What several misbehaviours come to; of two that exclude each other the later counts. */
export function conductOf(items: readonly Misbehaviour[]): Conduct {
  let conduct: Conduct = { names: items.map((item) => item.do).filter((name) => name !== 'ok'), slowMs: 0, trickleMs: 0, reset: false };
  for (const item of items) conduct = { ...conduct, ...changeOf(item) };
  return conduct;
}

function changeOf(item: Misbehaviour): Partial<Conduct> {
  switch (item.do) {
    case 'ok':
      return {};
    case 'slow':
      return { slowMs: item.ms ?? 1_000 };
    case 'trickle':
      return { trickleMs: item.ms ?? 100 };
    case 'many':
      return { many: { events: item.events ?? 200, bytes: item.bytes ?? 16 } };
    case 'fake-200':
      return { instead: { status: 200, body: item.body ?? 'error' } };
    case 'html':
      return { instead: { status: item.status ?? 502, body: 'html' } };
    case 'reset':
      return { reset: true };
    case 'cut':
    case 'stall':
    case 'early-end':
    case 'error-event':
      return { ending: { kind: item.do, after: item.after, message: item.message, type: item.type } };
    default: {
      const status = Number(item.do);
      const retryAfterS = item.retryAfterS ?? (status === 429 ? 1 : undefined);
      return { refusal: { status, retryAfterS, asDate: item.date ?? false, message: item.message } };
    }
  }
}

/** The misbehaviour that a directive asks for, or the reason why there is none. */
export function readMisbehaviour(directive: Directive): Misbehaviour | { readonly problem: string } {
  if (directive.problem !== undefined) return { problem: directive.problem };
  const read = misbehaviourSchema.safeParse({ ...directive.options, do: directive.name });
  if (read.success) return read.data;
  return { problem: `[[practice ${directive.name}]]: ${read.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`).join('; ')}` };
}
