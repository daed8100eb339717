import './scalars.ts';
import './install.ts';
import './tenants.ts';
import './members.ts';
import './keys.ts';
import './upstreams.ts';
import './presets.ts';
import './upstream-probe.ts';
import './balances.ts';
import './models.ts';
import './prices.ts';
import './routes.ts';
import './route-trials.ts';
import './error-rules.ts';
import './quotas.ts';
import './experience.ts';
import './exchanges.ts';
import './usage.ts';
import './billing.ts';
import './wallet.ts';
import './billing-audit.ts';
import './nodes.ts';
import './node-api.ts';
import './audit.ts';
import './rate-limit.ts';
import { lexicographicSortSchema, printSchema } from 'graphql';
import { builder } from './builder.ts';

/** The whole public schema. */
export const schema = builder.toSchema();

/** The schema as text, sorted: what is committed as schema.graphql. */
export function schemaText(): string {
  return `${printSchema(lexicographicSortSchema(schema))}\n`;
}
