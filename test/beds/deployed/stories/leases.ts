import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { errorAnswer, type Interceptor } from '../../proxy/bed-proxy.ts';
import {
  answers,
  approvalOf,
  hasOwnersRights,
  sessionOf,
  takeLogin,
  tryLogin,
  validUntil,
} from '../lease-logins.ts';
import type { DeployedStage } from '../open-stage.ts';
import { functionOf } from '../recorder.ts';
import { entriesAbout, untilOver } from './lease-outcome.ts';
import { codeOf, refusalOf } from './refusals.ts';
import { until } from './rotation-of.ts';

/** Logins for minutes, of a real PostgreSQL, through everything that was deployed. */
export function leaseStories(stage: () => DeployedStage): void {
  wholeLifeStory(stage);
  refusalStory(stage);
  approvalStory(stage);
  netsStory(stage);
  revokeStory(stage);
}

function wholeLifeStory(stage: () => DeployedStage): void {
  it('an agent leases a login, works with it, renews it and gives it back; then it opens nothing', async () => {
    const broker = stage().brokerOf('research-agent');
    const { leasables, throughProxy, ...known } = await broker.ask('whoami', {});
    expect(known).toMatchObject({ caller: 'agent:research-agent', purposes: ['answer-questions'] });
    expect(new Set(leasables)).toEqual(new Set(['model-session', 'vector-reader']));
    expect(throughProxy).toEqual(['model-session']);
    const { lease, value } = await takeLogin(stage(), 'research-agent', 600);
    expect(lease).toMatchObject({ phase: 'live', holder: 'agent:research-agent', renewals: 0 });
    const session = await sessionOf(stage(), value);
    const { rows } = await session.query('SELECT session_user AS who');
    expect(rows).toEqual([{ who: `lockstep_l_${lease.id}` }]);
    // a reader's rights are all that it has
    expect(await hasOwnersRights(session)).toBe(false);

    const renewed = await broker.ask('renew', { lease: lease.id, ttlSeconds: 900 });
    expect(renewed.lease).toMatchObject({ phase: 'live', renewals: 1 });
    const end = Date.parse(renewed.lease.expiresAt);
    expect(end).toBeGreaterThan(Date.parse(lease.expiresAt));
    expect((await validUntil(stage(), value))?.getTime()).toBeGreaterThan(Date.parse(lease.expiresAt));
    expect((await validUntil(stage(), value))?.getTime()).toBeLessThanOrEqual(end);

    await broker.ask('release', { lease: lease.id });
    await untilOver(stage(), lease, value);
    expect(await answers(session)).toBe(false);
    expect((await broker.ask('leases', {})).leases.map(({ id }) => id)).not.toContain(lease.id);
    expect(await codeOf(broker.ask('renew', { lease: lease.id }))).toBe('LEASE_OVER');

    // what decided it lies in the audit, from intent to outcome
    const made = (await entriesAbout(stage(), lease)).filter(({ action }) => action === 'lease');
    expect(made.map(({ type }) => type)).toEqual(['intent', 'outcome']);
    for (const { who, why } of made) {
      expect(who).toMatchObject({ kind: 'agent', name: 'research-agent', via: 'grant-lease' });
      expect(who.principal).toContain('research-agent');
      expect(why.policies).toEqual(['research-agent-searches-vectors']);
    }
  });
}

function refusalStory(stage: () => DeployedStage): void {
  it('a stranger learns nothing by asking for a lease, an owner is told the rule, and another’s lease is a finding', async () => {
    const [stranger, owner] = [stage().brokerOf('live-test'), stage().brokerOf('rag-api')];
    const wish = (more: object = {}) => ({
      leasable: 'vector-reader',
      requestId: randomUUID(),
      ...more,
    });
    const refused = await refusalOf(stranger.ask('lease', wish()));
    expect(refused.code).toBe('POLICY_DENIED');
    expect(await refusalOf(stranger.ask('lease', wish({ leasable: 'no-such-thing' })))).toEqual(refused);
    expect(await refusalOf(stranger.ask('lease', wish({ ttlSeconds: 1_000_000 })))).toEqual(refused);
    expect(await refusalOf(stranger.ask('lease', wish({ purpose: 'clean-up' })))).toEqual(refused);
    expect((await stranger.ask('whoami', {})).leasables).toEqual([]);
    expect(await codeOf(stage().brokerOf('dependent-1').ask('lease', wish()))).toBe('NOT_BOUND');

    const late = await refusalOf(owner.ask('lease', wish({ ttlSeconds: 901 })));
    expect(late).toMatchObject({ code: 'TTL_REFUSED', message: expect.stringContaining('900') });
    expect(await codeOf(owner.ask('lease', wish({ purpose: 'clean-up' })))).toBe('PURPOSE_REFUSED');

    const { lease, value } = await takeLogin(stage(), 'rag-api', 600);
    const unknown = await refusalOf(stranger.ask('release', { lease: '0'.repeat(26) }));
    expect(await refusalOf(stranger.ask('release', { lease: lease.id }))).toEqual(unknown);
    expect(await refusalOf(stranger.ask('revoke', { by: 'all', reason: 'all of them' }))).toEqual(refused);
    expect(await tryLogin(stage(), value)).toBe('works');
    await until(
      'on-call hears who asked about another’s lease',
      () => stage().onCall.listen(),
      (heard) => heard.some(({ text }) => text.includes(lease.id) && text.includes('live-test')),
    );
    await owner.ask('release', { lease: lease.id });
    await untilOver(stage(), lease, value);
  });
}

