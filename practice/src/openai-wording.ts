// Pure. How the OpenAI dialects word what is wrong, and their error body.
import type { OpenAiError } from '@fairlead/shared/wire/openai-chat.ts';
import type { z } from 'zod';
import type { Refusal } from './dialect.ts';
import { firstFinding, valueAt } from './wording.ts';

/** The refusal of a body that does not fit the schema. */
export function openAiRefusal(error: z.ZodError, body: unknown): Refusal {
  const finding = firstFinding(error, body);
  const param = finding.path.reduce<string>((text, step) => (typeof step === 'number' ? `${text}[${step}]` : text === '' ? step : `${text}.${step}`), '');
  const value = JSON.stringify(valueAt(body, finding.path))?.slice(0, 100);
  switch (finding.kind) {
    case 'unknown':
      return { status: 400, message: `Unknown parameter: '${param}'.`, param, code: 'unknown_parameter' };
    case 'missing':
      return { status: 400, message: `Missing required parameter: '${param}'.`, param, code: 'missing_required_parameter' };
    case 'value':
    case 'tag':
      return { status: 400, message: `Invalid value: ${value?.replaceAll('"', "'")}.${finding.allowed.length > 0 ? ` Supported values are: ${finding.allowed.map((one) => `'${one}'`).join(', ')}.` : ''}`, param, code: 'invalid_value' };
    case 'type':
      return { status: 400, message: `Invalid type for '${param}': expected ${finding.expected === 'int' ? 'an integer' : `a value of type ${finding.expected}`}, but got ${value} instead.`, param, code: 'invalid_type' };
    default:
      return { status: 400, message: `Invalid '${param}': ${finding.message}`, param, code: 'invalid_request_error' };
  }
}

const KINDS: Readonly<Record<number, { type: string; code: string | null }>> = {
  401: { type: 'invalid_request_error', code: 'invalid_api_key' },
  402: { type: 'insufficient_quota', code: 'insufficient_quota' },
  403: { type: 'invalid_request_error', code: 'permission_denied' },
  404: { type: 'invalid_request_error', code: 'model_not_found' },
  429: { type: 'requests', code: 'rate_limit_exceeded' },
};

/** An error body. */
export function openAiError(refusal: Refusal): OpenAiError {
  const kind = KINDS[refusal.status] ?? { type: refusal.status < 500 ? 'invalid_request_error' : 'server_error', code: null };
  return { error: { message: refusal.message, type: kind.type, param: refusal.param ?? null, code: refusal.code === undefined ? kind.code : refusal.code } };
}

/** What the vendor says of a model it does not have. */
export function openAiUnknownModel(model: string): Refusal {
  return { status: 404, message: `The model \`${model}\` does not exist or you do not have access to it.`, code: 'model_not_found' };
}

/** What the vendor says of a credential it does not know; it never repeats it. */
export const OPENAI_BAD_CREDENTIAL: Refusal = { status: 401, message: 'Incorrect API key provided. You can find your API key in your account settings.', code: 'invalid_api_key' };

/** The model list. */
export function openAiModels(names: readonly string[]): unknown {
  return { object: 'list', data: names.map((id) => ({ id, object: 'model', created: 1_767_225_600, owned_by: 'practice' })) };
}
