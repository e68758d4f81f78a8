import { Construct } from 'constructs';
import type { AuditStack } from '../audit/audit-stack.ts';
import { FunctionDoor } from '../functions/function-door.ts';
import { LockstepFunction } from '../functions/lockstep-function.ts';
import { deadLetterQueues, mayLookAtDeadLetters } from '../queues/dead-letter-queues.ts';
import { ledgerAccess } from '../rights/ledger-access.ts';
import { vaultAccess } from '../rights/vault-access.ts';
import type { RotationStack } from '../rotation/rotation-stack.ts';
import { functionArn, type Site } from '../site.ts';

/** Properties of a `ReportFunction`. */
export interface ReportFunctionProps {
  readonly site: Site;
  readonly audit: AuditStack;
  readonly rotation: RotationStack;
}

/** The function that answers questions and changes nothing: the one reader of the audit. */
export class ReportFunction extends Construct {
  readonly door: FunctionDoor;

  constructor(scope: Construct, id: string, { site, audit, rotation }: ReportFunctionProps) {
    super(scope, id);
    const { table } = rotation.ledger;
    const report = new LockstepFunction(this, 'Report', {
      site,
      name: 'report',
      environment: {
        LEDGER_TABLE: table.tableName,
        AUDIT_TABLE: audit.table.table.tableName,
        SEAL_KEY: audit.sealKey.key.keyArn,
        ...audit.headsVariables,
        DEAD_LETTER_QUEUES: deadLetterQueues(site),
      },
      rights: [
        ...ledgerAccess('report', table.tableArn),
        ...audit.mayReadAll(),
        ...vaultAccess(site, 'report'),
        {
          actions: ['secretsmanager:ListSecrets'],
          resources: ['*'],
          because:
            'Secrets Manager lists an account or nothing; names are shown, no value, and undeclared secrets are what is looked for',
        },
        mayLookAtDeadLetters(site),
      ],
    });
    this.door = new FunctionDoor(this, 'Door', {
      to: report.function,
      arn: functionArn(site, 'report'),
      output: 'ReportUrl',
    });
  }
}
