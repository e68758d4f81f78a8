import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { LockstepError } from '../../lambdas/core/errors.ts';
import { Secret } from '../../lambdas/core/secret.ts';
import { openaiClient, type OpenaiCall } from '../../lambdas/openai/client.ts';
import type { Fetch } from '../../lambdas/outbound/api-call.ts';

const KEY = 'sk-admin-not-a-real-key-of-anybody';
const call: OpenaiCall = {
  apiUrl: 'https://api.openai.test/v1',
  method: 'GET',
  path: ['organization', 'admin_api_keys'],
  bearer: new Secret(KEY),
  subject: 'openai-admin',
};
const client = (fetch: Fetch) =>
  openaiClient({ fetch, clock: () => new Date('2026-01-01'), timeoutMilliseconds: 200 });
const answering =
  (
    body: ConstructorParameters<typeof Response>[0],
    status = 200,
    headers: Record<string, string> = {},
  ): Fetch =>
  () =>
    Promise.resolve(new Response(body, { status, headers }));
const failing =
  (error: Error): Fetch =>
  () =>
    Promise.reject(error);
const withCode = (code: string): Error =>
  new TypeError('fetch failed', { cause: Object.assign(new Error(KEY), { code }) });

async function failure(fetch: Fetch, more: Partial<OpenaiCall> = {}): Promise<LockstepError> {
  return client(fetch)({ ...call, ...more }).then(
    () => Promise.reject(new Error('expected a failure')),
    (error: LockstepError) => error,
  );
}

describe('what is sent', () => {
  it('is one request with the key in its header alone, bounded in time, following nothing', async () => {
    const sent: { url: string; init: RequestInit }[] = [];
    await client((url, init) => {
      sent.push({ url, init });
      return Promise.resolve(new Response('{}'));
    })({
      ...call,
      method: 'POST',
      path: ['a', 'b/../c', 'd?e'],
      query: { limit: '1', after: 'x&y' },
      body: { name: 'n' },
    });
    expect(sent).toHaveLength(1);
    const [{ url, init } = { url: '', init: {} }] = sent;
    expect(url).toBe('https://api.openai.test/v1/a/b%2F..%2Fc/d%3Fe?limit=1&after=x%26y');
    expect(url).not.toContain(KEY);
    expect(init).toMatchObject({ method: 'POST', redirect: 'manual', body: '{"name":"n"}' });
    expect(init.signal).toBeInstanceOf(AbortSignal);
    expect(new Headers(init.headers).get('authorization')).toBe(`Bearer ${KEY}`);
  });

  it.each([
    'http://api.openai.test/v1',
    'http://127.0.0.1.evil.test/v1',
    'http://10.0.0.1/v1',
    'ftp://api.openai.test',
    'nonsense',
  ])('never goes to %s', async (apiUrl) => {
    const never: Fetch = () => expect.unreachable();
    expect((await failure(never, { apiUrl })).code).toBe('INVENTORY_INVALID');
  });

  it.each(['http://127.0.0.1:1234/v1', 'http://localhost:1/v1', 'http://[::1]:1/v1'])(
    'may go to loopback: %s',
    async (apiUrl) => {
      expect(await client(answering('{}'))({ ...call, apiUrl })).toMatchObject({ found: true });
    },
  );
});

