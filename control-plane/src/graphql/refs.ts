// Names of types that refer to each other; each is filled in by the file of its folder.
import type { Member, Tenant } from '@fairlead/prisma';
import { builder } from './builder.ts';

/** Who pays. */
export const TenantRef = builder.objectRef<Tenant>('Tenant');

/** A person who signs in. */
export const MemberRef = builder.objectRef<Member>('Member');
