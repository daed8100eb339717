// The door for those who run an exercise: scripts in, calls and the bill out. Meant for loopback, so it asks for no credential.
import type { Bill } from './bill.ts';
import type { CallBook } from './calls.ts';
import { PRICES } from './prices.ts';
import { scriptSchema, type ScriptQueue } from './script.ts';

/** What the control door shows and changes. */
export type Controlled = { readonly bill: Bill; readonly calls: CallBook; readonly scripts: ScriptQueue };

/** The answer of the control door to a request; `body` is what was sent, parsed. */
export function control(method: string, path: string, body: unknown, parts: Controlled): { readonly status: number; readonly body: unknown } {
  const asked = `${method} ${path}`;
  switch (asked) {
    case 'GET /_practice/calls':
      return { status: 200, body: { calls: parts.calls.list() } };
    case 'DELETE /_practice/calls':
      parts.calls.clear();
      return { status: 200, body: { calls: [] } };
    case 'GET /_practice/bill': {
      const lines = parts.bill.lines();
      return { status: 200, body: { bill: lines, totalNano: String(lines.reduce((sum, line) => sum + BigInt(line.costNano), 0n)) } };
    }
    case 'GET /_practice/prices':
      return { status: 200, body: { prices: PRICES } };
    case 'GET /_practice/script':
      return { status: 200, body: { waiting: parts.scripts.waiting() } };
    case 'DELETE /_practice/script':
      parts.scripts.clear();
      return { status: 200, body: { waiting: 0 } };
    case 'POST /_practice/script': {
      const read = scriptSchema.safeParse(body);
      if (!read.success) return { status: 400, body: { error: read.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`) } };
      parts.scripts.add(read.data);
      return { status: 200, body: { waiting: parts.scripts.waiting() } };
    }
    default:
      return { status: 404, body: { error: [`there is no ${asked}`] } };
  }
}
