import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { LEDGER_TABLE } from '../../../../lambdas/contracts/tables.ts';
import { errorAnswer, type Interceptor } from '../../proxy/bed-proxy.ts';
import { PRINCIPALS } from '../bed-principals.ts';
import type { DeployedStage } from '../open-stage.ts';
import { until } from './rotation-of.ts';

/** From a read to a person, and from a record that is none to nobody. */
export function watchStories(stage: () => DeployedStage): void {
  unboundReadStory(stage);
  refusedReadsStory(stage);
  testPageStory(stage);
  outboxStory(stage);
}

function unboundReadStory(stage: () => DeployedStage): void {
  it('a read out of character becomes a finding, a page, a metric, an alarm, and reaches whoever is on call', async () => {
    const { as, doorOf, onCall, emf } = stage();
    await doorOf('research-agent').read('vector-store');
    const found = await until(
      'there is a finding',
      () => as('platform-admin').query('findings', { credential: 'vector-store' }),
      ({ findings }) => findings.length > 0,
    );
    expect(found.findings).toMatchObject([{ rule: 'unbound-read', credential: 'vector-store' }]);
    const heard = await until(
      'on-call hears of it twice',
      async () => {
        await emf.carry();
        return onCall.listen();
      },
      (all) => all.some(isPage) && all.some(isAlarm),
      400,
    );
    expect(heard.find(isPage)?.text).toContain('research-agent');
    expect(heard.find(isAlarm)?.text).toContain('First command to run');
  });
}

function testPageStory(stage: () => DeployedStage): void {
  it('a test page goes the whole way to whoever is on call', async () => {
    const { as, onCall } = stage();
    await as('platform-admin').order({ order: 'page-test' });
    const heard = await until(
      'the test page is heard',
      () => onCall.listen(),
      (all) => all.some(({ subject }) => subject.includes('test')),
    );
    expect(heard.length).toBeGreaterThan(0);
  });
}

function refusedReadsStory(stage: () => DeployedStage): void {
  it('reads that are refused are counted against whoever tried', async () => {
    const { as, doorOf, faults, emf } = stage();
    // as IAM would answer: the bed lets everybody read
    const refuse: Interceptor = (call, pass) =>
      call.accessKey === PRINCIPALS.embedder.accessKeyId &&
      call.action === 'GetSecretValue' &&
      String(call.parameters['SecretId']).endsWith('/openai-agents')
        ? Promise.resolve(errorAnswer('AccessDeniedException', 'not authorised', 400))
        : pass(call);
    faults.push(refuse);
    for (let attempt = 0; attempt < 12; attempt += 1)
      await doorOf('embedder')
        .read('openai-agents')
        .catch(() => undefined);
    faults.splice(faults.indexOf(refuse), 1);
    await emf.carry();
    const { findings } = await until(
      'the refused reads are a finding',
      () => as('platform-admin').query('findings', { credential: 'openai-agents' }),
      ({ findings: all }) => all.length > 0,
    );
    expect(findings).toMatchObject([{ credential: 'openai-agents' }]);
  });
}

function outboxStory(stage: () => DeployedStage): void {
  it('an item in the outbox that is no event is passed over, and what is committed goes out all the same', async () => {
    const { clients, emf, ledgerTable } = stage();
    await clients.tables.send(
      new PutItemCommand({
        TableName: ledgerTable,
        Item: {
          [LEDGER_TABLE.partitionKey]: { S: LEDGER_TABLE.outboxPartition },
          [LEDGER_TABLE.sortKey]: { S: `9999-01-01T00:00:00.000Z#${randomUUID()}` },
          body: { S: '{"poisoned":true}' },
        },
      }),
    );
    const passedOver = await until(
      'it was seen and passed over',
      async () => {
        await emf.carry();
        return emf.said.filter(({ line }) => line.includes('outbox items that are no events'));
      },
      (lines) => lines.length > 0,
    );
    // what is committed after it still goes out: the other stories would not end otherwise
    expect(passedOver.map(({ line }) => line).join()).not.toContain('poisoned');
  });
}

const isPage = ({ text }: { readonly text: string }): boolean =>
  text.includes('vector-store') && text.includes('not bound');
const isAlarm = ({ subject }: { readonly subject: string }): boolean =>
  subject.startsWith('ALARM') && subject.includes('finding');
