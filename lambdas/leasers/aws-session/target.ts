import { fit, listOf, mapOf, optional, record, text, type Check } from '../../contracts/check.ts';
import type { Leasable } from '../../core/access/access-inventory.ts';

/** A statement of a session policy, as the inventory has it. */
export interface Allowance {
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  readonly purposes?: readonly string[];
  readonly when?: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
}

/** What is leased: a role, and what of it. As `kind.ts` has checked it. */
export interface RoleToLease {
  readonly role: string;
  readonly region?: string;
  readonly externalId?: string;
  readonly allow: readonly Allowance[];
  readonly tags?: Readonly<Record<string, string>>;
}

const allowance: Check<Allowance> = record<Allowance>({
  actions: listOf(text),
  resources: listOf(text),
  purposes: optional(listOf(text)),
  when: optional(mapOf(mapOf(listOf(text)))),
});

/** A tag may be empty. */
const tag: Check<string> = (value, path) => (value === '' ? '' : text(value, path));

/** The target of a leasable of this kind. */
export const roleToLease = ({ name, target }: Leasable): RoleToLease =>
  fit(
    record<RoleToLease>({
      role: text,
      region: optional(text),
      externalId: optional(text),
      allow: listOf(allowance),
      tags: optional(mapOf(tag)),
    }),
    target,
    'INVENTORY_INVALID',
    `the target of ${name}`,
  );
