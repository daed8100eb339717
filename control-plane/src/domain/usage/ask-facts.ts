// Pure. What routing looked at, as it is stored and read: the known fields only, with a bound on each.
import { isDialectName } from '@fairlead/shared/wire/dialect-name.ts';
import { countOf, isLoose, textOf } from '@fairlead/shared/wire/json.ts';
import { serviceOf } from '@fairlead/shared/money/price.ts';
import type { AskFacts } from '@fairlead/shared/plan/ask-facts.ts';
import { beginning } from '../json.ts';

const mostFields = 30;
const mostLength = 200;

/** The facts in a trace or a stored column; undefined when they are none. */
export function readAskFacts(value: unknown): AskFacts | undefined {
  if (!isLoose(value) || !isDialectName(value.dialect)) return undefined;
  const model = short(value.model);
  if (model === undefined || model === '') return undefined;
  const explicit = isLoose(value.explicit) ? { upstream: short(value.explicit.upstream), model: short(value.explicit.model) } : undefined;
  const client = short(value.client);
  const service = serviceOf(value.service);
  const session = short(value.session);
  const maxOutputTokens = countOf(value.maxOutputTokens);
  const headers = fields(value.headers, (inner) => short(inner));
  const body = fields(value.body, (inner) => (typeof inner === 'boolean' || (typeof inner === 'number' && Number.isFinite(inner)) ? inner : short(inner)));
  return {
    model, dialect: value.dialect, does: value.does === 'count' || value.does === 'other' ? value.does : 'generate',
    stream: value.stream === true, inputTokens: countOf(value.inputTokens), ...(maxOutputTokens > 0 ? { maxOutputTokens } : {}), tools: countOf(value.tools),
    images: value.images === true, thinking: value.thinking === true, webSearch: value.webSearch === true, longContext: value.longContext === true,
    subagent: value.subagent === true, background: value.background === true,
    ...(service === undefined ? {} : { service }), ...(client === undefined ? {} : { client }), ...(session === undefined ? {} : { session }),
    ...(explicit?.upstream || explicit?.model ? { explicit: { ...(explicit.upstream ? { upstream: explicit.upstream } : {}), ...(explicit.model ? { model: explicit.model } : {}) } } : {}),
    ...(headers ? { headers } : {}), ...(body ? { body } : {}),
  };
}

function short(value: unknown): string | undefined {
  const text = textOf(value);
  return text === undefined ? undefined : beginning(text, mostLength);
}

function fields<Value>(value: unknown, read: (inner: unknown) => Value | undefined): Record<string, Value> | undefined {
  if (!isLoose(value)) return undefined;
  const rows = Object.entries(value).slice(0, mostFields).flatMap(([name, inner]): [string, Value][] => {
    const known = read(inner);
    return known === undefined || name.length > 100 ? [] : [[name, known]];
  });
  return rows.length === 0 ? undefined : Object.fromEntries(rows);
}
