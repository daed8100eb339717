// Tries an upstream before it is saved, or one that is: from the control plane, within ten seconds, keeping nothing.
import { Secret } from '@fairlead/shared/crypto/secret.ts';
import type { DialectName } from '@fairlead/shared/wire/dialect-name.ts';
import type { Actor } from '../../actor.ts';
import { requireMember } from '../../actor.ts';
import { Checks } from '../../check.ts';
import type { Unset } from '../../check.ts';
import { writeAudit } from '../../command.ts';
import type { Domain } from '../../domain.ts';
import { Refused, notFound } from '../../problem.ts';
import type { Result } from '../../problem.ts';
import { findPreset, settingsOfPreset } from '../presets.ts';
import { checkBaseUrl, checkDialects, checkSecret } from '../rules.ts';
import { checkUpstreamSettings, readUpstreamSettings } from '../settings.ts';
import type { UpstreamSettingsInput } from '../settings.ts';
import { authOf, dialectsOf } from '../stored.ts';
import { judgeFailure, judgeStatus } from './judge.ts';
import type { ProbeStep } from './judge.ts';
import { answerText, errorText, listRequest, modelNames, nodesSignIn, questionRequest } from './requests.ts';
import type { ProbeRequest, ProbeTarget } from './requests.ts';

/** What to try: a stored upstream by id, or one that is not saved yet. */
export interface UpstreamProbeInput extends Pick<UpstreamSettingsInput, 'baseUrls' | 'addressing' | 'headers'> {
  id?: string | Unset; preset?: string | Unset; baseUrl?: string | Unset; dialects?: readonly string[] | Unset; auth?: string | Unset; secret?: string | Unset; shared?: boolean | Unset;
  /** A model to ask one short question, in every wire format; none is asked when left out. */
  model?: string | Unset;
}

/** What was found. */
export interface ProbeReport { ok: boolean; steps: ProbeStep[]; models: string[]; answers: { dialect: DialectName; text: string; durationMs: number }[] }

const deadlineMs = 10_000;
const mostAtOnce = 8;
let running = 0;

/** Tries an upstream and reports each step with advice. The secret is neither stored nor logged. */
export async function probeUpstream(domain: Domain, actor: Actor, input: UpstreamProbeInput, leaving?: AbortSignal): Promise<Result<ProbeReport>> {
  requireMember(actor, 'upstreams:write');
  try {
    const { target, secret, model } = await targetOf(domain, actor, input);
    if (running >= mostAtOnce) throw new Refused({ code: 'RATE_LIMITED', message: 'Too many providers are being tested at the moment.', fix: 'Try again in a few seconds.' });
    running++;
    try {
      await domain.db.transaction((tx) => writeAudit(tx, actor, new Date(domain.clock.now()), { action: 'upstream.probe', ...(input.id ? { objectId: input.id } : {}), tenantId: actor.kind === 'MEMBER' || actor.kind === 'TOKEN' ? actor.tenantId : null, detail: { host: new URL(target.baseUrl).host } }));
      const timeout = AbortSignal.timeout(deadlineMs);
      return { ok: true, value: await run(domain, target, secret, model, leaving ? AbortSignal.any([timeout, leaving]) : timeout), warnings: [] };
    } finally {
      running--;
    }
  } catch (cause) {
    if (cause instanceof Refused) return { ok: false, problems: cause.problems };
    throw cause;
  }
}

