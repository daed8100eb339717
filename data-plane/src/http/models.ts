import { anyModelFits } from '@fairlead/shared/plan/match.ts';
import type { SnapshotModel } from '@fairlead/shared/snapshot/snapshot.ts';
import type { DialectName } from '@fairlead/shared/snapshot/snapshot.ts';
import type { Principal } from '../journey/principal.ts';
import type { RoutingTable } from '../snapshot/table.ts';

/** The models that this key may ask for and that some upstream serves. */
export function modelsFor(principal: Principal, table: RoutingTable): SnapshotModel[] {
  const upstreams = table.upstreams.filter((upstream) => upstream.status === 'ACTIVE' && upstream.credentials.length > 0 && (upstream.tenant === undefined || upstream.tenant === principal.tenant));
  const served = (name: string) => upstreams.some((upstream) => upstream.models === undefined || upstream.models.some((row) => anyModelFits([row.model], name)));
  const tenantModels = table.tenants.get(principal.tenant)?.models;
  const allowed = (name: string) => (principal.key.models === undefined || anyModelFits(principal.key.models, name)) && (tenantModels === undefined || anyModelFits(tenantModels, name));
  return [...table.models.values()].filter(({ name }) => allowed(name) && served(name));
}

/** The list as a client of this dialect reads it. Claude Code's picker adds only ids that begin with `claude`. */
export function writeModels(dialect: DialectName, models: readonly SnapshotModel[]): unknown {
  const created = 1_700_000_000;
  switch (dialect) {
    case 'anthropic-messages':
      return {
        data: models.map((model) => ({ type: 'model', id: model.name, display_name: model.displayName, created_at: new Date(created * 1000).toISOString() })),
        has_more: false, first_id: models[0]?.name ?? null, last_id: models[models.length - 1]?.name ?? null,
      };
    case 'gemini-generate':
      return { models: models.map((model) => geminiModel(model)) };
    default:
      return { object: 'list', data: models.map((model) => ({ id: model.name, object: 'model', created, owned_by: model.vendor ?? 'fairlead' })) };
  }
}

/** One model as a client of this dialect reads it. */
export function writeModel(dialect: DialectName, model: SnapshotModel): unknown {
  const list = writeModels(dialect, [model]);
  if (dialect === 'gemini-generate') return geminiModel(model);
  return typeof list === 'object' && list !== null && 'data' in list && Array.isArray(list.data) ? list.data[0] : null;
}

function geminiModel(model: SnapshotModel): unknown {
  return {
    name: `models/${model.name}`, baseModelId: model.name, displayName: model.displayName, version: '1',
    ...(model.contextTokens === undefined ? {} : { inputTokenLimit: model.contextTokens }), ...(model.maxOutputTokens === undefined ? {} : { outputTokenLimit: model.maxOutputTokens }),
    supportedGenerationMethods: ['generateContent', 'streamGenerateContent', 'countTokens'],
  };
}
