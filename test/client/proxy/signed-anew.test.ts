import { createHash } from 'node:crypto';
import { AwsV4Signer } from 'aws4fetch';
import { describe, expect, it } from 'vitest';
import { signerOf } from '../../fakes/signature-v4.ts';
import { ask } from '../doubles/a-client.ts';
import { aSetting, closing } from '../doubles/closing.ts';
import type { SeenRequest } from '../doubles/a-target.ts';

const keep = closing();

const LEASED = {
  accessKeyId: 'ASIALEASEDLEASED',
  secretAccessKey: 'leased-secret-access-key',
  sessionToken: 'leased-session-token',
};

/** A target that takes requests of one service, and a lease of a session. */
const anAwsSetting = (service: string, more: Parameters<typeof aSetting>[1] = {}) =>
  aSetting(keep, {
    rule: { put: { into: 'sigv4', service, region: 'eu-central-1' } },
    leasable: { value: () => LEASED },
    ...more,
  });

/** Whose signature a target sees, for a service in eu-central-1. */
function signer(seen: SeenRequest | undefined, service: string): string | undefined {
  if (!seen) return undefined;
  const headers = Object.fromEntries(
    Object.entries(seen.headers).filter((each): each is [string, string] => typeof each[1] === 'string'),
  );
  return signerOf(
    { method: seen.method, target: seen.url, headers, body: seen.body },
    {
      region: 'eu-central-1',
      service,
      secretOf: (id) => (id === LEASED.accessKeyId ? LEASED.secretAccessKey : undefined),
    },
  );
}

/** What a client signs with in place of a key. */
async function signedByClient(url: string, body: string): Promise<Readonly<Record<string, string>>> {
  const signed = await new AwsV4Signer({
    accessKeyId: 'AKIAPLACEHOLDER0',
    secretAccessKey: 'placeholder',
    sessionToken: 'placeholder-token',
    service: 'sts',
    region: 'us-west-2',
    method: 'POST',
    url,
    body,
  }).sign();
  return Object.fromEntries(signed.headers);
}

describe('a request to AWS', () => {
  it('is signed anew with the leased session, for the service and region of the rule', async () => {
    const { proxy, granted, target } = await anAwsSetting('sqs');
    const body = 'Action=SendMessage&Version=2012-11-05';
    const headers = await signedByClient(`https://${target.host}:${target.port}/queue`, body);
    const got = await ask(proxy, granted, target, { method: 'POST', path: '/queue', headers, body });
    expect(got.status).toBe(200);
    const [seen] = target.seen;
    expect(signer(seen, 'sqs')).toBe(LEASED.accessKeyId);
    expect(seen?.headers['x-amz-security-token']).toBe(LEASED.sessionToken);
    expect(JSON.stringify(seen?.rawHeaders).toLowerCase()).not.toContain('placeholder');
    expect(seen?.body).toBe(body);
  });

  it('keeps what the client says of the payload, and streams it', async () => {
    const { proxy, granted, target } = await anAwsSetting('sqs');
    const body = Buffer.alloc(9 * 1024 * 1024, 'a');
    const digest = createHash('sha256').update(body).digest('hex');
    const headers = { 'x-amz-content-sha256': digest, 'content-length': String(body.length) };
    expect((await ask(proxy, granted, target, { method: 'PUT', headers, body })).status).toBe(200);
    expect(target.seen[0]).toMatchObject({ sha256: digest, headers: { 'x-amz-content-sha256': digest } });
  });

  it('that is too long to be read before it is sent is refused, and nothing of it is sent', async () => {
    const { proxy, granted, target } = await anAwsSetting('sqs');
    const got = await ask(proxy, granted, target, { method: 'PUT', body: Buffer.alloc(9 * 1024 * 1024) });
    expect(got).toMatchObject({ status: 501, headers: { 'lockstep-proxy': 'NOT_SUPPORTED' } });
    expect(target.seen).toEqual([]);
  });

  it.each([
    ['signed into its address', { path: '/a?X-Amz-Credential=b&X-Amz-Signature=c' }],
    ['signed into its address, in disguise', { path: '/a?X-Amz-%53ignature=c' }],
    ['signed piece by piece', { headers: { 'x-amz-content-sha256': 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD' } }],
  ])('that the client has %s is refused by name', async (_what, how) => {
    const { proxy, granted, target } = await anAwsSetting('s3');
    const got = await ask(proxy, granted, target, { method: 'PUT', ...how });
    expect(got).toMatchObject({ status: 501, headers: { 'lockstep-proxy': 'NOT_SUPPORTED' } });
    expect(target.seen).toEqual([]);
  });

  it.each(['x-amz-copy-source', 'X_Amz_Copy_Source', 'x-amz-rename-source'])(
    'with a second object in %s is refused: the paths of the rule were asked about one',
    async (name) => {
      const { proxy, granted, target } = await anAwsSetting('s3');
      const headers = { [name]: '/acme/payroll/2026.csv', 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' };
      const got = await ask(proxy, granted, target, { method: 'PUT', headers });
      expect(got).toMatchObject({ status: 403, headers: { 'lockstep-proxy': 'EGRESS_REFUSED' } });
      expect(target.seen).toEqual([]);
    },
  );

  it.each([
    ['ExpiredTokenException', 403, 2],
    ['UnrecognizedClientException', 400, 2],
    ['AccessDeniedException', 403, 1],
    ['ValidationException', 400, 1],
  ])('that is answered with %s and %i is sent %i time(s)', async (errorType, status, times) => {
    const { proxy, granted, target } = await anAwsSetting('sqs', {
      answers: (_seen, response) => response.writeHead(status, { 'x-amzn-errortype': errorType }).end(),
    });
    expect((await ask(proxy, granted, target, { method: 'POST', body: 'x' })).status).toBe(status);
    expect(target.seen).toHaveLength(times);
  });
});
