import { createHash, createPrivateKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { SignJWT } from 'jose';
import { beforeEach, describe, expect, it } from 'vitest';
import { ProofAuthenticator } from '../../../embedded/endpoint/authenticate.ts';
import { WorkloadIdentities } from '../../../embedded/endpoint/workload-identities.ts';
import { FakeClock } from '../../fakes/fake-clock.ts';
import { inTempFolder } from '../../fakes/temp-folder.ts';

/** What goes into a proof; each test spoils one part. */
interface ProofParts {
  readonly signedBy?: string;
  readonly iss?: string;
  readonly aud?: string;
  readonly typ?: string;
  readonly htm?: string;
  readonly htu?: string;
  readonly body?: string;
  readonly jti?: string;
  readonly madeSecondsAgo?: number;
  readonly lifeSeconds?: number;
  readonly leaveOut?: string;
  /** The token that it says comes along. */
  readonly actingFor?: string;
}

/** What is wrong with a proof, and how it is made so. */
const SPOILED: readonly (readonly [string, ProofParts])[] = [
  ['another method', { htm: 'GET' }],
  ['another path', { htu: '/expected?credential=vector-store' }],
  ['another body', { body: '{}' }],
  ['another world', { aud: 'lockstep/staging' }],
  ['another purpose', { typ: 'JWT' }],
  ['another workload, in whose name it speaks', { signedBy: 'embedder' }],
  ['a workload that nobody was given', { iss: 'stranger' }],
  ['a name that leads out of the folder', { iss: '../rag-api/identity' }],
  ['a minute ago and more, however long it says that it lives', { madeSecondsAgo: 70, lifeSeconds: 3600 }],
  ['a time that is over', { madeSecondsAgo: 40, lifeSeconds: 30 }],
  ...['iat', 'exp', 'jti', 'htm', 'htu', 'bdh'].map((claim): [string, ProofParts] => [
    `a request without ${claim}`,
    { leaveOut: claim },
  ]),
];

const NONE: readonly (readonly [string, string | undefined])[] = [
  ['nothing', undefined],
  ['a token that is none', 'Bearer x.y.z'],
  ['an unsigned token', `Bearer ${btoa('{"alg":"none"}')}.${btoa('{"iss":"rag-api"}')}.`],
  ['another scheme', 'Basic cmFnLWFwaTp4'],
];

const REQUEST = { method: 'POST', target: '/acknowledge', body: '{"credential":"vector-store"}' };

const folder = inTempFolder();
let clock: FakeClock;
let identities: WorkloadIdentities;
let people: WorkloadIdentities;
let authenticator: ProofAuthenticator;

beforeEach(() => {
  clock = new FakeClock();
  identities = new WorkloadIdentities(folder().at('public'));
  for (const name of ['rag-api', 'embedder']) identities.ensure(name, folder().at(name));
  people = new WorkloadIdentities(folder().at('people'));
  for (const name of ['on-call', 'on-call.2', 'rag-api']) people.ensure(name, folder().at('person', name));
  authenticator = new ProofAuthenticator('lockstep/local', { workloads: identities, people }, clock.now);
  // every proof of these tests is younger than the endpoint, unless one says otherwise
  clock.jump(100);
});

async function proof(parts: ProofParts = {}): Promise<string> {
  const signer = (parts.signedBy ?? 'rag-api').split('/');
  const key = createPrivateKey(readFileSync(folder().at(...signer, 'identity.pem')));
  const made = Math.floor(clock.now().getTime() / 1000) - (parts.madeSecondsAgo ?? 0);
  const claims: Record<string, unknown> = {
    iss: parts.iss ?? 'rag-api',
    aud: parts.aud ?? 'lockstep/local',
    htm: parts.htm ?? REQUEST.method,
    htu: parts.htu ?? REQUEST.target,
    bdh: createHash('sha256')
      .update(parts.body ?? REQUEST.body)
      .digest('base64url'),
    jti: parts.jti ?? 'once',
    iat: made,
    exp: made + (parts.lifeSeconds ?? 30),
    ...(parts.actingFor === undefined
      ? {}
      : { afh: createHash('sha256').update(parts.actingFor).digest('base64url') }),
  };
  if (parts.leaveOut !== undefined) delete claims[parts.leaveOut];
  const header = { alg: 'EdDSA', typ: parts.typ ?? 'lockstep-workload+jwt' };
  return `Bearer ${await new SignJWT(claims).setProtectedHeader(header).sign(key)}`;
}

const who = async (authorization: string | undefined): Promise<string> =>
  authenticator
    .authenticate({ ...REQUEST, authorization })
    .catch((error: unknown) => (error as { readonly code: string }).code);

describe('a proof of possession', () => {
  it('names its workload, as docs/formats/acknowledgement.md says', async () => {
    expect(await who(await proof())).toBe('rag-api');
  });

  it('is good once', async () => {
    const once = await proof();
    expect(await who(once)).toBe('rag-api');
    expect(await who(once)).toBe('UNAUTHENTICATED');
    // and another request of the same workload is another proof
    expect(await who(await proof({ jti: 'twice' }))).toBe('rag-api');
  });

  it('from before the endpoint was opened is refused: nobody knows whether it was used', async () => {
    const reopened = new ProofAuthenticator('lockstep/local', { workloads: identities, people }, clock.now);
    const early = await proof({ madeSecondsAgo: 10 });
    await expect(reopened.authenticate({ ...REQUEST, authorization: early })).rejects.toMatchObject({
      code: 'UNAUTHENTICATED',
    });
    // and it would have been good at the one that was open
    expect(await who(early)).toBe('rag-api');
  });

  it.each(SPOILED)('of %s is refused', async (_, parts) => {
    expect(await who(await proof(parts))).toBe('UNAUTHENTICATED');
  });

  it.each(NONE)('that is %s is refused in the same words', async (_, authorization) => {
    expect(await who(authorization)).toBe('UNAUTHENTICATED');
  });
});

describe('a proof of a person', () => {
  const PERSON = { iss: 'person:on-call', signedBy: 'person/on-call' };
  const identify = async (parts: ProofParts) =>
    authenticator
      .identify({ ...REQUEST, authorization: await proof(parts) })
      .catch((error: unknown) => (error as { readonly code: string }).code);

  it('names them, and is none of a workload', async () => {
    expect(await identify(PERSON)).toEqual({ is: 'person', name: 'on-call' });
    expect(await who(await proof({ ...PERSON, jti: 'again' }))).toBe('UNAUTHENTICATED');
  });

  it('names which of the people of a role it is', async () => {
    const second = { iss: 'person:on-call.2', signedBy: 'person/on-call.2' };
    expect(await identify(second)).toEqual({ is: 'person', name: 'on-call.2' });
  });

  it.each<[string, ProofParts]>([
    ['by a workload of that name', { iss: 'person:rag-api', signedBy: 'rag-api' }],
    ['in the name of a workload of that name', { iss: 'rag-api', signedBy: 'person/rag-api' }],
    ['whom nobody was given', { iss: 'person:ada', signedBy: 'person/on-call' }],
    ['whose name leads out of the folder', { iss: 'person:../public/rag-api', signedBy: 'rag-api' }],
    ['of a person', { iss: 'person:person:on-call', signedBy: 'person/on-call' }],
    ['of no name', { iss: 'person:', signedBy: 'person/on-call' }],
    ['as another of the same role', { iss: 'person:on-call.2', signedBy: 'person/on-call' }],
    ['with more behind the name', { iss: 'person:on-call.2/../on-call', signedBy: 'person/on-call' }],
  ])('is refused: %s', async (_what, parts) => {
    expect(await identify(parts)).toBe('UNAUTHENTICATED');
  });
});

describe('a proof with a token that came along', () => {
  const carried = async (parts: ProofParts, actingFor?: string) =>
    authenticator
      .identify({
        ...REQUEST,
        authorization: await proof(parts),
        ...(actingFor === undefined ? {} : { actingFor }),
      })
      .then(
        ({ name }) => name,
        (error: unknown) => (error as { readonly code: string }).code,
      );

  it('is good for exactly that token', async () => {
    expect(await carried({ actingFor: 'a.b.c' }, 'a.b.c')).toBe('rag-api');
  });

  it.each<[string, ProofParts, string | undefined]>([
    ['another one', { actingFor: 'a.b.c' }, 'd.e.f'],
    ['none, where it speaks of one', { actingFor: 'a.b.c' }, undefined],
    ['one of which it says nothing', {}, 'a.b.c'],
  ])('is refused with %s', async (_what, parts, token) => {
    expect(await carried(parts, token)).toBe('UNAUTHENTICATED');
  });
});
