import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import type { AccessConnection } from '../../../../client/access/access-connection.ts';
import { asPerson, nameOf, tokenOf } from '../bed-people.ts';
import { answers, handedOver, hasOwnersRights, sessionOf } from '../lease-logins.ts';
import type { DeployedStage } from '../open-stage.ts';
import { entriesAbout, untilOver } from './lease-outcome.ts';
import { codeOf, refusalOf } from './refusals.ts';
import { until } from './rotation-of.ts';

const REASON = 'INC-8: it burns, and nobody answers';

/** The way in without anybody's word: for whom policy lets, heard at once, and looked at by somebody else. */
export function brokenGlassStory(stage: () => DeployedStage): void {
  it('a person on call breaks the glass, on-call hears of it at once, and somebody else reviews it', async () => {
    const [ben, cleo] = [asPerson(stage(), 'ben'), asPerson(stage(), 'cleo')];
    const broken = () => ({
      leasable: 'vector-owner',
      requestId: randomUUID(),
      ttlSeconds: 300,
      breakGlass: REASON,
    });
    for (const other of [asPerson(stage(), 'ada'), asPerson(stage(), 'ben', { mfa: false })])
      expect(await codeOf(other.ask('lease', broken()))).toBe('POLICY_DENIED');

    const { lease, value } = handedOver(stage(), await ben.ask('lease', broken()));
    expect(lease.breakGlass).toEqual({ reason: REASON });
    const session = await sessionOf(stage(), value);
    expect(await hasOwnersRights(session)).toBe(true);
    const heard = await until(
      'on-call hears that the glass was broken',
      () => stage().onCall.listen(),
      (all) => all.some(({ text }) => text.includes(lease.id) && text.includes('INC-8')),
    );
    const page = heard.find(({ text }) => text.includes(lease.id));
    expect(`${page?.subject} ${page?.text}`).toContain('the glass was broken');

    expect(await toReview(ben)).not.toContain(lease.id);
    expect(await toReview(cleo)).toContain(lease.id);
    expect(await toReview(asPerson(stage(), 'dora'))).not.toContain(lease.id);
    expect(await codeOf(ben.ask('renew', { lease: lease.id, ttlSeconds: 600 }))).toBe('APPROVAL_REFUSED');
    await reviewedBySomebodyElse(stage(), lease.id);
    expect(await toReview(cleo)).not.toContain(lease.id);

    await ben.ask('release', { lease: lease.id });
    await untilOver(stage(), lease, value);
    expect(await answers(session)).toBe(false);
    const entries = await entriesAbout(stage(), lease);
    const [glass, made] = ['break-glass', 'lease'].map((wanted) =>
      entries.findIndex(({ action }) => action === wanted),
    );
    expect(glass).toBeGreaterThanOrEqual(0);
    expect(glass).toBeLessThan(made ?? -1);
    const reviewed = entries.filter(({ action, type }) => action === 'review' && type === 'outcome');
    expect(reviewed.map(({ who }) => who.name)).toEqual([nameOf(stage(), 'cleo')]);
  });
}

const toReview = async (somebody: AccessConnection): Promise<readonly string[]> =>
  ((await somebody.ask('approvals', {})).reviews ?? []).map(({ lease }) => lease);

async function reviewedBySomebodyElse(stage: DeployedStage, lease: string): Promise<void> {
  const note = 'looked at the statements, all there';
  const own = await refusalOf(asPerson(stage, 'ben').ask('review', { lease, note }));
  expect(own).toMatchObject({ code: 'APPROVAL_REFUSED', message: expect.stringContaining('your own') });
  expect(await codeOf(asPerson(stage, 'dora').ask('review', { lease, note }))).toBe('POLICY_DENIED');
  const byCleo = async (command: string, ...args: readonly string[]) =>
    stage.cli.runBy(await tokenOf(stage, 'cleo'), command, ...args);
  const waiting = await byCleo('approvals');
  expect(waiting).toMatchObject({ code: 0, errors: '' });
  expect(waiting.output).toContain(lease);
  expect(await byCleo('review', lease, '--note', note)).toMatchObject({ code: 0, errors: '' });
}
