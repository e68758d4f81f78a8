import { escapeIdentifier, escapeLiteral, Client } from 'pg';
import { scramVerifier } from '../lambdas/postgres/scram-verifier.ts';
import type { Secret } from '../lambdas/core/secret.ts';

/** Where the plain script makes its role, by whom, and what it is. */
export interface PlainLease {
  readonly login: {
    readonly host: string;
    readonly port: number;
    readonly user: string;
    readonly password: string;
    readonly database: string;
  };
  readonly role: string;
  readonly ownerRole: string;
  readonly password: Secret;
  readonly salt: Uint8Array;
  readonly expiresAt: string;
  readonly comment: string;
}

/**
 * The plainest script that makes the same role, correctly: one connection, one transaction, the verifier and not the
 * password. No lock, no look at what is there, no clock, no memory of ends, no names for what can go wrong.
 */
export async function plainLease(lease: PlainLease): Promise<void> {
  const client = new Client(lease.login);
  await client.connect();
  try {
    const role = escapeIdentifier(lease.role);
    const verifier = await scramVerifier(lease.password, lease.salt);
    await client.query(
      `BEGIN;
       CREATE ROLE ${role} LOGIN CONNECTION LIMIT 5 PASSWORD '${verifier}' VALID UNTIL ${escapeLiteral(lease.expiresAt)};
       GRANT ${escapeIdentifier(lease.ownerRole)} TO ${role};
       COMMENT ON ROLE ${role} IS ${escapeLiteral(lease.comment)};
       COMMIT`,
    );
  } finally {
    await client.end();
  }
}
