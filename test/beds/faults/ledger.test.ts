import { expect, it } from 'vitest';
import type { CredentialState } from '../../../lambdas/core/ledger-rows.ts';
import { create, replace, type LedgerRow } from '../../../lambdas/core/ports/ledger.ts';
import { anAdvance } from '../../fakes/an-event.ts';
import { codeOf } from '../../ports/under-test.ts';
import { bedAddresses } from '../launch/bed-addresses.ts';
import { errorAnswer, jsonAnswer, type Interceptor } from '../proxy/bed-proxy.ts';
import { describeFaults, type FaultCase } from './describe-faults.ts';
import { ledgerUnderFaults, type LedgerUnderFaults } from './ledger-under-faults.ts';

const NAME = 'vector-store';
const state = (fence: number): CredentialState => ({ fence });

const stateRow = async ({ ledger }: LedgerUnderFaults): Promise<LedgerRow<'credential'>> => {
  const row = await ledger.read('credential', NAME, 'state');
  if (row) return row;
  throw new TypeError('the row was written');
};

const withRow = ({ ledger }: LedgerUnderFaults): Promise<void> =>
  ledger.commit([create('credential', NAME, 'state', state(1))], [anAdvance(1)]);

/** What a caller does who meets a conflict: he may have met himself, so he reads again before he decides again. */
async function raiseFence(subject: LedgerUnderFaults): Promise<void> {
  const row = await stateRow(subject);
  if (row.body.fence === 2) return;
  await subject.ledger.commit([replace(row, state(2))], [anAdvance(2)]);
}

const CASES: readonly FaultCase<LedgerUnderFaults>[] = [
  {
    name: 'a commit',
    action: 'TransactWriteItems',
    code: 'LEDGER_UNAVAILABLE',
    attempts: 3,
    prepare: withRow,
    run: raiseFence,
    check: async (subject) => {
      expect(await stateRow(subject)).toMatchObject({ revision: 2, body: state(2) });
      expect(await subject.outbox.pending(10)).toEqual([anAdvance(1), anAdvance(2)]);
    },
  },
  {
    name: 'a read',
    action: 'GetItem',
    code: 'LEDGER_UNAVAILABLE',
    attempts: 3,
    prepare: withRow,
    run: stateRow,
    check: async (_subject, answer) => expect(answer).toMatchObject({ revision: 1, body: state(1) }),
  },
  {
    name: 'a list',
    action: 'Query',
    code: 'LEDGER_UNAVAILABLE',
    attempts: 3,
    prepare: withRow,
    run: ({ ledger }) => ledger.list('credential', NAME),
    check: async (_subject, answer) => expect(answer).toHaveLength(1),
  },
  {
    name: 'looking into the outbox',
    action: 'Query',
    code: 'LEDGER_UNAVAILABLE',
    attempts: 3,
    prepare: withRow,
    run: ({ outbox }) => outbox.pending(10),
    check: async (_subject, answer) => expect(answer).toEqual([anAdvance(1)]),
  },
  {
    name: 'emptying the outbox',
    action: 'BatchWriteItem',
    code: 'LEDGER_UNAVAILABLE',
    attempts: 3,
    prepare: withRow,
    run: ({ outbox }) => outbox.markPublished(['event-1']),
    check: async ({ outbox }) => expect(await outbox.pending(10)).toEqual([]),
  },
];

const { dynamodbLocal } = bedAddresses();
const make = (isImpatient: boolean): Promise<LedgerUnderFaults> =>
  ledgerUnderFaults(dynamodbLocal, isImpatient);

describeFaults('the ledger', make, CASES);

/** A ledger for one test. */
const withLedger = (work: (subject: LedgerUnderFaults) => Promise<void>) => async (): Promise<void> => {
  const subject = await make(false);
  try {
    await work(subject);
  } finally {
    await subject.cleanUp();
  }
};