async function run(domain: Domain, target: ProbeTarget, secret: Secret, model: string | undefined, signal: AbortSignal): Promise<ProbeReport> {
  const host = new URL(target.baseUrl).host;
  const say = (steps: ProbeStep[], rest: Partial<ProbeReport> = {}): ProbeReport => ({ ok: steps.every((step) => step.state !== 'FAILED'), steps, models: [], answers: [], ...rest });
  const call = async (request: ProbeRequest) => {
    const began = performance.now();
    const answer = await domain.caller.call({ ...request, owner: target.owner, signal });
    return { ...answer, durationMs: Math.round(performance.now() - began) };
  };
  const bare = listRequest(target, undefined) ?? { url: new URL(target.baseUrl), method: 'GET' as const, headers: {} };
  let open: Awaited<ReturnType<typeof call>>;
  // Without the secret: whether anybody is there at all, and whether a list that comes later proves anything.
  try { open = await call(bare); } catch (cause) { return say(judgeFailure(cause, host, signal.aborted)); }
  const steps: ProbeStep[] = [{ step: 'ADDRESS', state: 'OK', found: `${host} may be called.`, advice: null }, { step: 'CONNECT', state: 'OK', found: `${host} answered after ${open.durationMs} ms.`, advice: null }];
  if (nodesSignIn(target)) return say([...steps, { step: 'CREDENTIAL', state: 'SKIPPED', found: 'The secret has the right form.', advice: 'Only nodes sign requests in this way: save it and send a request through a node.' }]);
  if (open.status >= 300 && open.status < 400) return say([...steps.slice(0, 1), stepOf(judgeStatus(open.status, ''))]);

  const text = secret.reveal();
  const list = listRequest(target, text);
  const questions = model === undefined ? [] : target.dialects.flatMap((dialect) => {
    const request = questionRequest(target, dialect, model, text);
    return request ? [{ dialect, request }] : [];
  });
  const settled = await Promise.allSettled([list ? call(list) : undefined, ...questions.map(({ request }) => call(request))]);
  const listed = settled[0]?.status === 'fulfilled' ? settled[0].value : undefined;
  const names = listed && listed.status < 300 ? modelNames(listed.text) : undefined;
  const answers: ProbeReport['answers'] = [];
  const asked: ProbeStep[] = [];
  questions.forEach(({ dialect }, at) => {
    const outcome = settled[at + 1];
    if (outcome?.status !== 'fulfilled' || outcome.value === undefined) {
      const failed = judgeFailure(outcome?.status === 'rejected' ? outcome.reason : undefined, host, signal.aborted).at(-1);
      asked.push({ step: 'ANSWER', state: 'FAILED', found: `${dialect}: ${failed?.found ?? 'no answer came.'}`, advice: failed?.advice ?? null });
      return;
    }
    const { status, text: body, durationMs } = outcome.value;
    const said = status < 300 ? answerText(dialect, body) : undefined;
    if (said !== undefined) {
      answers.push({ dialect, text: said, durationMs });
      asked.push({ step: 'ANSWER', state: 'OK', found: `${dialect}: answered after ${durationMs} ms.`, advice: null });
    } else if (status < 300) asked.push({ step: 'ANSWER', state: 'FAILED', found: `${dialect}: what came back is no answer of this wire format.`, advice: 'Untick this wire format, or check the path in the address.' });
    else {
      const verdict = judgeStatus(status, errorText(body, text));
      asked.push({ ...stepOf(verdict), step: verdict.about === 'CREDENTIAL' ? 'CREDENTIAL' : 'ANSWER', found: `${dialect}: ${verdict.found}` });
    }
  });
  const credential = credentialStep({ listed, names, isPublic: open.status < 300 && modelNames(open.text) !== undefined, answered: answers.length > 0, refused: asked.some((step) => step.step === 'CREDENTIAL'), wantsNone: target.auth === 'NONE', secret: text });
  return say([...steps, ...credential, modelStep(names, model), ...asked], { models: names ?? [], answers });
}

/** Whether the secret is accepted: an answer proves it, a list only when it is not public. */
function credentialStep(at: { listed: { status: number; text: string } | undefined; names: string[] | undefined; isPublic: boolean; answered: boolean; refused: boolean; wantsNone: boolean; secret: string }): ProbeStep[] {
  const step = (state: ProbeStep['state'], found: string, advice: string | null = null): ProbeStep[] => [{ step: 'CREDENTIAL', state, found, advice }];
  if (at.refused) return [];
  if (at.wantsNone) return step('SKIPPED', 'No secret is presented.');
  if (at.answered || (at.names !== undefined && !at.isPublic)) return step('OK', 'The secret is accepted.');
  if (at.names !== undefined) return step('UNSURE', 'The list of models is open to everybody, so it proves nothing of the secret.', 'Name a model to ask it one short question.');
  if (at.listed && (at.listed.status === 401 || at.listed.status === 403 || at.listed.status === 402)) return [stepOf(judgeStatus(at.listed.status, errorText(at.listed.text, at.secret)))];
  return step('UNSURE', 'The vendor shows no list of models, so the secret is not proved.', 'Name a model to ask it one short question.');
}

