// The optional settings of an upstream, as given and as shown.
import { quirks } from '@fairlead/shared/transformers/descriptors.ts';
import type { QuirkDescriptor } from '@fairlead/shared/transformers/descriptors.ts';
import { builder } from './builder.ts';
import type { Extended } from './builder.ts';
import { Capability } from './routing-words.ts';
import { AbortPolicy, Addressing } from './upstream-words.ts';

/** The address of one wire format that a vendor serves apart. */
export const DialectAddress = builder.objectRef<{ dialect: string; baseUrl: string }>('DialectAddress').implement({
  description: 'The address of one wire format that a vendor serves apart.',
  fields: (t) => ({ dialect: t.exposeString('dialect', { description: 'The wire format.' }), baseUrl: t.exposeString('baseUrl', { description: 'Where it is, without the path of an endpoint.' }) }),
});

/** A header that every call carries. */
export const UpstreamHeader = builder.objectRef<{ name: string; value: string }>('UpstreamHeader').implement({
  description: 'A header that every call to an upstream carries.',
  fields: (t) => ({ name: t.exposeString('name', { description: 'Its name.' }), value: t.exposeString('value', { description: 'Its value.' }) }),
});

const Quirk = builder.objectRef<QuirkDescriptor>('Quirk').implement({
  description: 'A named adjustment of requests that an upstream may need.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Its name.' }),
    dialects: t.stringList({ description: 'The wire formats that it changes.', resolve: (quirk) => [...quirk.dialects] }),
    description: t.exposeString('description', { description: 'What it changes, and for whom.' }),
  }),
});
builder.queryField('quirks', (t) => t.field({ type: [Quirk], description: 'The adjustments of requests that an upstream may need. Public.', resolve: () => [...quirks] }));

const DialectAddressInput = builder.inputType('DialectAddressInput', {
  description: 'The address of one wire format that a vendor serves apart.',
  fields: (t) => ({ dialect: t.string({ required: true, description: 'The wire format.' }), baseUrl: t.string({ required: true, description: 'Where it is, without the path of an endpoint.' }) }),
});
const UpstreamHeaderInput = builder.inputType('UpstreamHeaderInput', {
  description: 'A header that every call to an upstream carries; never a secret.',
  fields: (t) => ({ name: t.string({ required: true, description: 'Its name.' }), value: t.string({ required: true, description: 'Its value.' }) }),
});

/** The settings of which a test depends. */
export const probeInput = (t: PothosSchemaTypes.InputFieldBuilder<Extended, 'InputObject'>) => ({
  baseUrls: t.field({ type: [DialectAddressInput], description: 'Addresses of wire formats that the vendor serves apart.' }),
  addressing: t.field({ type: Addressing, description: 'How addresses are made where they differ from the wire format\'s own.' }),
  headers: t.field({ type: [UpstreamHeaderInput], description: 'Headers that every call carries; a secret belongs into a credential.' }),
});

/** The settings that inputs of upstreams take; null takes one away. */
export const settingsInput = (t: PothosSchemaTypes.InputFieldBuilder<Extended, 'InputObject'>) => ({
  ...probeInput(t),
  quirks: t.stringList({ description: 'Named adjustments of requests, in order; `quirks` lists them.' }),
  patience: t.int({ description: 'How many times longer than usual it may take, from 1 to 100.' }),
  onAbort: t.field({ type: AbortPolicy, description: 'What a client that leaves is charged; ESTIMATED when left out.' }),
  lacks: t.field({ type: [Capability], description: 'What it cannot do.' }),
});
