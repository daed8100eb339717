import type { Upstream } from '@fairlead/prisma';
import { Secret } from '@fairlead/shared/crypto/secret.ts';
import { newId } from '@fairlead/shared/id.ts';
import type { Actor } from '../actor.ts';
import { everyMinutesDefault } from '../balances/sources.ts';
import { requireMember } from '../actor.ts';
import { Checks } from '../check.ts';
import type { Unset } from '../check.ts';
import { runCommand } from '../command.ts';
import type { Domain } from '../domain.ts';
import { writeDifferingPrices, writePresetPrices } from '../prices/preset-prices.ts';
import { Refused } from '../problem.ts';
import type { Result } from '../problem.ts';
import { findPreset, settingsOfPreset } from './presets.ts';
import { checkBaseUrl, checkDialects, checkMappings, checkSecret, hintOf } from './rules.ts';
import type { ModelMapping } from './rules.ts';
import { checkUpstreamSettings } from './settings.ts';
import type { UpstreamSettingsInput } from './settings.ts';

/** What an upstream is made from; a preset fills what is left out. */
export interface UpstreamCreateInput extends UpstreamSettingsInput {
  name?: string | Unset; preset?: string | Unset; baseUrl?: string | Unset; dialects?: readonly string[] | Unset; auth?: string | Unset;
  models?: readonly ModelMapping[] | Unset; priority?: number | Unset; weight?: number | Unset;
  secret?: string | Unset; credentialName?: string | Unset; shared?: boolean | Unset;
}

/** Adds a vendor account that nodes may call. The secret is sealed at once and never shown again. */
export async function createUpstream(domain: Domain, actor: Actor, input: UpstreamCreateInput): Promise<Result<Upstream>> {
  const member = requireMember(actor, 'upstreams:write');
  const preset = input.preset ? findPreset(input.preset) : undefined;
  const checks = new Checks();
  if (input.preset && !preset) checks.say(['preset'], 'NOT_FOUND', 'There is no such preset.');
  const name = checks.name(input.name ?? preset?.displayName ?? '', ['name']);
  const baseUrl = checkBaseUrl(checks, input.baseUrl ?? preset?.baseUrl ?? '', ['baseUrl'], member.operator, domain.places.egressAllow);
  const dialects = checkDialects(checks, input.dialects ?? preset?.dialects ?? [], ['dialects']);
  const models = checkMappings(checks, input.models ?? (preset?.onlyThese ? preset.models.map((model) => ({ model: model.name, upstreamModel: model.upstreamModel })) : undefined), ['models']);
  const priority = checks.count(input.priority, ['priority'], -1_000_000, 1_000_000) ?? preset?.priority ?? 0;
  const weight = checks.count(input.weight, ['weight'], 1, 10_000) ?? 1;
  const auth = input.auth ?? preset?.auth ?? 'BEARER';
  const known = preset ? settingsOfPreset(preset, baseUrl) : {};
  const settings = checkUpstreamSettings(checks, known, input, member.operator, domain.places.egressAllow) ?? known;
  // Some upstreams on one's own machine want no secret; something must be sent all the same.
  const secret = new Secret(checkSecret(checks, input.secret ?? (preset?.local || auth === 'NONE' ? 'none' : ''), ['secret'], auth));
  const credentialName = checks.name(input.credentialName ?? 'default', ['credentialName']);
  const shared = input.shared ?? member.operator;
  if (shared && !member.operator) checks.say(['shared'], 'FORBIDDEN', 'Only an operator adds upstreams for everyone.');
  if (checks.problems.length > 0) return { ok: false, problems: checks.problems };

  const at = domain.clock.now();
  const id = newId('upstream', at);
  const credentialId = newId('credential', at);
  const sealed = await domain.keyring.sealCredential({ upstreamId: id, credentialId, version: 1 }, secret);
  return runCommand(domain, actor, async (command) => {
    const tenantId = shared ? null : member.tenantId;
    if (await command.tx.upstream.findFirst({ where: { tenantId, name } })) throw new Refused({ code: 'TAKEN', message: `Another upstream is called "${name}".`, path: ['name'] });
    const upstream = await command.tx.upstream.create({
      data: {
        id, tenantId, name, baseUrl, dialects, dialect: dialects[0] ?? 'anthropic-messages', auth, settings: { ...settings },
        ...(preset?.balance && baseUrl === preset.baseUrl ? { balance: { source: preset.balance, everyMinutes: everyMinutesDefault } } : {}),
        preset: preset?.name ?? null, ...(models ? { models } : {}), priority, weight, createdAt: command.now,
      },
    });
    await command.tx.credential.create({ data: { id: credentialId, upstreamId: id, name: credentialName, hint: hintOf(secret.reveal()), sealed, createdAt: command.now } });
    if (preset?.pricesEverywhere && member.operator) await writePresetPrices(command.tx, preset, null, command.now);
    if (preset) await writeDifferingPrices(command.tx, preset, id, command.now);
    await command.mark('upstream', id);
    await command.audit({ action: 'upstream.create', objectId: id, tenantId, detail: { name, baseUrl, preset: preset?.name ?? null } });
    return upstream;
  }, { propagate: true });
}
