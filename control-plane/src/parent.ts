import type { ControlPlane } from './compose.ts';
import { claimUrl } from './domain/experience/claim.ts';
import { issueExperienceKey } from './domain/experience/issue.ts';
import { createIssueGuard } from './domain/experience/issue-guard.ts';
import { keyCommand, keyEnv } from './domain/keys/key-env.ts';
import { createNodeToken } from './domain/nodes/token.ts';
import { describeError } from './log.ts';

/** Tells a process that started us over IPC that we are ready, and answers what it needs to enrol a first node and to print a first command. */
export function answerParent(plane: ControlPlane, ready: { port: number; signInUrl: string | undefined }): void {
  const { domain } = plane;
  const send = (message: Record<string, unknown>) => void process.send?.(message);
  process.on('message', (message: unknown) => {
    const kind = typeof message === 'object' && message !== null && 'kind' in message ? message.kind : undefined;
    void (async () => {
      if (kind === 'node-token') {
        const made = await createNodeToken(domain, { kind: 'SYSTEM' }, { name: 'local' });
        send({ kind, ...(made.ok ? { token: made.value.token } : { problems: made.problems }) });
      } else if (kind === 'try-key') {
        const issued = await issueExperienceKey(domain, { kind: 'SYSTEM' }, { client: 'start' }, createIssueGuard());
        if (!issued.ok) return send({ kind, problems: issued.problems });
        const { key, secret, claimCode, campaign, expiresAt } = issued.value;
        const env = keyEnv(domain.places.nodeUrl, secret.reveal(), true);
        send({
          kind, key: { id: key.id, hint: key.hint }, secret: secret.reveal(), baseUrl: domain.places.nodeUrl, env, command: keyCommand(env), claimUrl: claimUrl(domain, claimCode),
          expiresAt: expiresAt.toISOString(), budgetNano: String(campaign.keyBudgetNano), warnings: issued.warnings.map((warning) => warning.message),
        });
      }
    })().catch((cause: unknown) => {
      domain.log.error('parent.failed', describeError(cause));
      send({ kind, problems: [{ code: 'INTERNAL', message: 'Something broke in the control plane.' }] });
    });
  });
  send({ kind: 'ready', port: ready.port, ...(ready.signInUrl === undefined ? {} : { signInUrl: ready.signInUrl }), ...(plane.seeded.practiceDigest === undefined ? {} : { practiceDigest: plane.seeded.practiceDigest }) });
}
