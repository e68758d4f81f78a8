import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import type { AccessConnection } from '../../../../client/access/access-connection.ts';
import type { AccessAnswers } from '../../../../lambdas/contracts/access-requests.ts';
import { replace } from '../../../../lambdas/core/ports/ledger.ts';
import { instant } from '../../../../lambdas/core/time.ts';
import { ledgerOf } from '../bed-ledger.ts';
import { asPerson, nameOf, tokenOf } from '../bed-people.ts';
import { answers, approvalOf, handedOver, hasOwnersRights, sessionOf } from '../lease-logins.ts';
import type { DeployedStage } from '../open-stage.ts';
import { entriesAbout, untilOver } from './lease-outcome.ts';
import { allAtOnce, codeOf, refusalOf } from './refusals.ts';
import { until } from './rotation-of.ts';

/** What one person may not have alone: others agree, by tokens, to one request. */
export function approvalStories(stage: () => DeployedStage): void {
  twoAgreeStory(stage);
  noWordStory(stage);
}

/** A login as the owner of the database, which two others have to agree to. */
const owner = () => ({ leasable: 'vector-owner', requestId: randomUUID(), ttlSeconds: 300 });

function twoAgreeStory(stage: () => DeployedStage): void {
  it('two people on call agree to what a third one asks for, who has exactly that, once', async () => {
    const [ada, ben] = [asPerson(stage(), 'ada'), asPerson(stage(), 'ben')];
    const wish = owner();
    const approval = approvalOf(await ada.ask('lease', wish));
    await until(
      'on-call hears what is asked for',
      () => stage().onCall.listen(),
      (heard) => heard.some(({ text }) => text.includes(`lockstep approve ${approval}`)),
    );
    await seenByThoseWhoMayDecide(stage(), approval);
    await refusedToThoseWhoMayNot(stage(), approval);

    const yes = { approval, reason: 'seen with Ada' };
    expect(await ben.ask('approve', yes)).toEqual({ approved: 1, needed: 2 });
    // a person counts once, and one is not enough
    expect(await ben.ask('approve', yes)).toEqual({ approved: 1, needed: 2 });
    expect(approvalOf(await ada.ask('lease', { ...wish, approval }))).toBe(approval);
    await agreeByCommandLine(stage(), approval);

    await onlyForThatRequest(stage(), { ...wish, approval });
    const asked = await allAtOnce([1, 2, 3].map(() => ada.ask('lease', { ...wish, approval })));
    const [issued, ...others] = asked.answered.map((reply) => handedOver(stage(), reply));
    expect(others).toEqual([]);
    if (!issued) throw new Error(`nothing was handed over: ${asked.refused.join(', ')}`);
    const { lease, value } = issued;
    const session = await sessionOf(stage(), value);
    expect(await hasOwnersRights(session)).toBe(true);

    expect(await codeOf(ada.ask('lease', { ...wish, approval }))).toBe('ALREADY_HANDED_OVER');
    await onlyForThatRequest(stage(), { ...wish, approval });
    expect(await codeOf(ada.ask('renew', { lease: lease.id, ttlSeconds: 600 }))).toBe('APPROVAL_REFUSED');
    expect(await refusalOf(asPerson(stage(), 'cleo').ask('approve', yes))).toMatchObject({
      code: 'APPROVAL_REFUSED',
      message: expect.stringContaining(lease.id),
    });
    expect(await seenBy(ben)).not.toContain(approval);

    await ada.ask('release', { lease: lease.id });
    await untilOver(stage(), lease, value);
    expect(await answers(session)).toBe(false);
    await isOnRecord(stage(), approval, lease);
  });
}

const seenBy = async (somebody: AccessConnection): Promise<readonly string[]> =>
  (await somebody.ask('approvals', {})).approvals.map(({ id }) => id);

async function seenByThoseWhoMayDecide(stage: DeployedStage, approval: string): Promise<void> {
  expect(await seenBy(asPerson(stage, 'ben'))).toContain(approval);
  expect(await seenBy(asPerson(stage, 'ben', { mfa: false }))).not.toContain(approval);
  expect(await seenBy(asPerson(stage, 'dora'))).not.toContain(approval);
}

async function refusedToThoseWhoMayNot(stage: DeployedStage, approval: string): Promise<void> {
  const word = { approval, reason: 'looks right' };
  const own = await refusalOf(asPerson(stage, 'ada').ask('approve', word));
  expect(own).toMatchObject({ code: 'APPROVAL_REFUSED', message: expect.stringContaining('your own') });
  expect(await codeOf(asPerson(stage, 'ben', { mfa: false }).ask('approve', word))).toBe('POLICY_DENIED');
  // whoever has no say is told the same of what there is and of what there is not
  const dora = asPerson(stage, 'dora');
  const told = await refusalOf(dora.ask('approve', word));
  expect(told.code).toBe('POLICY_DENIED');
  expect(await refusalOf(dora.ask('deny', word))).toEqual(told);
  expect(await refusalOf(dora.ask('approve', { ...word, approval: randomUUID() }))).toEqual(told);
}

