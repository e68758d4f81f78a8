import { beforeEach, describe, expect, it } from 'vitest';
import type { Freeze } from '../../lambdas/core/credential.ts';
import type { Cause } from '../../lambdas/core/events.ts';
import type { CredentialState } from '../../lambdas/core/ledger-rows.ts';
import { create, replace } from '../../lambdas/core/ports/ledger.ts';
import type { Phase, Rotation } from '../../lambdas/core/rotation/rotation.ts';
import { LockstepError } from '../../lambdas/core/errors.ts';
import {
  admitRotation,
  tokenFor,
  type AdmissionPorts,
  type RotationWish,
} from '../../lambdas/request-rotation/admit-rotation.ts';
import { aRotation } from '../core/rotation/a-rotation.ts';
import { countedIds } from '../fakes/counted-ids.ts';
import { CountingMetrics } from '../fakes/counting-metrics.ts';
import { FakeClock } from '../fakes/fake-clock.ts';
import { MemoryAudit } from '../fakes/memory-audit.ts';
import { MemoryLedger } from '../fakes/memory-ledger.ts';
import { codeOf } from '../ports/under-test.ts';
import { inventoryOf } from '../simulation/cast.ts';

let clock: FakeClock;
let ledger: MemoryLedger;
let audit: MemoryAudit;
let metrics: CountingMetrics;
let freezes: readonly Freeze[];
let ports: AdmissionPorts;

beforeEach(() => {
  [clock, ledger, audit, metrics] = [
    new FakeClock(),
    new MemoryLedger(),
    new MemoryAudit(),
    new CountingMetrics(),
  ];
  freezes = [];
  const inventory = inventoryOf({
    habits: { store: ['prompt'] },
    onDeadline: 'hold-and-page',
    mintsReversibly: false,
  });
  ports = {
    get inventory() {
      return { ...inventory, freezes };
    },
    ledger,
    audit: audit.appender,
    metrics,
    clock: clock.now,
    newId: countedIds(),
  };
});

const adoptedAt = '2025-01-01T00:00:00.000Z';

/** What the ledger knows of a credential, and the rotation that is under way where one is. */
async function known(state: Partial<CredentialState> = {}, phase?: Phase, name = 'store'): Promise<void> {
  const active = phase === undefined ? {} : { active: 'running' };
  await ledger.commit([
    create('credential', name, 'state', { fence: 3, adoptedAt, current: 'v1', ...active, ...state }),
    ...(phase === undefined
      ? []
      : [create('rotation', name, 'running', aRotation(phase, { credential: name, token: 'running' }))]),
  ]);
}

const wish = (cause: Cause, requestId = 'a request', credential = 'store'): RotationWish => ({
  credential,
  cause,
  requestedBy: 'somebody',
  requestId,
  reason: 'a test',
});
const asked = (cause: Cause, requestId?: string) => admitRotation(ports, wish(cause, requestId));
const rotationOf = async (token: string, name = 'store'): Promise<Rotation | undefined> =>
  (await ledger.read('rotation', name, token))?.body;

describe('a rotation that is admitted', () => {
  it('is a row, the next fence, and an event to start it, in one commit behind a decision in the audit', async () => {
    await known();
    const answer = await asked('operator');
    const token = tokenFor({ credential: 'store', requestId: 'a request' });
    expect(answer).toMatchObject({
      admitted: true,
      rotation: { token, phase: 'requested', fence: 4, cause: 'operator', requestedBy: 'somebody' },
    });
    expect((await ledger.read('credential', 'store', 'state'))?.body).toMatchObject({
      active: token,
      fence: 4,
    });
    expect(await ledger.pending(10)).toMatchObject([
      { type: 'rotation.requested', detail: { credential: 'store', rotation: token } },
    ]);
    expect(audit.entries('store')).toMatchObject([
      { type: 'decision', action: 'request', what: { rotation: token }, why: { reason: 'a test' } },
    ]);
  });

  it('is begun once, however often the request comes, also when it has long ended', async () => {
    await known();
    const [first, second] = await Promise.all([asked('operator'), asked('operator')]);
    expect(second).toEqual(first);
    const row = await ledger.read('rotation', 'store', tokenFor(wish('operator')));
    if (row) await ledger.commit([replace(row, { ...row.body, phase: 'retired' })]);
    expect(await asked('operator')).toMatchObject({ admitted: true, rotation: { phase: 'retired' } });
    expect(ledger.rows('rotation')).toHaveLength(1);
  });

  it('has a token that Secrets Manager takes, of its own for each request and credential', () => {
    const token = tokenFor(wish('operator'));
    expect(token).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(tokenFor(wish('operator', 'another request'))).not.toBe(token);
    expect(tokenFor(wish('operator', 'a request', 'queue'))).not.toBe(token);
  });

  it('is the only one of two requests at once', async () => {
    await known();
    const answers = await Promise.all([asked('operator', 'one'), asked('cadence', 'another')]);
    expect(answers.filter(({ admitted }) => admitted)).toHaveLength(1);
    expect(answers.filter((each) => !each.admitted)).toMatchObject([{ code: 'PREDECESSOR_IN_USE' }]);
  });

  it('waits for the audit', async () => {
    await known();
    ports = {
      ...ports,
      audit: { append: () => Promise.reject(new LockstepError('AUDIT_UNAVAILABLE', 'no answer')) },
    };
    expect(await codeOf(asked('operator'))).toBe('AUDIT_UNAVAILABLE');
    expect(ledger.rows('rotation')).toEqual([]);
    expect(await asked('breach')).toMatchObject({ admitted: true });
  });
});