describe('what an answer means', () => {
  const error = (code: string | null, message = `quotes ${KEY}`): string =>
    JSON.stringify({ error: { message, type: 'invalid_request_error', param: null, code } });

  it.each([
    [401, error('invalid_api_key'), 'TARGET_REFUSES_LOGIN'],
    [401, error(null), 'TARGET_REFUSES_LOGIN'],
    [401, 'no json', 'TARGET_REFUSES_LOGIN'],
    [401, error(null, 'Missing scopes: api.management.read.'), 'TARGET_LACKS_GRANT'],
    [403, error(null), 'TARGET_LACKS_GRANT'],
    [400, error('unknown_parameter'), 'TARGET_REFUSED'],
    [404, '<html>not found</html>', 'TARGET_REFUSED'],
    [409, error(null), 'TARGET_REFUSED'],
    [422, error(null), 'TARGET_REFUSED'],
    [429, error('rate_limit_exceeded'), 'TARGET_BUSY'],
    [500, error(null), 'TARGET_UNREACHABLE'],
    [502, '<html>bad gateway</html>', 'TARGET_UNREACHABLE'],
    [503, error(null), 'TARGET_UNREACHABLE'],
    [301, '', 'TARGET_REFUSED'],
    [307, '', 'TARGET_REFUSED'],
  ] as const)('%i with %s is %s', async (status, body, code) => {
    const failed = await failure(
      answering(body, status, { location: 'https://evil.test', 'x-request-id': 'req_1' }),
    );
    expect(failed.code).toBe(code);
    expect(failed.message).toMatch(/openai-admin.*req_1/);
    expect(inspect(failed, { depth: 9, showHidden: true })).not.toContain(KEY);
  });

  it('404 of the API itself says that nothing is there', async () => {
    expect(await client(answering(error(null), 404))(call)).toEqual({ found: false });
  });

  it('a wait is honoured for 429 and 503, in seconds or until a date', async () => {
    const until = 'Thu, 01 Jan 2026 00:00:30 GMT';
    expect((await failure(answering('', 429, { 'retry-after': '9' }))).retryAfterSeconds).toBe(9);
    expect((await failure(answering('', 503, { 'retry-after': until }))).retryAfterSeconds).toBe(30);
    expect((await failure(answering('', 500, { 'retry-after': '9' }))).retryAfterSeconds).toBeUndefined();
  });

  it('a request id that is none is not repeated', async () => {
    const failed = await failure(answering('', 400, { 'x-request-id': `id ${KEY}` }));
    expect(failed.message).not.toContain(KEY);
  });

  it('a body that is too long is not read to its end', async () => {
    let pulled = 0;
    const long = new ReadableStream<Uint8Array>({
      pull(controller) {
        pulled += 1;
        if (pulled > 40) controller.close();
        else controller.enqueue(new Uint8Array(1024 * 1024));
      },
    });
    expect((await failure(answering(long))).code).toBe('TARGET_REFUSED');
    expect(pulled).toBeLessThan(10);
  });
});

describe('no answer', () => {
  it.each([
    ['ECONNREFUSED', 'TARGET_UNREACHABLE'],
    ['ENOTFOUND', 'TARGET_UNREACHABLE'],
    ['ECONNRESET', 'TARGET_UNREACHABLE'],
    ['UND_ERR_HEADERS_TIMEOUT', 'TARGET_UNREACHABLE'],
    ['SELF_SIGNED_CERT_IN_CHAIN', 'TARGET_REFUSES_TLS'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'TARGET_REFUSES_TLS'],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'TARGET_REFUSES_TLS'],
    ['CERT_HAS_EXPIRED', 'TARGET_REFUSES_TLS'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'TARGET_REFUSES_TLS'],
  ])('for %s is %s, and the foreign error stays outside', async (code, expected) => {
    const failed = await failure(failing(withCode(code)));
    expect(failed.code).toBe(expected);
    expect(failed.message).toContain(code);
    expect(inspect(failed, { depth: 9, showHidden: true })).not.toContain(KEY);
  });

  it('within the time is a failure to be tried again', async () => {
    const silent: Fetch = (_url, { signal }) =>
      new Promise((_resolve, reject) => {
        signal?.addEventListener('abort', () => reject(signal.reason as Error));
      });
    expect(await failure(silent)).toMatchObject({
      code: 'TARGET_UNREACHABLE',
      message: expect.stringContaining('timeout'),
    });
  });

  it('in the middle of a body is one as well', async () => {
    const broken = new ReadableStream({ start: (controller) => controller.error(withCode('ECONNRESET')) });
    expect((await failure(answering(broken))).code).toBe('TARGET_UNREACHABLE');
  });
});
