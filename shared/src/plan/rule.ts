// Pure: the time is an argument. The rule language of routes: CEL with these variables and functions, nothing else.
import { Environment } from '@marcbachmann/cel-js';
import type { AskFacts } from './ask-facts.ts';
import { modelFits } from './match.ts';
import { RuleRefused, shapeOf } from './rule-shape.ts';
import type { RuleNames } from './rule-shape.ts';
import { scenarioOf } from './scenario.ts';

/** The longest rule. */
export const ruleLengthMost = 1_000;

/** Why a text is no rule, in words for whoever wrote it. */
export interface RuleProblem { problem: string }

/** Whom a rule sees as the caller. */
export interface RuleCaller { tenant: string; key: { id: string; name?: string; tags?: readonly string[] } }

/** What a rule says of a request: true, false, or why it could not be said (which counts as false). */
export type RuleVerdict = boolean | { problem: string };

/** A rule that has been checked and can be asked any number of times. */
export interface CompiledRule {
  readonly text: string;
  readonly names: RuleNames;
  /** Never throws. */
  says(scope: RuleScope): RuleVerdict;
}

/** The values of one request that rules see; made once for all rules. */
export interface RuleScope { values: Record<string, unknown>; headers: ReadonlyMap<string, string>; body: ReadonlyMap<string, unknown>; kept: Readonly<Record<string, unknown>>; nowMs: number }

// Functions see no variables, so the hour of a zone is taken from here; evaluation is one synchronous step.
let currentMs = 0;

const environment = new Environment({ limits: { maxAstNodes: 300, maxDepth: 24, maxListElements: 100, maxMapEntries: 0, maxCallArguments: 4 } })
  .registerVariable('model', 'string').registerVariable('dialect', 'string').registerVariable('client', 'string').registerVariable('scenario', 'string').registerVariable('session', 'string').registerVariable('tenant', 'string')
  .registerVariable('stream', 'bool').registerVariable('images', 'bool').registerVariable('thinking', 'bool').registerVariable('webSearch', 'bool').registerVariable('longContext', 'bool').registerVariable('subagent', 'bool').registerVariable('background', 'bool')
  .registerVariable('tools', 'int').registerVariable('inputTokens', 'int').registerVariable('maxOutputTokens', 'int').registerVariable('hour', 'int').registerVariable('minute', 'int').registerVariable('weekday', 'int')
  .registerVariable('tags', 'list<string>').registerVariable('header', 'map<string, string>').registerVariable('body', 'map<string, dyn>').registerVariable('key', { schema: { id: 'string', name: 'string', tags: 'list<string>' } })
  .registerFunction('fits(string, string): bool', (text: string, pattern: string) => modelFits(pattern, text))
  .registerFunction('hourIn(string): int', (zone: string) => BigInt(timeIn(zone, currentMs).hour))
  .registerFunction('minuteIn(string): int', (zone: string) => BigInt(timeIn(zone, currentMs).minute))
  .registerFunction('weekdayIn(string): int', (zone: string) => BigInt(timeIn(zone, currentMs).weekday));

/** Checks a rule; what is returned without a `problem` can be asked. */
export function compileRule(text: string): CompiledRule | RuleProblem {
  if (text.trim() === '') return { problem: 'The rule is empty. Leave it out for a route without a condition.' };
  if (text.length > ruleLengthMost) return { problem: `The rule has ${text.length} characters; at most ${ruleLengthMost} are kept.` };
  try {
    const parsed = environment.parse(text);
    const shape = shapeOf(parsed.ast);
    for (const zone of shape.zones) if (!isZone(zone)) return { problem: `"${zone.slice(0, 60)}" is no time zone. Write it as "Europe/Berlin" or "UTC".` };
    const checked = parsed.check();
    if (!checked.valid) return { problem: firstLine(checked.error) };
    if (checked.type !== 'bool' && checked.type !== 'dyn') return { problem: `The rule gives ${checked.type ?? 'nothing'}, not true or false. Compare it with something.` };
    return {
      text, names: shape.names,
      says(scope) {
        for (const name of shape.needs.headers) if (!scope.headers.has(name)) return { problem: `the request has no header ${name}` };
        for (const path of shape.needs.body) if (!Object.hasOwn(scope.kept, path)) return { problem: `the body has no ${path}` };
        currentMs = scope.nowMs;
        try {
          const verdict: unknown = parsed(scope.values);
          return typeof verdict === 'boolean' ? verdict : { problem: 'it gave neither true nor false' };
        } catch (error) {
          return { problem: firstLine(error) };
        }
      },
    };
  } catch (error) {
    return { problem: error instanceof RuleRefused ? error.message : firstLine(error) };
  }
}

