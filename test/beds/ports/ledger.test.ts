import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { dynamoLedger } from '../../../lambdas/adapters/dynamo-ledger/dynamo-ledger.ts';
import { dynamoOutbox } from '../../../lambdas/adapters/dynamo-ledger/dynamo-outbox.ts';
import { LEDGER_TABLE } from '../../../lambdas/contracts/tables.ts';
import { describeLedgerContract, type LedgerUnderTest } from '../../ports/ledger-contract.ts';
import { bedAddresses } from '../launch/bed-addresses.ts';
import { makeTable } from './bed-tables.ts';

async function ledgerAt(url: string): Promise<LedgerUnderTest> {
  const { client, table, remove } = await makeTable(url, LEDGER_TABLE);
  const pause = (milliseconds: number): Promise<void> => sleep(milliseconds);
  const ledger = dynamoLedger({ client, table, newId: randomUUID, random: Math.random, pause });
  return { ledger, outbox: dynamoOutbox({ client, table }), cleanUp: remove };
}

const { dynamodbLocal, ministack, moto } = bedAddresses();

describeLedgerContract('the ledger on DynamoDB Local', () => ledgerAt(dynamodbLocal));
describeLedgerContract('the ledger on MiniStack', () => ledgerAt(ministack));
describeLedgerContract('the ledger on moto', () => ledgerAt(moto));
