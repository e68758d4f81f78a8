import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { dynamoLedger } from '../../../lambdas/adapters/dynamo-ledger/dynamo-ledger.ts';
import type { Ledger } from '../../../lambdas/core/ports/ledger.ts';
import type { DeployedStage } from './open-stage.ts';

/** The ledger as it lies in its table, for a story that looks behind the functions. */
export const ledgerOf = ({ clients, ledgerTable }: DeployedStage): Ledger =>
  dynamoLedger({
    client: clients.tables,
    table: ledgerTable,
    newId: randomUUID,
    random: Math.random,
    pause: sleep,
  });
