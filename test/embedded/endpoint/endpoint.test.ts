import { createHash, createPrivateKey, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { SignJWT } from 'jose';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ProofAuthenticator } from '../../../embedded/endpoint/authenticate.ts';
import { openEndpoint } from '../../../embedded/endpoint/endpoint.ts';
import { WorkloadIdentities } from '../../../embedded/endpoint/workload-identities.ts';
import { LockstepError } from '../../../lambdas/core/errors.ts';
import { Secret } from '../../../lambdas/core/secret.ts';
import { CountingMetrics } from '../../fakes/counting-metrics.ts';
import { inTempFolder } from '../../fakes/temp-folder.ts';

const VALUE = 'a value that is one';

const folder = inTempFolder();
let server: Server;
let metrics: CountingMetrics;
let reads: (readonly [workload: string, credential: string])[];
let acknowledged: unknown[];
let trouble: unknown[];

beforeEach(async () => {
  [metrics, reads, acknowledged, trouble] = [new CountingMetrics(), [], [], []];
  const identities = new WorkloadIdentities(folder().at('public'));
  identities.ensure('rag-api', folder().at('rag-api'));
  const people = new WorkloadIdentities(folder().at('people'));
  server = await openEndpoint({
    port: 0,
    authenticator: new ProofAuthenticator(
      'lockstep/local',
      { workloads: identities, people },
      () => new Date(),
    ),
    answerAccess: () => Promise.reject(new Error('nobody asks the broker here')),
    published: async () => undefined,
    read: async (workload, credential) => {
      reads.push([workload, credential]);
      if (credential === 'broken') throw new TypeError(`a fault near ${VALUE}`);
      if (credential !== 'vector-store') throw new LockstepError('VAULT_REFUSED', 'not bound');
      return { version: 'v1', labels: ['AWSCURRENT'], value: new Secret(VALUE) };
    },
    answerDependent: async (_workload, { body }) => void acknowledged.push(body),
    metrics,
    page: async () => ({ contentType: 'text/plain', text: 'lockstep_up 1\n' }),
    onTrouble: (error) => trouble.push(error),
  });
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

const port = (): number => (server.address() as AddressInfo).port;

interface Sent {
  readonly body?: string;
  readonly unsigned?: boolean;
}

async function ask(method: string, path: string, { body = '', unsigned = false }: Sent = {}) {
  const digest = createHash('sha256').update(body).digest('base64url');
  const token = await new SignJWT({ htm: method, htu: path, bdh: digest })
    .setProtectedHeader({ alg: 'EdDSA', typ: 'lockstep-workload+jwt' })
    .setIssuer('rag-api')
    .setAudience('lockstep/local')
    .setIssuedAt()
    .setExpirationTime('30s')
    .setJti(randomUUID())
    .sign(createPrivateKey(readFileSync(folder().at('rag-api', 'identity.pem'))));
  const headers = unsigned ? {} : { authorization: `Bearer ${token}` };
  const answer = await fetch(`http://127.0.0.1:${port()}${path}`, {
    method,
    headers,
    ...(body === '' ? {} : { body }),
  });
  return { status: answer.status, text: await answer.text() };
}

const code = ({ text }: { readonly text: string }): unknown =>
  (JSON.parse(text) as { readonly code?: unknown }).code;
const refusedAcknowledgements = (): number =>
  metrics.total('lockstep_acknowledgements', { outcome: 'refused' });

describe('the door of dependents', () => {
  it('hands a value to the workload that is bound, and to nobody else', async () => {
    expect(JSON.parse((await ask('GET', '/secrets/vector-store')).text)).toMatchObject({
      version: 'v1',
      value: VALUE,
    });
    expect(await ask('GET', '/secrets/openai-agents')).toMatchObject({ status: 403 });
    expect(await ask('GET', '/secrets/vector-store', { unsigned: true })).toMatchObject({ status: 401 });
    expect(reads).toEqual([
      ['rag-api', 'vector-store'],
      ['rag-api', 'openai-agents'],
    ]);
    expect(metrics.total('lockstep_reads', { outcome: 'served' })).toBe(1);
    expect(metrics.total('lockstep_reads', { outcome: 'refused' })).toBe(1);
  });

  it.each([
    '/secrets/%E0%A4%A',
    '/secrets/..%2f..%2fvector-store',
    '/secrets/Vector-Store',
    `/secrets/${'a'.repeat(65)}`,
    `/secrets/vector-store?version=${'x'.repeat(3000)}`,
    '/secrets/vector-store?version=a%20b',
  ])('refuses a target that is no path of ours, before the vault is asked: %s', async (path) => {
    const answer = await ask('GET', path);
    expect([answer.status, code(answer)]).toEqual([400, 'MALFORMED_REQUEST']);
    expect(answer.text).not.toContain('xxxx');
    expect(reads).toEqual([]);
    expect(trouble).toEqual([]);
  });

  it('refuses a target that is not even a URL', async () => {
    const answer = await new Promise<string>((resolve) => {
      const socket = connect(port(), '127.0.0.1', () =>
        socket.write('GET http://[::1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'),
      );
      let text = '';
      socket.on('data', (data: Buffer) => (text += data.toString()));
      socket.on('close', () => resolve(text));
    });
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer).toContain('MALFORMED_REQUEST');
  });
});

describe('an acknowledgement at the door', () => {
  it('passes an acknowledgement on, parsed', async () => {
    expect(await ask('POST', '/acknowledge', { body: '{"credential":"vector-store"}' })).toMatchObject({
      status: 200,
    });
    expect(acknowledged).toEqual([{ credential: 'vector-store' }]);
    expect(refusedAcknowledgements()).toBe(0);
  });

  it.each<[string, Sent, number]>([
    ['is not signed', { body: '{"tag":"forged"}', unsigned: true }, 401],
    ['is not JSON', { body: '{"tag": forged' }, 400],
    ['is too large', { body: `{"tag":"${'x'.repeat(20_000)}"}` }, 400],
    ['is too large and not signed', { body: 'x'.repeat(20_000), unsigned: true }, 400],
  ])('refuses and counts an acknowledgement that %s, and repeats none of it', async (_, sent, status) => {
    const answer = await ask('POST', '/acknowledge', sent);
    expect(answer.status).toBe(status);
    expect(answer.text).not.toMatch(/forged|xxxx/);
    expect(acknowledged).toEqual([]);
    expect(refusedAcknowledgements()).toBe(1);
  });
});

describe('the door itself', () => {
  it('tells nobody outside of a fault of ours more than its name, and tells the log', async () => {
    const answer = await ask('GET', '/secrets/broken');
    expect(answer.status).toBe(500);
    expect(answer.text).not.toContain(VALUE);
    expect(trouble).toHaveLength(1);
  });

  it('shows metrics to whoever asks', async () => {
    expect(await ask('GET', '/metrics', { unsigned: true })).toEqual({
      status: 200,
      text: 'lockstep_up 1\n',
    });
  });

  it('names a port that another process has', async () => {
    const open = openEndpoint({
      port: port(),
      authenticator: undefined as unknown as ProofAuthenticator,
      read: () => Promise.reject(new Error('never')),
      answerDependent: () => Promise.reject(new Error('never')),
      answerAccess: () => Promise.reject(new Error('never')),
      published: () => Promise.reject(new Error('never')),
      metrics,
      page: () => Promise.reject(new Error('never')),
    });
    await expect(open).rejects.toMatchObject({
      code: 'PORT_IN_USE',
      message: expect.stringContaining(String(port())),
    });
  });
});
