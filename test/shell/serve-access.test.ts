import { beforeEach, describe, expect, it } from 'vitest';
import { MAX_TOKEN_LENGTH } from '../../lambdas/contracts/access-wire.ts';
import { LockstepError } from '../../lambdas/core/errors.ts';
import type { AccessRequest } from '../../lambdas/grant-lease/answer-access.ts';
import { serveAccess } from '../../lambdas/shell/serve-access.ts';
import type { Shell } from '../../lambdas/shell/serve.ts';
import { CountingMetrics } from '../fakes/counting-metrics.ts';

const FUNCTION = 'arn:aws:lambda:eu-central-1:111122223333:function:lockstep-production-grant-lease';
const USER = 'arn:aws:sts::111122223333:assumed-role/rag-api/i-0abc';
const IAM = { iam: { accountId: '111122223333', userArn: USER } };

interface Sent {
  readonly alias?: string;
  readonly authorizer?: object;
  readonly headers?: Readonly<Record<string, unknown>>;
  readonly body?: string;
  readonly method?: string;
  readonly path?: string;
}

let metrics: CountingMetrics;
let log: string[];
let asked: AccessRequest[];
let answer: () => Promise<unknown>;
beforeEach(() => {
  [metrics, log, asked] = [new CountingMetrics(), [], []];
  answer = async () => ({ caller: 'workload:rag-api' });
});

async function send({
  alias,
  authorizer,
  headers = {},
  body = '{"ask":"whoami"}',
  method = 'POST',
  path = '/access',
}: Sent) {
  const note = (message: string, ...more: readonly unknown[]): void =>
    void log.push(JSON.stringify([message, ...more]));
  const shell: Shell = {
    log: { debug: note, info: note, warn: note, error: note, failure: note },
    metrics: Object.assign(metrics, { flush: () => undefined }),
  };
  const handler = serveAccess(shell, (request) => {
    asked.push(request);
    return answer();
  });
  const event = {
    requestContext: {
      http: { method, path, sourceIp: '203.0.113.7' },
      ...(authorizer ? { authorizer } : {}),
    },
    headers,
    body,
  };
  const {
    statusCode,
    body: text,
    headers: sent,
  } = await handler(event, {
    invokedFunctionArn: alias === undefined ? FUNCTION : `${FUNCTION}:${alias}`,
  });
  const answered = JSON.parse(text ?? 'null') as { readonly code?: string; readonly message?: string };
  return { status: statusCode, answered, headers: sent };
}

const LIVE: Sent = { alias: 'live', authorizer: IAM };
const TOKENS: Sent = { alias: 'tokens', headers: { 'lockstep-token': 'x.y.z' } };

describe('the door of signatures', () => {
  it('shows who signed, where from, and the token of whom they act for', async () => {
    await send({ ...LIVE, headers: { 'lockstep-acting-for': 'a.b.c' } });
    const [request] = asked;
    expect(request).toMatchObject({
      shown: { by: 'sigv4', arn: USER },
      source: '203.0.113.7',
      body: { ask: 'whoami' },
    });
    const shown = request?.shown;
    expect(shown?.by === 'sigv4' && shown.actingFor?.reveal()).toBe('a.b.c');
  });

  it.each<[string, Sent]>([
    ['no signature', { alias: 'live' }],
    ['no signature, and a token', { ...TOKENS, alias: 'live' }],
    [
      'a signature and a token, of which one would be chosen',
      { ...LIVE, headers: { 'lockstep-token': 'x.y.z' } },
    ],
    ['two tokens of whom they act for', { ...LIVE, headers: { 'lockstep-acting-for': ['a.b.c', 'd.e.f'] } }],
    ['an empty token', { ...LIVE, headers: { 'lockstep-acting-for': '' } }],
    [
      'a token without end',
      { ...LIVE, headers: { 'lockstep-acting-for': 'x'.repeat(MAX_TOKEN_LENGTH + 1) } },
    ],
  ])('lets nobody in with %s', async (_what, sent) => {
    const { status, answered } = await send(sent);
    expect([status, answered.code, asked]).toEqual([401, 'UNAUTHENTICATED', []]);
  });
});