/** What a rule reads of headers and body; only this is kept of a request. */
export function namesOf(rule: CompiledRule): RuleNames {
  return rule.names;
}

/** The values that rules see of one request. */
export function ruleScope(facts: AskFacts, caller: RuleCaller, nowMs: number): RuleScope {
  const headers = new Map(Object.entries(facts.headers ?? {}));
  const kept = facts.body ?? {};
  const body = nested(kept);
  const utc = new Date(nowMs);
  const tags = [...(caller.key.tags ?? [])];
  return {
    nowMs, headers, body, kept,
    values: {
      model: facts.model, dialect: facts.dialect, client: facts.client ?? '', scenario: scenarioOf(facts), session: facts.session ?? '', tenant: caller.tenant,
      stream: facts.stream, images: facts.images, thinking: facts.thinking, webSearch: facts.webSearch, longContext: facts.longContext, subagent: facts.subagent, background: facts.background,
      tools: BigInt(facts.tools), inputTokens: BigInt(facts.inputTokens), maxOutputTokens: BigInt(facts.maxOutputTokens ?? 0),
      hour: BigInt(utc.getUTCHours()), minute: BigInt(utc.getUTCMinutes()), weekday: BigInt(utc.getUTCDay() === 0 ? 7 : utc.getUTCDay()),
      tags, key: { id: caller.key.id, name: caller.key.name ?? '', tags }, header: headers, body,
    },
  };
}

type Nested = Map<string, unknown>;

/** Paths as nested maps, whole numbers as the language's own. */
function nested(kept: Readonly<Record<string, string | number | boolean>>): Nested {
  const root: Nested = new Map();
  const inner = new Map<string, Nested>([['', root]]);
  for (const [path, value] of Object.entries(kept)) {
    const parts = path.split('.');
    const last = parts.pop() ?? '';
    let at = root;
    let name = '';
    for (const part of parts) {
      name += `.${part}`;
      const next: Nested = inner.get(name) ?? new Map<string, unknown>();
      inner.set(name, next);
      at.set(part, next);
      at = next;
    }
    at.set(last, typeof value === 'number' && Number.isSafeInteger(value) ? BigInt(value) : value);
  }
  return root;
}

const weekdays = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];
const formats = new Map<string, Intl.DateTimeFormat>();
// Asking a zone for its time costs as much as a whole rule, and within a minute the answer is the same.
const told = new Map<string, { atMinute: number; time: ZoneTime }>();

interface ZoneTime { hour: number; minute: number; weekday: number }

function timeIn(zone: string, atMs: number): ZoneTime {
  const atMinute = Math.floor(atMs / 60_000);
  const known = told.get(zone);
  if (known?.atMinute === atMinute) return known.time;
  let format = formats.get(zone);
  if (!format) formats.set(zone, (format = new Intl.DateTimeFormat('en-GB', { timeZone: zone, weekday: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })));
  const parts = format.formatToParts(atMs);
  const part = (type: string) => parts.find((each) => each.type === type)?.value ?? '';
  const time = { hour: Number(part('hour')), minute: Number(part('minute')), weekday: weekdays.indexOf(part('weekday')) + 1 };
  told.set(zone, { atMinute, time });
  return time;
}

function isZone(zone: string): boolean {
  if (formats.size > 600) { formats.clear(); told.clear(); } // there are some 420 zones; other spellings of them must not pile up
  try { timeIn(zone, 0); return true; } catch { return false; }
}

function firstLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return (text.split('\n')[0] ?? '').slice(0, 200);
}
