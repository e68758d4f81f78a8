import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import type { AccessConnection } from '../../../../client/access/access-connection.ts';
import { canonicalJson, sha256Hex } from '../../../../lambdas/core/digest.ts';
import { Secret } from '../../../../lambdas/core/secret.ts';
import { TokenIssuer } from '../../../fakes/token-issuer.ts';
import { PEOPLE } from '../bed-identities.ts';
import { ledgerOf } from '../bed-ledger.ts';
import { asBuild, asPerson, byToken, nameOf, tokenOf } from '../bed-people.ts';
import { answers, handedOver, sessionOf, tryLogin } from '../lease-logins.ts';
import type { DeployedStage } from '../open-stage.ts';
import { entriesAbout, untilOver } from './lease-outcome.ts';
import { allAtOnce, codeOf, refusalOf, type Refusal } from './refusals.ts';
import { until } from './rotation-of.ts';

/** Who comes by a token of an issuer, through the URL that IAM does not guard, and who does not come in. */
export function tokenStories(stage: () => DeployedStage): void {
  signInStory(stage);
  replayStory(stage);
  strangersStory(stage);
  keysStory(stage);
}

const reader = () => ({
  leasable: 'vector-reader',
  requestId: randomUUID(),
  purpose: 'answer-questions',
  ttlSeconds: 300,
});

function signInStory(stage: () => DeployedStage): void {
  it('a person signs in at the identity provider, is known by their groups, and leases a login', async () => {
    const ada = asPerson(stage(), 'ada');
    const caller = `person:${nameOf(stage(), 'ada')}`;
    expect(await ada.ask('whoami', {})).toEqual({
      caller,
      purposes: ['answer-questions', 'mend-rows'],
      leasables: ['vector-reader', 'vector-owner'],
      throughProxy: [],
    });
    // without a second factor it is the same person, who can lease nothing
    const careless = await asPerson(stage(), 'ada', { mfa: false }).ask('whoami', {});
    expect(careless).toMatchObject({ caller, leasables: [] });
    // what the session claims narrows it, and a purpose that the inventory does not give is none
    const claims = { 'lockstep.purposes': 'mend-rows clean-up', 'lockstep.leases': ['vector-owner'] };
    expect(await asPerson(stage(), 'ada', { claims }).ask('whoami', {})).toMatchObject({
      purposes: ['mend-rows'],
      leasables: [],
    });
    expect((await asPerson(stage(), 'dora').ask('whoami', {})).leasables).toEqual(['model-session']);
    expect(await codeOf(asPerson(stage(), 'nobody').ask('whoami', {}))).toBe('NOT_BOUND');

    const { lease, value } = handedOver(
      stage(),
      await ada.ask('lease', { ...reader(), purpose: 'mend-rows' }),
    );
    expect(lease).toMatchObject({ phase: 'live', holder: caller, purpose: 'mend-rows' });
    const session = await sessionOf(stage(), value);
    await ada.ask('release', { lease: lease.id });
    await untilOver(stage(), lease, value);
    expect(await answers(session)).toBe(false);
    const made = (await entriesAbout(stage(), lease)).filter(({ action }) => action === 'lease');
    for (const { who, why } of made) {
      expect(who).toMatchObject({ kind: 'person', name: nameOf(stage(), 'ada'), via: 'grant-lease' });
      expect([who.secondFactor, typeof who.tokenId]).toEqual(['proved', 'string']);
      expect(why.policies).toEqual(['team-leases-its-own']);
    }
    expect(made).toHaveLength(2);
  });
}

function replayStory(stage: () => DeployedStage): void {
  it('a token is good for one request, also when several come at the same moment, and its replay is a finding', async () => {
    const replayed = byToken(stage(), await tokenOf(stage(), 'ada'));
    const raced = await allAtOnce([1, 2, 3].map(() => replayed.ask('whoami', {})));
    expect(raced.answered).toHaveLength(1);
    expect(raced.refused).toEqual(['TOKEN_REPLAYED', 'TOKEN_REPLAYED']);
    expect(await codeOf(replayed.ask('leases', {}))).toBe('TOKEN_REPLAYED');

    // the very same request may be repeated, since it hands nothing out twice; another one under its id may not
    const shown = byToken(stage(), await tokenOf(stage(), 'ada'));
    const wish = reader();
    const asked = await allAtOnce([shown.ask('lease', wish), shown.ask('lease', wish)]);
    const [issued, ...others] = asked.answered.map((reply) => handedOver(stage(), reply));
    expect(others).toEqual([]);
    if (!issued) throw new Error(`nothing was handed over: ${asked.refused.join(', ')}`);
    expect(await codeOf(shown.ask('lease', wish))).toBe('ALREADY_HANDED_OVER');
    expect(await codeOf(shown.ask('lease', { ...wish, ttlSeconds: 301 }))).toBe('TOKEN_REPLAYED');
    expect(await tryLogin(stage(), issued.value)).toBe('works');

    await until(
      'on-call hears of the token that came twice',
      () => stage().onCall.listen(),
      (heard) => heard.some(({ text }) => text.includes('second request') && text.includes('|ada')),
    );
    await asPerson(stage(), 'ada').ask('release', { lease: issued.lease.id });
    await untilOver(stage(), issued.lease, issued.value);
  });
}

