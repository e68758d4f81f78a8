import { LambdaClient } from '@aws-sdk/client-lambda';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { appendAuditClient } from '../../../lambdas/adapters/append-audit-client/append-audit-client.ts';
import { dynamoAuditStore } from '../../../lambdas/adapters/dynamo-audit-store/dynamo-audit-store.ts';
import { appendAudit } from '../../../lambdas/append-audit/append-audit.ts';
import { APPEND_AUDIT_TIMEOUT_SECONDS } from '../../../lambdas/contracts/function-timeouts.ts';
import { AUDIT_TABLE } from '../../../lambdas/contracts/tables.ts';
import { invokeSettings } from '../../../lambdas/shell/client-settings.ts';
import {
  describeAuditAppenderContract,
  describeAuditStoreContract,
  type AuditUnderTest,
} from '../../ports/audit-contract.ts';
import { bedAddresses } from '../launch/bed-addresses.ts';
import { clientAt } from './bed-client.ts';
import { archiveOf, deployFunction } from './bed-function.ts';
import { makeTable } from './bed-tables.ts';

const { dynamodbLocal, ministack, moto } = bedAddresses();

async function auditAt(url: string): Promise<AuditUnderTest & { readonly table: string }> {
  const { client, table, remove } = await makeTable(url, AUDIT_TABLE);
  const store = dynamoAuditStore({ client, table, newId: randomUUID });
  const appender = appendAudit(store, (attempt) => sleep(Math.random() * 20 * attempt));
  return { store, appender, table, cleanUp: remove };
}

const code = archiveOf('append-audit');

/** The function as it is bundled for AWS, run and invoked on the bed. */
async function invokedAudit(): Promise<AuditUnderTest> {
  const { store, table, cleanUp } = await auditAt(ministack);
  const client = new LambdaClient({
    ...clientAt(ministack),
    ...invokeSettings(APPEND_AUDIT_TIMEOUT_SECONDS),
  });
  const { functionName, remove } = await deployFunction(client, code, {
    LOCKSTEP_ENVIRONMENT: 'beds',
    LOCKSTEP_FUNCTION: 'append-audit',
    AUDIT_TABLE: table,
  });
  const pause = (milliseconds: number): Promise<void> => sleep(milliseconds);
  return {
    store,
    appender: appendAuditClient({
      client,
      functionName,
      clock: () => new Date(),
      random: Math.random,
      pause,
    }),
    cleanUp: async () => {
      await remove();
      await cleanUp();
      client.destroy();
    },
  };
}

for (const [name, url] of Object.entries({ 'DynamoDB Local': dynamodbLocal, MiniStack: ministack, moto })) {
  describeAuditStoreContract(`the audit on ${name}`, () => auditAt(url));
  describeAuditAppenderContract(`append-audit over ${name}`, () => auditAt(url));
}

describeAuditAppenderContract('append-audit as a function of MiniStack', invokedAudit);
