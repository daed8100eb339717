// The story of one request, and the only file that imports stages. At most 120 lines, for ever.
import { Fault } from '@fairlead/shared/faults/fault.ts';
import { usdText } from '@fairlead/shared/money/dollars.ts';
import { canConvert } from '@fairlead/shared/plan/convertible.ts';
import { admit } from './admit/admit.ts';
import { checkRights } from './admit/rights.ts';
import { attempt } from './attempt/attempt.ts';
import { errorRulesOf } from './attempt/error-rules.ts';
import { authenticate } from './authenticate/authenticate.ts';
import type { Known } from './authenticate/authenticate.ts';
import { tellPaces } from './convert/reply-headers.ts';
import type { Arrival } from './journey/inbound.ts';
import type { Answer } from './journey/reply.ts';
import type { Story } from './journey/story.ts';
import { openAccounts } from './meter/accounts.ts';
import { meter } from './meter/meter.ts';
import type { Closing } from './meter/meter.ts';
import type { Node } from './node.ts';
import { planFor } from './plan/plan.ts';
import { survey } from './plan/survey.ts';
import type { Recording } from './recall/replay.ts';
import { tell } from './telemetry/tell.ts';

/** Serves one request, or throws the Fault that says why not. Whatever happens is settled once and traced once. */
export async function exchange(arrival: Arrival, node: Node): Promise<Answer> {
  const story: Story = { attempts: [], revision: 0 };
  let recording: Recording | undefined;
  node.inFlight.count += 1;
  try {
    // What is at hand is not waited for: each await costs as much as a stage.
    const known = authenticate(arrival, node.keeper.table(), node.authentication);
    const { principal, table } = known instanceof Promise ? await known : known;
    story.principal = principal;
    story.revision = table.revision; // one revision for the whole exchange
    const inbound = await arrival.read();
    const ask = survey(inbound, table, principal.tenant);
    story.ask = ask;
    const pace = checkRights({ principal, ask, table }, node.admission);
    const requests = pace && (await pace);
    const found = node.sessions.find({ ask, principal, inbound, table });
    const session = found instanceof Promise ? await found : found;
    const plan = (story.plan = planFor({ principal, ask, table }, { canConvert, health: node.attempting.health, nowMs: node.clock.now(), seed: inbound.exchangeId, binding: session.binding }));
    recording = node.replay.open({ inbound, ask, principal, wanted: plan.replay === true });
    const missed = recording && (await recording.found());
    if (missed) return replayed(missed, node, arrival, story);
    const held = admit({ principal, ask, plan, table, inbound, signal: inbound.signal }, node.admission); // holds the dearest candidate it may use
    const grant = held instanceof Promise ? await held : held;
    try {
      const accounts = openAccounts({ exchangeId: inbound.exchangeId, principal, ask, grant, revision: table.revision, signal: inbound.signal }, node.accounts);
      const parts = { ...node.attempting, secretEpoch: table.secretEpoch, errorRules: errorRulesOf(table.errorRules, principal.tenant) };
      const reply = await attempt({ inbound, plan, ask, accounts, attempts: story.attempts, signal: recording?.signal ?? inbound.signal }, parts);
      const { headers } = reply; // made for this answer alone
      headers['x-fairlead-exchange'] = inbound.exchangeId;
      if (reply.candidate) headers['x-fairlead-upstream'] = headerSafe(reply.candidate.upstream.name);
      headers['x-fairlead-revision'] = String(table.revision);
      let whole = false;
      const onClosed = (closing: Closing) => {
        whole = closing.outcome === 'OK';
        // Only what was served whole binds its session. In memory this is done at once; Redis is not waited for.
        if (whole && reply.candidate) void node.sessions.bound(session, plan, reply.candidate, reply.watch.reading());
        tell(node, arrival, story, closing);
      };
      const answer = meter({ reply, headers, grant, ask, onClosed }, node.clock); // streams on; closes the grant when the last byte has left
      const charged = answer.body instanceof Uint8Array ? reply.account?.charged?.() : undefined; // of a stream nobody knows it yet
      if (charged !== undefined) headers['x-fairlead-cost'] = usdText(charged);
      if (requests || grant.tokens) {
        const nowMs = node.clock.now();
        tellPaces(headers, ask.dialect, { requests: requests?.standing(nowMs), tokens: grant.tokens?.standing(nowMs) }, nowMs);
      }
      if (answer.kept) await answer.kept; // what it cost is on disk before anybody has the whole of it
      return recording?.recorded(answer, () => whole) ?? answer;
    } catch (cause) {
      grant.close(); // failed attempts have charged what they cost; the rest is freed, once
      throw cause;
    }
  } catch (cause) {
    recording?.lost();
    refuse(node, arrival, story, cause);
    throw cause;
  }
}

/** The stream that its client has missed the end of: paid for already. */
function replayed(answer: Answer, node: Node, arrival: Arrival, story: Story): Answer {
  story.recalled = 'replay';
  tell(node, arrival, story, { outcome: 'OK', status: answer.status, firstContentAtMs: node.clock.now() });
  return { ...answer, headers: { ...answer.headers, 'x-fairlead-exchange': arrival.exchangeId } };
}

/** Who asks for the list of models; throws a key.* Fault. */
export async function whoMayList(from: Pick<Arrival, 'headers' | 'query' | 'address'>, node: Node): Promise<Known> {
  return authenticate(from, node.keeper.table(), node.authentication);
}

function refuse(node: Node, arrival: Arrival, story: Story, cause: unknown): void {
  const fault = cause instanceof Fault ? cause : undefined;
  const code = fault?.code ?? 'node.bug';
  node.metrics.count('fairlead_refusals_total', { code });
  if (!story.principal) {
    node.traces.refused(code, node.clock.now());
    node.reporter.nudge();
  }
  const outcome = code === 'client.left' ? 'ABORTED' : story.attempts.length > 0 || !fault ? 'FAILED' : 'REFUSED';
  tell(node, arrival, story, { outcome, status: fault?.status ?? 500, firstContentAtMs: 0, faultCode: code });
}

const plainText = /^[\x20-\x7e]{0,100}$/;

function headerSafe(text: string): string {
  return plainText.test(text) ? text : text.replace(/[^\x20-\x7e]/g, '?').slice(0, 100);
}