describe('the door of tokens', () => {
  it('shows the token', async () => {
    await send(TOKENS);
    const shown = asked[0]?.shown;
    expect(shown?.by === 'token' && shown.token.reveal()).toBe('x.y.z');
  });

  it.each<[string, Sent]>([
    ['nothing', { alias: 'tokens' }],
    ['a caller, whom no IAM can have named there', { ...TOKENS, authorizer: IAM }],
    ['a caller alone', { alias: 'tokens', authorizer: IAM }],
    [
      'somebody to act for, and no proof of the agent',
      { ...TOKENS, headers: { 'lockstep-token': 'x.y.z', 'lockstep-acting-for': 'a.b.c' } },
    ],
    ['a token in another header', { alias: 'tokens', headers: { authorization: 'Bearer x.y.z' } }],
    [
      'a token without end',
      { alias: 'tokens', headers: { 'lockstep-token': 'x'.repeat(MAX_TOKEN_LENGTH + 1) } },
    ],
  ])('lets nobody in with %s', async (_what, sent) => {
    const { status, answered } = await send(sent);
    expect([status, answered.code, asked]).toEqual([401, 'UNAUTHENTICATED', []]);
  });
});

describe('what is no door', () => {
  it.each<[string, Sent]>([
    ['the function itself', { authorizer: IAM }],
    ['the function itself, with a token', { headers: { 'lockstep-token': 'x.y.z' } }],
    ['another alias', { ...LIVE, alias: 'staging' }],
    ['$LATEST', { ...LIVE, alias: '$LATEST' }],
  ])('lets nobody in: %s', async (_what, sent) => {
    expect(await send(sent)).toMatchObject({ status: 401, answered: { code: 'UNAUTHENTICATED' } });
    expect(asked).toEqual([]);
  });

  it.each<[string, Sent]>([
    ['another path', { ...LIVE, path: '/' }],
    ['a path that leads to it', { ...LIVE, path: '/x/../access' }],
    ['another method', { ...LIVE, method: 'GET' }],
    ['a body without end', { ...LIVE, body: `"${'x'.repeat(17_000)}"` }],
    ['a body that is no JSON', { ...LIVE, body: '{"canary' }],
  ])('refuses %s, and quotes nothing of it', async (_what, sent) => {
    const { status, answered } = await send(sent);
    expect([status, answered.code, asked]).toEqual([400, 'MALFORMED_REQUEST', []]);
    expect(answered.message).not.toContain('canary');
    expect(metrics.total('lockstep_messages_dropped', { code: 'MALFORMED_REQUEST' })).toBe(1);
  });
});

describe('what comes back', () => {
  it('is kept by nobody on the way', async () => {
    expect((await send(LIVE)).headers).toMatchObject({ 'cache-control': 'no-store' });
  });

  it.each([
    ['TOKEN_REPLAYED', 401],
    ['NOT_BOUND', 403],
    ['POLICY_DENIED', 403],
    ['LEASE_LIMIT', 429],
    ['UNKNOWN_LEASE', 400],
    ['ISSUER_UNREACHABLE', 503],
  ] as const)('has a status that others understand: %s', async (code, status) => {
    answer = () => Promise.reject(new LockstepError(code, 'refused', { retryAfterSeconds: 7 }));
    expect(await send(LIVE)).toMatchObject({ status, answered: { code }, headers: { 'retry-after': '7' } });
  });

  it('is nothing of a fault that nobody has foreseen', async () => {
    answer = () => Promise.reject(new TypeError('a value in a message: canary'));
    const { status, answered } = await send(TOKENS);
    expect([status, answered.code]).toEqual([500, 'UNEXPECTED']);
    expect(JSON.stringify(answered)).not.toContain('canary');
  });

  it('has nothing of the token, nor has the log', async () => {
    answer = () => Promise.reject(new LockstepError('UNAUTHENTICATED', 'nobody'));
    const { answered } = await send(TOKENS);
    expect(JSON.stringify(answered) + log.join()).not.toContain('x.y.z');
  });
});
