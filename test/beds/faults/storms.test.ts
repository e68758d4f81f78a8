import { afterEach, beforeEach, expect, it } from 'vitest';
import { setTimeout as sleep } from 'node:timers/promises';
import { isLockstepError } from '../../../lambdas/core/errors.ts';
import { withLock } from '../../../lambdas/core/lock/credential-lock.ts';
import type { CredentialState } from '../../../lambdas/core/ledger-rows.ts';
import { create, replace } from '../../../lambdas/core/ports/ledger.ts';
import { takeWritesOfStart } from '../../../lambdas/core/rotation/take-vault-writes.ts';
import { VAULT_WRITES_PER_SECOND } from '../../../lambdas/core/rotation/write-budget.ts';
import { anAdvance } from '../../fakes/an-event.ts';
import { CountingMetrics } from '../../fakes/counting-metrics.ts';
import { codeOf } from '../../ports/under-test.ts';
import { bedAddresses } from '../launch/bed-addresses.ts';
import { ledgerUnderFaults, type LedgerUnderFaults } from './ledger-under-faults.ts';

/* Many writers at one row of a real DynamoDB engine: conditions that fail, transactions that meet. */

let subject: LedgerUnderFaults;
beforeEach(async () => {
  subject = await ledgerUnderFaults(bedAddresses().dynamodbLocal, false);
});
afterEach(() => subject.cleanUp());

const WRITERS = 15;
const NAME = 'vector-store';
const clock = (): Date => new Date();

/** Reads, decides and writes until it has written: what every caller of the ledger does with a conflict. */
async function increment(number: number): Promise<number> {
  for (let tries = 1; ; tries += 1) {
    const row = await subject.ledger.read('credential', NAME, 'state');
    if (!row) throw new TypeError('the row was written');
    const body: CredentialState = { fence: row.body.fence + 1 };
    const code = await codeOf(subject.ledger.commit([replace(row, body)], [anAdvance(number)]));
    if (code === 'none') return tries;
    expect(code).toBe('LEDGER_CONFLICT');
  }
}

it('lets every one of many writers of one row write once, with its event', async () => {
  await subject.ledger.commit([create('credential', NAME, 'state', { fence: 0 })]);
  const numbers = Array.from({ length: WRITERS }, (_, index) => index + 1);
  await Promise.all(numbers.map(increment));
  expect(await subject.ledger.read('credential', NAME, 'state')).toMatchObject({
    revision: WRITERS + 1,
    body: { fence: WRITERS },
  });
  expect(await subject.outbox.pending(100)).toEqual(numbers.map((number) => anAdvance(number)));
});

it('lets one of many create a row', async () => {
  const creating = Array.from({ length: WRITERS }, (_, index) =>
    codeOf(subject.ledger.commit([create('credential', NAME, 'state', { fence: index })])),
  );
  const codes = await Promise.all(creating);
  expect(codes.filter((code) => code === 'none')).toHaveLength(1);
  expect(codes.filter((code) => code === 'LEDGER_CONFLICT')).toHaveLength(WRITERS - 1);
});

it('gives a lock to one holder at a time, however many want it', async () => {
  const inside = { now: 0, most: 0, times: 0 };
  const once = async (holder: string): Promise<void> => {
    for (;;) {
      try {
        return await withLock(subject.ledger, clock, [NAME], { holder, seconds: 60 }, async () => {
          inside.now += 1;
          inside.times += 1;
          inside.most = Math.max(inside.most, inside.now);
          await sleep(2);
          inside.now -= 1;
        });
      } catch (error) {
        if (!isLockstepError(error, 'LOCK_HELD')) throw error;
        await sleep(Math.random() * 40);
      }
    }
  };
  await Promise.all(Array.from({ length: 12 }, (_, index) => once(`holder-${index}`)));
  expect(inside).toMatchObject({ most: 1, times: 12 });
});

it('lets a storm of starts take writes at the pace of the budget: no turn is had twice', async () => {
  const ports = {
    ledger: subject.ledger,
    clock,
    metrics: new CountingMetrics(),
    sleep: (milliseconds: number) => sleep(milliseconds),
    vaultWritesPerSecond: VAULT_WRITES_PER_SECOND,
  };
  const [begunAt, starts] = [Date.now(), 25];
  const start = async (): Promise<void> => {
    for (;;) {
      const code = await codeOf(takeWritesOfStart(ports, 2));
      if (code === 'none') return;
      expect(code).toBe('NOT_YET');
      await sleep(200 + Math.random() * 400);
    }
  };
  await Promise.all(Array.from({ length: starts }, start));
  const budget = await subject.ledger.read('budget', 'vault', 'writes');
  const taken = Date.parse(budget?.body.ordinaryFrom ?? '') - begunAt;
  expect(taken).toBeGreaterThanOrEqual((2000 * starts) / VAULT_WRITES_PER_SECOND);
  expect(ports.metrics.total('lockstep_vault_writes', { outcome: 'taken' })).toBe(2 * starts);
});