function approvalStory(stage: () => DeployedStage): void {
  it('a lease that two people have to agree to is not to be had by one, nor by a person without a second factor', async () => {
    const [owner, person] = [stage().brokerOf('rag-api'), stage().brokerOf('platform-admin')];
    const wish = { leasable: 'vector-owner', requestId: randomUUID() };
    const asked = await owner.ask('lease', wish);
    const approval = approvalOf(asked);
    const { approvals } = await owner.ask('approvals', {});
    expect(approvals).toMatchObject([{ id: approval, needed: 2, holder: 'workload:rag-api' }]);
    // a signature of AWS says nothing of how a person signed in
    expect((await person.ask('approvals', {})).approvals).toEqual([]);
    expect(await codeOf(person.ask('approve', { approval, reason: 'looks right' }))).toBe('POLICY_DENIED');
    expect(approvalOf(await owner.ask('lease', { ...wish, approval }))).toBe(approval);
    expect(await codeOf(person.ask('lease', { ...wish, breakGlass: 'it burns' }))).toBe('POLICY_DENIED');
  });
}

/** No timer is set for a lease of less than a minute, as if the scheduler were away: only this story has any. */
const withoutTimers: Interceptor = (call, pass) =>
  functionOf(call.application) === 'grant-lease' &&
  call.service === 'scheduler' &&
  firesAt(call.parameters['ScheduleExpression']) - Date.now() < 60_000
    ? Promise.resolve(errorAnswer('InternalServerException', 'an error of the test', 500))
    : pass(call);

/** When a schedule fires that is for once: `at(2027-01-01T00:00:00)`, in UTC. */
const firesAt = (expression: unknown): number =>
  Date.parse(`${/^at\((.+)\)$/.exec(String(expression))?.[1] ?? ''}Z`);

function netsStory(stage: () => DeployedStage): void {
  it('a lease ends when its time is over, its open session with it, and the sweeper ends what no timer did', async () => {
    const { faults } = stage();
    const timed = await takeLogin(stage(), 'rag-api', 30);
    const timedSession = await sessionOf(stage(), timed.value);
    faults.push(withoutTimers);
    const forgotten = await takeLogin(stage(), 'rag-api', 30);
    faults.splice(faults.indexOf(withoutTimers), 1);
    const forgottenSession = await sessionOf(stage(), forgotten.value);
    for (const [{ lease, value }, session] of [
      [timed, timedSession],
      [forgotten, forgottenSession],
    ] as const) {
      await untilOver(stage(), lease, value);
      expect(await answers(session)).toBe(false);
      const ended = (await entriesAbout(stage(), lease)).filter(({ action }) => action === 'end-lease');
      expect(ended.at(-1)).toMatchObject({ who: { name: 'sweep-leases' }, why: { reason: 'expired' } });
    }
  });
}

function revokeStory(stage: () => DeployedStage): void {
  it('on-call sees every lease and ends those of one holder, whose open session ends as well', async () => {
    const { lease, value } = await takeLogin(stage(), 'embedder', 600);
    const session = await sessionOf(stage(), value);
    const person = stage().brokerOf('platform-admin');
    const { leases } = await person.ask('leases', { leasable: 'vector-reader' });
    expect(leases.map(({ id }) => id)).toContain(lease.id);
    const revoke = { by: 'principal', name: 'workload:embedder', reason: 'it has been taken over' } as const;
    const { ending, more } = await person.ask('revoke', revoke);
    // one whose answer was lost is ended as well
    expect(ending).toBeGreaterThanOrEqual(1);
    expect(more).toBe(false);
    await untilOver(stage(), lease, value);
    expect(await answers(session)).toBe(false);
    expect(await codeOf(stage().brokerOf('embedder').ask('renew', { lease: lease.id }))).toBe('LEASE_OVER');
  });
}