/** The second of two, who sits at a command line and has a token in a file. */
async function agreeByCommandLine(stage: DeployedStage, approval: string): Promise<void> {
  const listed = await stage.cli.runBy(await tokenOf(stage, 'cleo'), 'approvals', '--json');
  expect(listed).toMatchObject({ code: 0, errors: '' });
  const { approvals } = JSON.parse(listed.output) as AccessAnswers['approvals'];
  const [found] = approvals.filter(({ id }) => id === approval);
  expect(found).toMatchObject({
    leasable: 'vector-owner',
    holder: `person:${nameOf(stage, 'ada')}`,
    approvedBy: [{ person: nameOf(stage, 'ben'), reason: 'seen with Ada' }],
  });
  const said = ['--reason', 'INC-7, agreed in the channel'];
  const approved = await stage.cli.runBy(await tokenOf(stage, 'cleo'), 'approve', approval, ...said);
  expect(approved).toMatchObject({ code: 0, errors: '' });
  expect(approved.output).toContain('approved by 2 of 2');
}

/** An approval is worth nothing for anything but what people saw, nor to anybody else. */
async function onlyForThatRequest(
  stage: DeployedStage,
  wish: ReturnType<typeof owner> & { readonly approval: string },
): Promise<void> {
  const ada = asPerson(stage, 'ada');
  for (const other of [{ ttlSeconds: 301 }, { requestId: randomUUID() }])
    expect(await codeOf(ada.ask('lease', { ...wish, ...other }))).toBe('APPROVAL_REFUSED');
  expect(await codeOf(asPerson(stage, 'cleo').ask('lease', wish))).toBe('APPROVAL_REFUSED');
}

async function isOnRecord(
  stage: DeployedStage,
  approval: string,
  lease: { readonly id: string; readonly leasable: string },
): Promise<void> {
  const { records } = await stage.as('platform-admin').query('history', { credential: lease.leasable });
  const about = records.map(({ entry }) => entry).filter(({ what }) => what.approval === approval);
  const agreed = about.filter(({ action, type }) => action === 'approve' && type === 'outcome');
  expect(agreed.map(({ who }) => who.name)).toEqual([nameOf(stage, 'ben'), nameOf(stage, 'cleo')]);
  expect(about.some(({ action }) => action === 'ask-approval')).toBe(true);
  const made = (await entriesAbout(stage, lease)).filter(({ action }) => action === 'lease');
  expect(made.map(({ type }) => type)).toEqual(['intent', 'outcome']);
}

function noWordStory(stage: () => DeployedStage): void {
  it('what was denied, and what people agreed to an hour ago, is not to be had', async () => {
    const [ben, cleo] = [asPerson(stage(), 'ben'), asPerson(stage(), 'cleo')];
    const ada = asPerson(stage(), 'ada');
    const denied = owner();
    const no = { approval: approvalOf(await ada.ask('lease', denied)), reason: 'not from that machine' };
    await ben.ask('deny', no);
    const refused = await refusalOf(ada.ask('lease', { ...denied, approval: no.approval }));
    expect(refused).toMatchObject({
      code: 'APPROVAL_REFUSED',
      message: expect.stringContaining('not from that machine'),
    });
    expect(await codeOf(cleo.ask('approve', { ...no, reason: 'I think so' }))).toBe('APPROVAL_REFUSED');

    const late = owner();
    const approval = approvalOf(await ada.ask('lease', late));
    for (const person of [ben, cleo]) await person.ask('approve', { approval, reason: 'in time' });
    await letRunOut(stage(), approval);
    expect(await refusalOf(ada.ask('lease', { ...late, approval }))).toMatchObject({
      code: 'APPROVAL_REFUSED',
      message: expect.stringContaining('expired'),
    });
  });
}

/** An hour goes by for an approval: nobody waits for it here. */
async function letRunOut(stage: DeployedStage, approval: string): Promise<void> {
  const ledger = ledgerOf(stage);
  const row = await ledger.read('approval', approval, 'approval');
  if (!row) throw new Error(`the ledger has no approval ${approval}`);
  await ledger.commit([replace(row, { ...row.body, expiresAt: instant(new Date(Date.now() - 1000)) })]);
}
