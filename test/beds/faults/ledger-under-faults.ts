import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { dynamoLedger } from '../../../lambdas/adapters/dynamo-ledger/dynamo-ledger.ts';
import { dynamoOutbox } from '../../../lambdas/adapters/dynamo-ledger/dynamo-outbox.ts';
import { LEDGER_TABLE } from '../../../lambdas/contracts/tables.ts';
import type { Ledger, Outbox } from '../../../lambdas/core/ports/ledger.ts';
import { clientAt } from '../ports/bed-client.ts';
import { makeTable } from '../ports/bed-tables.ts';
import type { FaultsUnderTest } from './describe-faults.ts';
import { startFaultyBed } from './faulty-bed.ts';
import { impatient } from './impatient.ts';

/** The adapter on a table of its own, and a bed that fails as planned. */
export interface LedgerUnderFaults extends FaultsUnderTest {
  readonly ledger: Ledger;
  readonly outbox: Outbox;
  readonly client: DynamoDBClient;
  readonly table: string;
}

/** Makes one. */
export async function ledgerUnderFaults(bedUrl: string, isImpatient: boolean): Promise<LedgerUnderFaults> {
  const bed = await startFaultyBed(bedUrl);
  const { table, remove } = await makeTable(bedUrl, LEDGER_TABLE);
  const settings = clientAt(bed.url);
  const client = new DynamoDBClient(isImpatient ? impatient(settings) : settings);
  const pause = (milliseconds: number): Promise<void> => sleep(milliseconds);
  const ledger = dynamoLedger({ client, table, newId: randomUUID, random: Math.random, pause });
  const cleanUp = async (): Promise<void> => {
    await remove();
    client.destroy();
    await bed.close();
  };
  return { bed, ledger, outbox: dynamoOutbox({ client, table }), client, table, cleanUp };
}