it(
  'meets its own commit as a conflict where all of its answers were lost, and nothing is written twice',
  withLedger(async (subject) => {
    await withRow(subject);
    const row = await stateRow(subject);
    subject.bed.plan('TransactWriteItems', 'cut-after', Number.POSITIVE_INFINITY);
    expect(await codeOf(subject.ledger.commit([replace(row, state(2))], [anAdvance(2)]))).toBe(
      'LEDGER_UNAVAILABLE',
    );
    subject.bed.mend();
    expect(await codeOf(subject.ledger.commit([replace(row, state(2))], [anAdvance(3)]))).toBe(
      'LEDGER_CONFLICT',
    );
    expect(await stateRow(subject)).toMatchObject({ revision: 2 });
    expect(await subject.outbox.pending(10)).toEqual([anAdvance(1), anAdvance(2)]);
  }),
);

it(
  'waits for another transaction at the same row, four times, and then has its caller read again',
  withLedger(async (subject) => {
    const inProgress: Interceptor = async () =>
      jsonError('TransactionCanceledException', [{ Code: 'TransactionConflict' }]);
    subject.bed.plan('TransactWriteItems', inProgress, 3);
    await withRow(subject);
    expect(subject.bed.calls('TransactWriteItems')).toHaveLength(4);
    subject.bed.plan('TransactWriteItems', inProgress, Number.POSITIVE_INFINITY);
    expect(await codeOf(raiseFence(subject))).toBe('LEDGER_CONFLICT');
    expect(subject.bed.calls('TransactWriteItems')).toHaveLength(8);
  }),
);

it(
  'has a repeat wait that comes while its first attempt is still at work',
  withLedger(async (subject) => {
    const busy: Interceptor = async () => errorAnswer('TransactionInProgressException', 'in progress');
    subject.bed.plan('TransactWriteItems', 'cut-after');
    subject.bed.plan('TransactWriteItems', busy);
    await withRow(subject);
    expect(subject.bed.calls('TransactWriteItems')).toHaveLength(3);
    expect(await stateRow(subject)).toMatchObject({ revision: 1 });
  }),
);

it(
  'says that it is unknown where the table is throttled in the middle of a transaction',
  withLedger(async (subject) => {
    const throttled: Interceptor = async () =>
      jsonError('TransactionCanceledException', [{ Code: 'None' }, { Code: 'ThrottlingError' }]);
    subject.bed.plan('TransactWriteItems', throttled);
    expect(await codeOf(withRow(subject))).toBe('LEDGER_UNAVAILABLE');
    await withRow(subject);
  }),
);

it(
  'reads what was written last, never what is shown later',
  withLedger(async (subject) => {
    await withRow(subject);
    await stateRow(subject);
    await subject.ledger.list('credential', NAME);
    await subject.outbox.pending(1);
    for (const action of ['GetItem', 'Query'])
      for (const { parameters } of subject.bed.calls(action)) expect(parameters['ConsistentRead']).toBe(true);
  }),
);

it(
  'keeps what a busy table did not take out of the outbox, and says so',
  withLedger(async (subject) => {
    await withRow(subject);
    const left: Interceptor = async ({ parameters }) =>
      jsonAnswer(200, { UnprocessedItems: parameters['RequestItems'] });
    subject.bed.plan('BatchWriteItem', left);
    expect(await codeOf(subject.outbox.markPublished(['event-1']))).toBe('LEDGER_UNAVAILABLE');
    expect(await subject.outbox.pending(10)).toEqual([anAdvance(1)]);
    await subject.outbox.markPublished(['event-1']);
    expect(await subject.outbox.pending(10)).toEqual([]);
  }),
);

/** A cancelled transaction, with its reasons item by item. */
function jsonError(name: string, reasons: readonly { readonly Code: string }[]) {
  const { headers, status } = errorAnswer(name, 'cancelled');
  const content = { __type: name, message: 'cancelled', CancellationReasons: reasons };
  return { status, headers, body: Buffer.from(JSON.stringify(content)) };
}
