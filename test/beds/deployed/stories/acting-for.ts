import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { AUDIENCES } from '../bed-identities.ts';
import { asNotebookFor, asPerson, byToken, nameOf, tokenOf } from '../bed-people.ts';
import { answers, handedOver, sessionOf } from '../lease-logins.ts';
import type { DeployedStage } from '../open-stage.ts';
import { entriesAbout, untilOver } from './lease-outcome.ts';
import { codeOf } from './refusals.ts';
import { until } from './rotation-of.ts';

/** An agent that signs for itself and shows a token of whom it acts for: what both may, and no more. */
export function actingForStories(stage: () => DeployedStage): void {
  intersectionStory(stage);
  oneForAnotherStory(stage);
  wrongTokensStory(stage);
}

const wish = (more: object = {}) => ({
  leasable: 'vector-reader',
  requestId: randomUUID(),
  ttlSeconds: 300,
  ...more,
});

function intersectionStory(stage: () => DeployedStage): void {
  it('an agent has what its person and its own ceiling both allow, and what their session leaves of that', async () => {
    const notebook = asNotebookFor(stage(), 'ada');
    // by herself ada may also have the owner's login, and mend rows
    expect(await notebook.ask('whoami', {})).toEqual({
      caller: 'agent:notebook',
      actingFor: `person:${nameOf(stage(), 'ada')}`,
      purposes: ['answer-questions'],
      leasables: ['vector-reader'],
      throughProxy: [],
    });
    expect(await codeOf(notebook.ask('lease', wish({ leasable: 'vector-owner' })))).toBe('POLICY_DENIED');
    expect(await codeOf(notebook.ask('lease', wish({ purpose: 'mend-rows' })))).toBe('PURPOSE_REFUSED');
    // what one of them may have and the other may not is had by neither
    expect((await asNotebookFor(stage(), 'dora').ask('whoami', {})).leasables).toEqual([]);
    for (const [person, coming, leasable] of [
      ['dora', {}, 'vector-reader'],
      ['dora', {}, 'model-session'],
      ['ada', { mfa: false }, 'vector-reader'],
      ['ada', { claims: { 'lockstep.leases': ['vector-owner'] } }, 'vector-reader'],
    ] as const) {
      const refused = asNotebookFor(stage(), person, coming).ask('lease', wish({ leasable }));
      expect(await codeOf(refused)).toBe('POLICY_DENIED');
    }
    const elsewhere = asNotebookFor(stage(), 'ada', { claims: { 'lockstep.purposes': ['mend-rows'] } });
    expect(await elsewhere.ask('whoami', {})).toMatchObject({ purposes: [], leasables: [] });
  });
}

function oneForAnotherStory(stage: () => DeployedStage): void {
  it('a lease of an agent belongs to it and its person together, who both see it, and to nobody else', async () => {
    const [forAda, forBen] = [asNotebookFor(stage(), 'ada'), asNotebookFor(stage(), 'ben')];
    const { lease, value } = handedOver(stage(), await forAda.ask('lease', wish()));
    const actingFor = `person:${nameOf(stage(), 'ada')}`;
    expect(lease).toMatchObject({ holder: 'agent:notebook', actingFor, purpose: 'answer-questions' });
    const session = await sessionOf(stage(), value);
    const seen = async (by: typeof forAda): Promise<readonly string[]> =>
      (await by.ask('leases', {})).leases.map(({ id }) => id);
    expect(await seen(forAda)).toContain(lease.id);
    expect(await seen(asPerson(stage(), 'ada'))).toContain(lease.id);
    expect(await seen(forBen)).not.toContain(lease.id);
    expect(await seen(asPerson(stage(), 'dora'))).not.toContain(lease.id);
    // whoever speaks through the same agent for another person has no part in it, and is noticed
    expect(await codeOf(forBen.ask('release', { lease: lease.id }))).toBe('NOT_THE_HOLDER');
    await until(
      'on-call hears who asked about another’s lease',
      () => stage().onCall.listen(),
      (heard) => heard.some(({ text }) => text.includes(lease.id) && text.includes('notebook')),
    );
    expect(await answers(session)).toBe(true);

    await forAda.ask('release', { lease: lease.id });
    await untilOver(stage(), lease, value);
    expect(await answers(session)).toBe(false);
    const made = (await entriesAbout(stage(), lease)).filter(({ action }) => action === 'lease');
    for (const { who, what } of made) {
      expect(who).toMatchObject({ kind: 'agent', name: 'notebook', via: 'grant-lease' });
      expect(who.actingFor?.name).toBe(nameOf(stage(), 'ada'));
      expect(what).toMatchObject({ actingFor });
    }
    expect(made).toHaveLength(2);
  });
}

function wrongTokensStory(stage: () => DeployedStage): void {
  it('nobody asks by the token that an agent was given, and no agent by a person’s own', async () => {
    const forAgents = { audience: AUDIENCES['people-for-agents'] };
    const given = await tokenOf(stage(), 'ada', forAgents);
    const own = await tokenOf(stage(), 'ada');
    const refused = [
      byToken(stage(), given),
      stage().brokerOf('notebook', () => Promise.resolve(own)),
      // it acts for people, and somebody has to be behind it
      stage().brokerOf('notebook'),
      // it acts for itself, and nobody is to look as if they were behind it
      stage().brokerOf('research-agent', () => Promise.resolve(given)),
      // it is no agent
      stage().brokerOf('rag-api', () => Promise.resolve(given)),
    ];
    for (const each of refused) expect(await codeOf(each.ask('whoami', {}))).toBe('UNAUTHENTICATED');
    // a token of whom an agent acts for serves until it expires: the agent's own proof stands beside it
    const notebook = stage().brokerOf('notebook', () => Promise.resolve(given));
    const answered = [await notebook.ask('whoami', {}), await notebook.ask('whoami', {})];
    for (const { caller } of answered) expect(caller).toBe('agent:notebook');
  });
}
