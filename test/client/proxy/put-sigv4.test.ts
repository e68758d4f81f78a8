import { createHash } from 'node:crypto';
import { AwsV4Signer } from 'aws4fetch';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LeaseInUse } from '../../../client/access/held-lease.ts';
import type { Puttable } from '../../../client/proxy/carrying.ts';
import { putSigV4 } from '../../../client/proxy/put-sigv4.ts';
import { Secret } from '../../../lambdas/core/secret.ts';

const KEY = { accessKeyId: 'ASIALEASEDLEASED', secretAccessKey: 'leased-secret-access-key' };
const SESSION = { ...KEY, sessionToken: 'leased-session-token' };
const REGION = 'eu-central-1';
const HOST = 'api.target.test';

const aLease = (value: object): LeaseInUse => ({
  id: 'lease',
  value: new Secret(JSON.stringify(value)),
  egress: [],
  derivedKeys: new Map(),
});

const sha256 = (body: Uint8Array): string => createHash('sha256').update(body).digest('hex');

const pairs = (headers: Puttable['headers']): [string, string][] =>
  headers.map(([name, value]) => [name, value]);

const textOf = (characters: string, maxLength: number) =>
  fc.string({ unit: fc.constantFrom(...Array.from(characters)), maxLength });

/** A request with the headers that AWS wants signed, and a body that the client has said something of or not. */
const aRequest = fc.record({
  service: fc.constantFrom('sqs', 's3', 'dynamodb', 'bedrock'),
  method: fc.constantFrom('GET', 'PUT', 'POST', 'DELETE'),
  port: fc.constantFrom(443, 8443),
  path: textOf('azAZ09-._~!$&\'()*+,;=:@/%|"', 30).map((path) => `/${path}`),
  query: textOf("azAZ09-._~!$&'()*+,;=:@/?%2F%20", 30).map((query) => (query === '' ? '' : `?${query}`)),
  headers: fc.array(
    fc.tuple(
      fc.constantFrom('X-Amz-Target', 'x-amz-meta-one', 'x-amz-meta-two', 'Content-MD5'),
      textOf('abc XYZ09,;=/\t', 20).map((value) => value.trim()),
    ),
    { maxLength: 6 },
  ),
  body: fc.uint8Array({ minLength: 1, maxLength: 200 }),
  said: fc.constantFrom(undefined, 'UNSIGNED-PAYLOAD', sha256(Buffer.from('said by the client'))),
  value: fc.constantFrom(KEY, SESSION),
});

type Drawn = typeof aRequest extends fc.Arbitrary<infer Each> ? Each : never;

const saidOf = ({ said, headers }: Drawn): Puttable['headers'] =>
  said === undefined ? headers : [...headers, ['x-amz-content-sha256', said]];

function signedHere(drawn: Drawn): readonly unknown[] {
  const { service, method, port, path, query, body, said, value } = drawn;
  const isRead = service !== 's3' && said === undefined;
  const request = { method, host: HOST, port, path, query, headers: saidOf(drawn) };
  const carrying = putSigV4(
    { into: 'sigv4', service, region: REGION },
    aLease(value),
    isRead ? { ...request, bodyDigest: sha256(body) } : request,
    new Date('2026-11-28T12:34:56.789Z'),
  );
  return [carrying.path, carrying.query, pairs(carrying.headers)];
}

async function signedByOthers(drawn: Drawn): Promise<readonly unknown[]> {
  const { service, method, port, path, query, body, value } = drawn;
  const { url, headers } = await new AwsV4Signer({
    ...value,
    service,
    region: REGION,
    method,
    url: `https://${HOST}${port === 443 ? '' : `:${port}`}${path}${query}`,
    headers: pairs(saidOf(drawn)),
    datetime: '20261128T123456Z',
    body: Uint8Array.from(body),
  }).sign();
  return [url.pathname, url.search, [...headers]];
}

describe('a signature', () => {
  it('is the one that the signer of others makes, for any request', () =>
    fc.assert(
      fc.asyncProperty(aRequest, async (drawn) => {
        expect(signedHere(drawn)).toEqual(await signedByOthers(drawn));
      }),
      { numRuns: 150 },
    ));

  it('is by a key that is derived once for a day, a region and a service, and kept with the lease', () => {
    const lease = aLease(SESSION);
    const request = { method: 'GET', host: HOST, port: 443, path: '/', query: '', headers: [] };
    const signedAt = (time: string, service: string) =>
      putSigV4({ into: 'sigv4', service, region: REGION }, lease, request, new Date(time)).headers;
    const first = signedAt('2026-11-28T23:59:59Z', 'sqs');
    expect(signedAt('2026-11-28T23:59:59Z', 'sqs')).toEqual(first);
    expect(lease.derivedKeys.size).toBe(1);
    signedAt('2026-11-29T00:00:00Z', 'sqs');
    signedAt('2026-11-28T23:59:59Z', 'sns');
    expect(lease.derivedKeys.size).toBe(3);
    // What a key is found by says nothing of what it was made of.
    expect([...lease.derivedKeys.keys()].join()).not.toContain(KEY.secretAccessKey);
  });
});
