// Pure. What came of a probe's request, in words that say what to do.
import { AddressRefused } from '@fairlead/shared/egress/rules.ts';

/** What is tried, in this order. */
export const probeSteps = ['ADDRESS', 'CONNECT', 'CREDENTIAL', 'MODELS', 'ANSWER'] as const;

/** How a step ended; UNSURE when what came back proves nothing. */
export const probeStates = ['OK', 'FAILED', 'UNSURE', 'SKIPPED'] as const;

/** One step with what was found and what to do. */
export interface ProbeStep { step: (typeof probeSteps)[number]; state: (typeof probeStates)[number]; found: string; advice: string | null }

/** Why nothing came back: one step that failed, and the one before it when that held. */
export function judgeFailure(cause: unknown, host: string, timedOut: boolean): ProbeStep[] {
  const address = (found: string, advice: string): ProbeStep[] => [{ step: 'ADDRESS', state: 'FAILED', found, advice }];
  const connect = (found: string, advice: string): ProbeStep[] => [{ step: 'ADDRESS', state: 'OK', found: `${host} may be called.`, advice: null }, { step: 'CONNECT', state: 'FAILED', found, advice }];
  const causes = chain(cause);
  const refused = causes.find((one) => one instanceof AddressRefused);
  if (refused) return address(`${refused.message}.`, 'Use a public address. An operator can allow a private one with FAIRLEAD_EGRESS_ALLOW=host:port.');
  const codes = causes.flatMap((one) => ('code' in one && typeof one.code === 'string' ? [one.code] : []));
  const has = (...names: string[]) => codes.find((code) => names.includes(code));
  if (has('ENOTFOUND', 'EAI_AGAIN', 'EAI_NODATA')) return address(`The name ${host} is not known.`, 'Check its spelling. If it is right, the name server of this machine does not answer.');
  if (timedOut || has('UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT', 'ETIMEDOUT')) return connect(`${host} did not answer in time.`, 'Check the address and its port, and whether a firewall stands between.');
  if (has('ECONNREFUSED')) return connect(`Nothing listens at ${host}.`, 'Check the port, and start the server if it is your own.');
  if (has('ECONNRESET', 'UND_ERR_SOCKET', 'EPIPE')) return connect(`${host} closed the connection.`, 'Check whether the address begins with https:// or http:// as the server expects.');
  const certificate = codes.find((code) => /CERT|TLS|SSL|SELF_SIGNED|ALTNAME/.test(code));
  if (certificate) return connect(`The certificate of ${host} was not accepted (${certificate}).`, 'Check that the name in the address is the one in the certificate.');
  return connect(`${host} could not be reached${codes[0] ? ` (${codes[0]})` : ''}.`, 'Check the address and its port.');
}

/** What a status says of the credential, the model and the address; `said` is the vendor's own text. */
export function judgeStatus(status: number, said: string): { about: 'CREDENTIAL' | 'ANSWER' | 'CONNECT'; state: 'FAILED' | 'UNSURE'; found: string; advice: string } {
  const quoted = said === '' ? '' : ` It said: ${said}`;
  const found = `The vendor answered ${status}.${quoted}`;
  if (status === 401) return { about: 'CREDENTIAL', state: 'FAILED', found, advice: 'The secret is not accepted. Copy it again, and check how it is presented.' };
  if (status === 403) return { about: 'CREDENTIAL', state: 'FAILED', found, advice: 'The secret is known but may not do this. Check its rights, and whether the account may use this model or region.' };
  if (status === 402) return { about: 'CREDENTIAL', state: 'FAILED', found, advice: 'The account cannot pay. Add credit at the vendor.' };
  if (status === 404 || status === 405) return { about: 'ANSWER', state: 'FAILED', found, advice: 'Check the model\'s name, the wire format, and the path in the address: it must not hold the path of an endpoint.' };
  if (status === 429) return { about: 'ANSWER', state: 'UNSURE', found, advice: 'The account is at its limit at the moment. Try again in a minute.' };
  if (status >= 300 && status < 400) return { about: 'CONNECT', state: 'FAILED', found, advice: 'The address leads elsewhere. Use the address to which it leads.' };
  if (status >= 500) return { about: 'ANSWER', state: 'UNSURE', found, advice: 'The vendor has trouble of its own. Try again later.' };
  return { about: 'ANSWER', state: 'FAILED', found, advice: 'Check the model\'s name and the wire format.' };
}

function chain(cause: unknown, depth = 0): Error[] {
  if (!(cause instanceof Error) || depth > 5) return [];
  const inner = cause instanceof AggregateError ? cause.errors.flatMap((one) => chain(one, depth + 1)) : [];
  return [cause, ...inner, ...chain(cause.cause, depth + 1)];
}
