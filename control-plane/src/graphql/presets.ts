import { bundledPrice } from '../domain/prices/preset-prices.ts';
import { upstreamPresets } from '../domain/upstreams/presets.ts';
import type { PresetModel, UpstreamPreset } from '../domain/upstreams/presets.ts';
import { builder } from './builder.ts';
import { Money } from './shapes.ts';
import { Addressing, UpstreamAuth } from './upstream-words.ts';
import { DialectAddress } from './upstream-settings.ts';

/** A model with the preset that names it. */
interface Listed { preset: UpstreamPreset; model: PresetModel; at: Date }

const PresetModelRef = builder.objectRef<Listed>('PresetModel').implement({
  description: 'A model of a preset, with its list price where it is known.',
  fields: (t) => ({
    name: t.string({ description: 'The name clients ask for.', resolve: ({ model }) => model.name }),
    displayName: t.string({ description: 'What people call it.', resolve: ({ model }) => model.displayName }),
    input: t.field({ type: Money, nullable: true, description: 'For a million input tokens; null = not known.', resolve: ({ preset, model, at }) => bundledPrice(preset, model, at)?.price.inputNano ?? null }),
    output: t.field({ type: Money, nullable: true, description: 'For a million output tokens; null = not known.', resolve: ({ preset, model, at }) => bundledPrice(preset, model, at)?.price.outputNano ?? null }),
  }),
});
const UpstreamPresetRef = builder.objectRef<UpstreamPreset>('UpstreamPreset').implement({
  description: 'A vendor whose address and wire formats are known.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Pass it as `preset`.' }),
    displayName: t.exposeString('displayName', { description: 'What people call it.' }),
    aliases: t.stringList({ description: 'Other names under which it may be passed.', resolve: (row) => row.aliases ?? [] }),
    baseUrl: t.exposeString('baseUrl', { description: 'Where it is. A part in braces, such as {region}, is one\'s own to fill in.' }),
    baseUrls: t.field({ type: [DialectAddress], description: 'Addresses of wire formats that it serves apart.', resolve: (row) => Object.entries(row.baseUrls ?? {}).map(([dialect, baseUrl]) => ({ dialect, baseUrl })) }),
    dialects: t.exposeStringList('dialects', { description: 'The wire formats it speaks.' }),
    auth: t.field({ type: UpstreamAuth, description: 'How its secrets are presented.', resolve: (row) => row.auth }),
    addressing: t.field({ type: Addressing, nullable: true, description: 'How its addresses are made, where they differ from the wire format\'s own.', resolve: (row) => row.addressing ?? null }),
    quirks: t.stringList({ description: 'The adjustments of requests that it needs.', resolve: (row) => row.quirks ?? [] }),
    keyHint: t.exposeString('keyHint', { description: 'What its secrets look like.' }),
    docsUrl: t.string({ nullable: true, description: 'Where to read more.', resolve: (row) => row.docsUrl ?? null }),
    priceSource: t.string({ nullable: true, description: 'Where its prices are from.', resolve: (row) => row.priceSource ?? null }),
    local: t.boolean({ description: 'Whether it runs on one\'s own machine.', resolve: (row) => row.local ?? false }),
    onlyThese: t.boolean({ description: 'Whether it serves only these models; otherwise every name is sent as asked.', resolve: (row) => row.onlyThese }),
    models: t.field({ type: [PresetModelRef], description: 'Its models.', resolve: (preset, _, { domain }) => preset.models.map((model) => ({ preset, model, at: new Date(domain.clock.now()) })) }),
  }),
});

builder.queryField('upstreamPresets', (t) => t.field({ type: [UpstreamPresetRef], description: 'Vendors that can be added by name. Public.', resolve: () => upstreamPresets() }));
