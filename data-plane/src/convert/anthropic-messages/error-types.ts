// Pure.

const STATUSES: Readonly<Record<string, number>> = {
  invalid_request_error: 400, authentication_error: 401, billing_error: 402, permission_error: 403, not_found_error: 404,
  request_too_large: 413, rate_limit_error: 429, api_error: 500, timeout_error: 504, overloaded_error: 529,
};

/** The status that an error's type stands for, where the error came inside a stream. */
export function statusOf(type: string | undefined): number {
  return (type === undefined ? undefined : STATUSES[type]) ?? 502;
}
