import type { Inventory } from '../../lambdas/core/credential.ts';
import type { PostgresTarget } from '../../lambdas/rotators/postgres/kind.ts';
import { preparationStatements } from '../../lambdas/rotators/postgres/preparation.ts';

/** The SQL that an administrator of one server runs once, before a credential there can be adopted. */
export interface TargetSql {
  readonly environment: string;
  readonly credential: string;
  readonly server: string;
  readonly statements: readonly string[];
}

/** What the PostgreSQL credentials of an inventory need at their servers. */
export function targetSql({ environment, credentials }: Inventory): readonly TargetSql[] {
  return credentials.flatMap(({ name, kind, authority, target }) => {
    if (kind !== 'postgres') return [];
    // The inventory has been checked: both have the form of their kind.
    const declared = target as unknown as PostgresTarget;
    const role = credentials.find((each) => each.name === authority)?.target['role'];
    const { host, port } = declared.endpoint;
    const statements = preparationStatements(declared, String(role));
    return [{ environment, credential: name, server: `${host}:${port}`, statements }];
  });
}