describe('a rotation is refused before any effect', () => {
  const hold = { by: 'ops', reason: 'release day', since: adoptedAt };

  it.each([
    ['NOT_ADOPTED', (): Promise<void> => Promise.resolve()],
    ['HELD', (): Promise<void> => known({ hold })],
    ['PREDECESSOR_IN_USE', (): Promise<void> => known({}, 'adopting')],
    ['PREDECESSOR_IN_USE', (): Promise<void> => known({}, 'rolling-back')],
  ] as const)('as %s, recorded once, counted each time', async (code, prepare) => {
    await prepare();
    const answer = await asked('cadence');
    expect(answer).toMatchObject({ admitted: false, code });
    expect(await asked('cadence')).toMatchObject({ admitted: false, code });
    expect(ledger.rows('refusal')).toMatchObject([{ id: 'a request', body: { code, by: 'somebody' } }]);
    expect(audit.entries('store')).toMatchObject([{ type: 'refusal', result: { outcome: 'refused', code } }]);
    expect(metrics.total('lockstep_rotations_refused', { code })).toBe(2);
    expect(await ledger.pending(10)).toEqual([]);
  });

  it('during a freeze, from its first moment to its last', async () => {
    await known();
    const [from, until] = ['2026-01-01T00:00:10.000Z', '2026-01-01T00:00:20.000Z'];
    freezes = [{ from, until, reason: 'year end' }];
    const codes: string[] = [];
    for (const second of [9, 10, 19, 20]) {
      await clock.advance(second - (clock.now().getTime() - Date.parse('2026-01-01T00:00:00.000Z')) / 1000);
      const answer = await asked('cadence', `at ${second}`);
      codes.push(answer.admitted ? 'admitted' : answer.code);
      if (answer.admitted) await freeTheCredential();
    }
    expect(codes).toEqual(['admitted', 'FROZEN', 'FROZEN', 'admitted']);
  });

  it('and may be admitted by the same request later', async () => {
    await known({ hold });
    await asked('cadence');
    const row = await ledger.read('credential', 'store', 'state');
    if (row) await ledger.commit([replace(row, { fence: 3, adoptedAt })]);
    expect(await asked('cadence')).toMatchObject({ admitted: true });
  });
});

async function freeTheCredential(): Promise<void> {
  const row = await ledger.read('credential', 'store', 'state');
  if (row) await ledger.commit([replace(row, { fence: row.body.fence, adoptedAt })]);
}

describe('a rotation that answers a breach', () => {
  it.each([
    ['adopting', 'retired'],
    ['disabled', 'retired'],
    ['verified', 'abandoned'],
    ['rolling-back', 'rolled-back'],
  ] as const)(
    'passes hold, freeze and a rotation that is %s, which is %s from then on',
    async (phase, ended) => {
      await known({ hold: { by: 'ops', reason: 'x', since: adoptedAt } }, phase);
      freezes = [{ from: '2000-01-01T00:00:00.000Z', until: '2100-01-01T00:00:00.000Z', reason: 'always' }];
      expect(await asked('breach')).toMatchObject({
        admitted: true,
        rotation: { cause: 'breach', fence: 4 },
      });
      expect(await rotationOf('running')).toMatchObject({ phase: ended, endedBecause: 'breach' });
      expect((await ledger.read('credential', 'store', 'state'))?.body.active).toBe(tokenFor(wish('breach')));
    },
  );

  it('is not begun for what nobody has adopted', async () => {
    expect(await asked('breach')).toMatchObject({ admitted: false, code: 'NOT_ADOPTED' });
  });

  it('is the one under way where that changes its account in place: its pending value may be all there is', async () => {
    await known({}, 'installed', 'db-admin');
    const running = await ledger.read('rotation', 'db-admin', 'running');
    if (running) await ledger.commit([replace(running, { ...running.body, strategy: 'in-place' })]);
    const answer = await admitRotation(ports, wish('breach', 'a leak', 'db-admin'));
    expect(answer).toMatchObject({ admitted: true, rotation: { token: 'running', phase: 'installed' } });
    expect(await ledger.pending(10)).toMatchObject([
      { type: 'rotation.requested', detail: { rotation: 'running' } },
    ]);
    expect(ledger.rows('rotation')).toHaveLength(1);
  });
});
