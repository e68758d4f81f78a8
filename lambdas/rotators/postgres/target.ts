import { fit, record, text, type Check } from '../../contracts/check.ts';
import { endpointCheck } from '../../contracts/targets/endpoint.ts';
import type { Credential } from '../../core/credential.ts';
import type { PostgresAuthorityTarget, PostgresTarget } from './kind.ts';

const twoSlots: Check<[string, string]> = (value, path) => {
  const [first, second]: readonly unknown[] = Array.isArray(value) ? value : [];
  return [text(first, `${path}[0]`), text(second, `${path}[1]`)];
};

const slotsTarget = record<PostgresTarget>({
  endpoint: endpointCheck,
  database: text,
  slots: twoSlots,
  ownerRole: text,
});
const authorityTarget = record<PostgresAuthorityTarget>({
  endpoint: endpointCheck,
  role: text,
  database: text,
});

/** What the inventory says of a `postgres` credential. Checked by its kind's schema; this only gives it its type back. */
export const postgresTarget = ({ name, target }: Credential): PostgresTarget =>
  fit(slotsTarget, target, 'INVENTORY_INVALID', `target of ${name}`);

/** What the inventory says of a `postgres-authority`. */
export const postgresAuthorityTarget = ({ name, target }: Credential): PostgresAuthorityTarget =>
  fit(authorityTarget, target, 'INVENTORY_INVALID', `target of ${name}`);

/** The other one of two slots; `undefined` where `key` is neither. */
export function otherSlot([first, second]: readonly [string, string], key: string): string | undefined {
  if (key === first) return second;
  return key === second ? first : undefined;
}