function modelStep(names: string[] | undefined, model: string | undefined): ProbeStep {
  if (names === undefined) return { step: 'MODELS', state: 'SKIPPED', found: 'There is no list of models.', advice: null };
  const missing = model !== undefined && names.length > 0 && !names.includes(model);
  return { step: 'MODELS', state: missing ? 'UNSURE' : 'OK', found: `${names.length} models are listed${missing ? `, "${model}" is not among them` : ''}.`, advice: missing ? 'Some vendors serve more than they list; otherwise choose one of the list.' : null };
}

function stepOf(verdict: ReturnType<typeof judgeStatus>): ProbeStep {
  return { step: verdict.about, state: verdict.state, found: verdict.found, advice: verdict.advice };
}

async function targetOf(domain: Domain, actor: Actor, input: UpstreamProbeInput): Promise<{ target: ProbeTarget; secret: Secret; model: string | undefined }> {
  const member = requireMember(actor, 'upstreams:write');
  const checks = new Checks();
  const model = input.model ? checks.name(input.model, ['model'], 200) : undefined;
  const given = [input.preset, input.baseUrl, input.dialects, input.auth, input.baseUrls, input.addressing, input.headers].some((part) => part !== undefined && part !== null);
  if (input.id && given) checks.say(['id'], 'INVALID', 'A stored upstream is tested as it is stored: its secret is sent to its own address only.', 'Leave out the id and give the secret to test something else.');
  if (input.id) {
    checks.done();
    const row = await domain.db.client.upstream.findUnique({ where: { id: input.id }, include: { credentials: { where: { status: 'ACTIVE' }, orderBy: [{ priority: 'asc' }, { id: 'asc' }], take: 1 } } });
    if (!row || (row.tenantId !== member.tenantId && !member.operator)) throw notFound('upstream');
    const stored = row.credentials[0];
    if (!input.secret && !stored) throw new Refused({ code: 'NOT_FOUND', message: 'It has no secret that is in use.', path: ['id'], fix: 'Add a secret, or give one to test.' });
    const auth = authOf(row.auth);
    const secret = input.secret || !stored
      ? new Secret(checkSecret(checks, input.secret ?? '', ['secret'], auth))
      : await domain.keyring.openCredential({ upstreamId: row.id, credentialId: stored.id, version: stored.version }, stored.sealed);
    checks.done();
    return { target: { baseUrl: row.baseUrl, dialects: dialectsOf(row.dialects), auth, settings: readUpstreamSettings(row.settings), owner: row.tenantId === null ? 'operator' : 'tenant' }, secret, model };
  }
  const preset = input.preset ? findPreset(input.preset) : undefined;
  if (input.preset && !preset) checks.say(['preset'], 'NOT_FOUND', 'There is no such preset.');
  const shared = input.shared ?? member.operator;
  if (shared && !member.operator) checks.say(['shared'], 'FORBIDDEN', 'Only an operator adds upstreams for everyone.');
  const baseUrl = checkBaseUrl(checks, input.baseUrl ?? preset?.baseUrl ?? '', ['baseUrl'], member.operator, domain.places.egressAllow);
  const dialects = dialectsOf(checkDialects(checks, input.dialects ?? preset?.dialects ?? [], ['dialects']));
  const auth = authOf(input.auth ?? preset?.auth ?? 'BEARER');
  const known = preset ? settingsOfPreset(preset, baseUrl) : {};
  const settings = checkUpstreamSettings(checks, known, { baseUrls: input.baseUrls, addressing: input.addressing, headers: input.headers }, member.operator, domain.places.egressAllow) ?? known;
  const secret = new Secret(checkSecret(checks, input.secret ?? (preset?.local || auth === 'NONE' ? 'none' : ''), ['secret'], auth));
  checks.done();
  return { target: { baseUrl, dialects, auth, settings, owner: shared ? 'operator' : 'tenant' }, secret, model };
}