function strangersStory(stage: () => DeployedStage): void {
  it('whoever shows a token that was not signed for this door learns nothing, whatever they ask for, and leaves no trace', async () => {
    const shown = [...(await forgeries(stage())), new Secret('no-token')];
    const [first, ...others] = await inEveryWay(shown.map((token) => byToken(stage(), token)));
    expect(first?.code).toBe('UNAUTHENTICATED');
    for (const refusal of others) expect(refusal).toEqual(first);
    for (const word of ['vector', 'people', 'builds', 'beds.example', 'on-call'])
      expect(first?.message).not.toContain(word);

    // what its issuer has signed for this door is told to be over; whoever has it is told nothing else
    const old = { issuedSecondsAgo: 900, lifeSeconds: 300 };
    const [late, ...same] = await inEveryWay([asPerson(stage(), 'ben', old)]);
    expect(late).toMatchObject({ code: 'UNAUTHENTICATED', message: expect.stringContaining('expired') });
    for (const refusal of same) expect(refusal).toEqual(late);

    const good = await tokenOf(stage(), 'ben');
    await byToken(stage(), good).ask('whoami', {});
    const traces = await Promise.all([good, ...shown.slice(0, -1)].map((token) => leftBy(stage(), token)));
    expect(traces).toEqual([true, ...shown.slice(0, -1).map(() => false)]);
  });
}

/** What strangers are told, each of them by each thing that somebody could try who does not know what there is. */
async function inEveryWay(strangers: readonly AccessConnection[]): Promise<readonly Refusal[]> {
  const told: Refusal[] = [];
  // One by one: what comes at once starts a process of the broker each.
  for (const stranger of strangers)
    for (const asked of [
      () => stranger.ask('whoami', {}),
      () => stranger.ask('lease', reader()),
      () => stranger.ask('lease', { leasable: 'no-such-thing', requestId: randomUUID() }),
      () => stranger.ask('approve', { approval: randomUUID(), reason: 'let me in' }),
    ])
      told.push(await refusalOf(asked()));
  return told;
}

/** Tokens as those of people, each wrong in one way. */
async function forgeries(stage: DeployedStage): Promise<readonly Secret[]> {
  const { people, builds } = stage.issuers;
  const { privateKey: unknown } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const elsewhere = await TokenIssuer.named('elsewhere', () => new Date(), {
    audience: people.declared.audience,
  });
  const claims = { groups: PEOPLE.ben, amr: ['mfa'] };
  return Promise.all([
    tokenOf(stage, 'ben', { audience: 'somebody-else' }),
    tokenOf(stage, 'ben', { audience: [people.declared.audience, 'somebody-else'] }),
    elsewhere.token({ subject: 'ben', claims }),
    tokenOf(stage, 'ben', { key: unknown }),
    tokenOf(stage, 'ben', { key: unknown, header: { kid: 'people-2' } }),
    tokenOf(stage, 'ben', { key: builds.privateKey() }),
    withClaims(tokenOf(stage, 'dora'), claims),
  ]);
}

/** A token with other claims than those that were signed. */
async function withClaims(token: Promise<Secret>, claims: object): Promise<Secret> {
  const [header = '', payload = '', signature = ''] = (await token).reveal().split('.');
  const said = { ...claimsIn(payload), ...claims };
  return new Secret([header, Buffer.from(JSON.stringify(said)).toString('base64url'), signature].join('.'));
}

const claimsIn = (payload: string) =>
  JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as Readonly<Record<string, unknown>>;

/** Whether the ledger has a row of a token: it was used up then. */
async function leftBy(stage: DeployedStage, token: Secret): Promise<boolean> {
  const { iss, jti } = claimsIn(token.reveal().split('.')[1] ?? '');
  const row = await ledgerOf(stage).read('token', sha256Hex(canonicalJson([iss, jti])), 'use');
  return row !== undefined;
}

/** How long an issuer's keys are kept where they can be read again (docs/identity.md). */
const KEYS_ARE_FRESH_MS = 300_000;

function keysStory(stage: () => DeployedStage): void {
  it('an issuer is away, comes back, begins to use another key and takes the old one back, and nothing is deployed for it', async () => {
    const { issuers, cutOff } = stage();
    const { builds } = issuers;
    const host = new URL(builds.declared.issuer).hostname;
    cutOff(host, true);
    expect(await codeOf(asBuild(stage()).ask('whoami', {}))).toBe('ISSUER_UNREACHABLE');
    cutOff(host, false);
    await until(
      'a build is known by its token',
      () => asBuild(stage()).ask('whoami', {}),
      ({ caller }) => caller === 'workload:nightly-report',
    );
    const build = asBuild(stage());
    // Another process of the broker may still know the keys as out of reach, for as long as it waits before it looks again.
    const patiently = <T>(what: string, ask: () => Promise<T>): Promise<T> => until(what, ask, () => true);
    const reply = await patiently('a build has a lease', () => build.ask('lease', reader()));
    const { lease, value } = handedOver(stage(), reply);
    expect(await tryLogin(stage(), value)).toBe('works');
    await patiently('it is given back', () => build.ask('release', { lease: lease.id }));
    await untilOver(stage(), lease, value);

    await builds.use('builds-2');
    await until(
      'tokens by the new key are good',
      () => isLetIn(asBuild(stage())),
      (isIn) => isIn,
    );
    builds.withdraw('builds-1');
    await sleep(KEYS_ARE_FRESH_MS);
    const byOldKey = { key: builds.privateKey('builds-1'), header: { kid: 'builds-1' } };
    await until(
      'the key that was taken back opens nothing any more',
      () => Promise.all([1, 2, 3].map(() => isLetIn(asBuild(stage(), byOldKey)))),
      (isIn) => isIn.every((each) => !each),
    );
    expect(await isLetIn(asBuild(stage()))).toBe(true);
  });
}

/** Whether somebody is let in. Keys are read again for an unknown one at most every half a minute. */
const isLetIn = async (somebody: AccessConnection): Promise<boolean> =>
  somebody.ask('whoami', {}).then(
    () => true,
    async (refused: unknown) => (await codeOf(Promise.reject(refused))) !== 'UNAUTHENTICATED',
  );
