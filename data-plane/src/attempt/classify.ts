// Pure. The one table of what an upstream's behaviour means.

/** The class of one attempt. */
export type Outcome =
  | 'ok'
  | 'client-input' // the request is wrong in itself
  | 'client-left'
  | 'credential' // this secret is not accepted
  | 'credential-spent' // this account cannot pay
  | 'model-missing'
  | 'limited' // too many requests
  | 'overloaded'
  | 'failed' // a 5xx
  | 'unreachable' // no connection, TLS, DNS, timeout before an answer
  | 'address' // an address this node may not call
  | 'broke-off' // the answer ended too early, carried an error, or was no answer
  | 'node'; // our own trouble: no group key, a body we could not convert

/** The outcome of a status that is not 2xx. */
export function classifyStatus(status: number): Outcome {
  switch (status) {
    case 401: case 403: return 'credential';
    case 402: return 'credential-spent';
    case 404: return 'model-missing';
    case 408: case 409: case 425: return 'failed';
    case 429: return 'limited';
    case 503: case 529: return 'overloaded';
    default: return status >= 500 ? 'failed' : status >= 400 ? 'client-input' : 'broke-off';
  }
}
