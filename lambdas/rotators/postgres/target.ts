import { fit, number, optional, record, text, type Check } from '../../contracts/check.ts';
import type { Credential } from '../../core/credential.ts';
import type { PostgresAuthorityTarget, PostgresEndpoint, PostgresTarget } from './kind.ts';

/** PEM certificates are longer than other texts. */
const pem: Check<string> = (value, path) =>
  typeof value === 'string' && value.includes('-----BEGIN CERTIFICATE-----') ? value : text(undefined, path);

const endpoint = record<PostgresEndpoint>({ host: text, port: number, ca: optional(pem) });

const twoSlots: Check<[string, string]> = (value, path) => {
  const [first, second]: readonly unknown[] = Array.isArray(value) ? value : [];
  return [text(first, `${path}[0]`), text(second, `${path}[1]`)];
};

const slotsTarget = record<PostgresTarget>({ endpoint, database: text, slots: twoSlots, ownerRole: text });
const authorityTarget = record<PostgresAuthorityTarget>({ endpoint, role: text, database: text });

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

/** True for a host that no network lies before. A name other than `localhost` may lead anywhere. */
export const isLoopback = (host: string): boolean =>
  host.toLowerCase() === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
