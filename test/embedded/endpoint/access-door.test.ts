import { readFileSync } from 'node:fs';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { workloadProof } from '../../../client/access/workload-proof.ts';
import { ProofAuthenticator } from '../../../embedded/endpoint/authenticate.ts';
import { openEndpoint } from '../../../embedded/endpoint/endpoint.ts';
import { WorkloadIdentities } from '../../../embedded/endpoint/workload-identities.ts';
import { MAX_TOKEN_LENGTH } from '../../../lambdas/contracts/access-wire.ts';
import type { AccessRequest } from '../../../lambdas/grant-lease/answer-access.ts';
import { CountingMetrics } from '../../fakes/counting-metrics.ts';
import { inTempFolder } from '../../fakes/temp-folder.ts';

const folder = inTempFolder();
let server: Server;
let asked: AccessRequest[];

beforeEach(async () => {
  asked = [];
  const workloads = new WorkloadIdentities(folder().at('public'));
  const people = new WorkloadIdentities(folder().at('people'));
  workloads.ensure('rag-api', folder().at('rag-api'));
  people.ensure('on-call', folder().at('on-call'));
  const never = () => Promise.reject(new Error('nobody asks for this here'));
  server = await openEndpoint({
    port: 0,
    authenticator: new ProofAuthenticator('lockstep/local', { workloads, people }, () => new Date()),
    read: never,
    answerDependent: never,
    answerAccess: async (request) => {
      asked.push(request);
      return { caller: 'workload:rag-api' };
    },
    published: async (path) => (path === '/issuers/okta/keys' ? { keys: [] } : undefined),
    metrics: new CountingMetrics(),
    page: never,
  });
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

interface Sent {
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly subject?: string;
  readonly actingFor?: string;
  readonly path?: string;
  readonly method?: string;
}

async function send({
  body = '{"ask":"whoami"}',
  headers = {},
  subject,
  actingFor,
  path = '/access',
  method = 'POST',
}: Sent) {
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`;
  const proof = subject === undefined ? undefined : await proofOf(subject, body, path, actingFor);
  const answer = await fetch(url, {
    method,
    headers: {
      ...(proof === undefined ? {} : { authorization: `Bearer ${proof}` }),
      ...(actingFor === undefined ? {} : { 'lockstep-acting-for': actingFor }),
      ...headers,
    },
    ...(method === 'GET' ? {} : { body }),
  });
  const text = await answer.text();
  return { status: answer.status, text, kept: answer.headers.get('cache-control') };
}

const proofOf = (subject: string, body: string, target: string, actingFor?: string): Promise<string> =>
  workloadProof({
    subject,
    environment: 'local',
    identity: readFileSync(folder().at(subject.replace('person:', ''), 'identity.pem'), 'utf8'),
    method: 'POST',
    target,
    body,
    ...(actingFor === undefined ? {} : { actingFor }),
  });

describe('the broker’s door on one machine', () => {
  it('shows whose identity a proof was made with', async () => {
    expect(await send({ subject: 'rag-api' })).toMatchObject({ status: 200, kept: 'no-store' });
    await send({ subject: 'person:on-call' });
    expect(asked.map(({ shown, source, body }) => ({ shown, source, body }))).toEqual([
      {
        shown: { by: 'embedded', identity: { is: 'workload', principal: 'embedded:rag-api' } },
        source: '127.0.0.1',
        body: { ask: 'whoami' },
      },
      {
        shown: { by: 'embedded', identity: { is: 'person', principal: 'embedded:on-call' } },
        source: '127.0.0.1',
        body: { ask: 'whoami' },
      },
    ]);
  });

  it('shows the token of whom an agent acts for, bound to its proof', async () => {
    expect(await send({ subject: 'rag-api', actingFor: 'a.b.c' })).toMatchObject({ status: 200 });
    const shown = asked[0]?.shown;
    expect(shown?.by === 'embedded' && shown.actingFor?.reveal()).toBe('a.b.c');
  });

  it('shows a token where that alone says who asks', async () => {
    await send({ headers: { 'lockstep-token': 'x.y.z' } });
    const shown = asked[0]?.shown;
    expect(shown?.by === 'token' && shown.token.reveal()).toBe('x.y.z');
  });

  it.each<[string, Sent]>([
    ['nothing', {}],
    ['a proof and a token', { subject: 'rag-api', headers: { 'lockstep-token': 'x.y.z' } }],
    [
      'a token and somebody to act for',
      { headers: { 'lockstep-token': 'x.y.z', 'lockstep-acting-for': 'a.b.c' } },
    ],
    [
      'a proof that is none, and a token',
      { headers: { authorization: 'Bearer x', 'lockstep-token': 'x.y.z' } },
    ],
    ['a token without end', { headers: { 'lockstep-token': 'x'.repeat(MAX_TOKEN_LENGTH + 1) } }],
  ])('lets nobody in with %s', async (_what, sent) => {
    expect((await send(sent)).status).toBe(401);
    expect(asked).toEqual([]);
  });

  it('reads no body that is too large, nor one that nobody vouches for', async () => {
    const large = `"${'x'.repeat(17_000)}"`;
    expect((await send({ subject: 'rag-api', body: large })).status).toBe(400);
    expect((await send({ body: '{"canary' })).status).toBe(401);
    const broken = await send({ subject: 'rag-api', body: '{"canary' });
    expect([broken.status, broken.text.includes('canary')]).toEqual([400, false]);
    expect(asked).toEqual([]);
  });
});

describe('what issuers of this world publish', () => {
  it('is for everybody, and nothing else is', async () => {
    expect(await send({ method: 'GET', path: '/issuers/okta/keys' })).toMatchObject({
      status: 200,
      text: '{"keys":[]}',
    });
    expect((await send({ method: 'GET', path: '/issuers/okta/private' })).status).toBe(401);
    expect((await send({ method: 'GET', path: '/access' })).status).toBe(401);
  });
});
