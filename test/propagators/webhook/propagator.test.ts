import { inspect } from 'node:util';
import { Webhook } from 'standardwebhooks';
import { afterEach, describe, expect, it } from 'vitest';
import { isLockstepError, LockstepError } from '../../../lambdas/core/errors.ts';
import type { Notice } from '../../../lambdas/core/ports/propagator.ts';
import { Secret } from '../../../lambdas/core/secret.ts';
import { outboundPost } from '../../../lambdas/outbound/post.ts';
import { webhookPropagator } from '../../../lambdas/propagators/webhook/propagator.ts';
import { aReceiver, type Receiver, type ReceiverOptions } from '../../outbound/a-receiver.ts';
import { aDependent, aNotice } from './a-notice.ts';

const key = (byte: number): Secret => new Secret(`whsec_${Buffer.alloc(32, byte).toString('base64')}`);
const [CURRENT, PREDECESSOR] = [key(1), key(2)];

const open: Receiver[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((each) => each.close()));
});

async function receiver(answers?: ReceiverOptions['answers']): Promise<Receiver> {
  const started = await aReceiver(answers ? { answers } : {});
  open.push(started);
  return started;
}

const answering =
  (status: number, headers: Record<string, string> = {}, body = ''): ReceiverOptions['answers'] =>
  (_seen, _request, response) =>
    response.writeHead(status, headers).end(body);

function tell(url: string, notice: Notice = aNotice(), keys: readonly Secret[] = [CURRENT]) {
  const asked: string[] = [];
  const clock = (): Date => new Date();
  const limits = { connectMilliseconds: 400, totalMilliseconds: 800, bodyBytes: 4096 };
  const propagator = webhookPropagator({
    clock,
    post: outboundPost({ clock, limits }),
    signingKeys: (name) => {
      asked.push(name);
      return Promise.resolve(keys);
    },
  });
  const dependent = aDependent('rag-api', { url, signingKey: 'rag-api-hook', allowHosts: ['127.0.0.1'] });
  return { asked, told: propagator.tell(dependent, notice) };
}

async function errorOf(promise: Promise<unknown>): Promise<LockstepError> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof LockstepError) return error;
  throw new Error(`expected a LockstepError, found ${inspect(error)}`);
}

describe('what a receiver gets', () => {
  it('is what docs/formats/webhook.md says, verified by the standardwebhooks package', async () => {
    const there = await receiver();
    const { asked, told } = tell(there.url);
    expect(await told).toBe('told');
    expect(asked).toEqual(['rag-api-hook']);
    const [message] = there.received;
    const verified = new Webhook(CURRENT.reveal()).verify(
      message?.body ?? '',
      message?.headers as Record<string, string>,
    );
    expect(verified).toEqual({
      type: 'credential.promoted',
      timestamp: '2026-01-01T00:00:00.000Z',
      data: {
        environment: 'staging',
        credential: 'vector-store',
        kind: 'postgres',
        rotation: '70ce0000-0000-4000-8000-000000000002',
        version: '70ce0000-0000-4000-8000-000000000002',
        replaces: '70ce0000-0000-4000-8000-000000000001',
        dependent: 'rag-api',
        expectation: { id: '70ce0000-0000-4000-8000-000000000002#1', nonce: 'not-a-real-nonce' },
      },
    });
    expect(message?.headers).toMatchObject({
      'content-type': 'application/json',
      'webhook-id': aNotice().id,
    });
  });

  it.each(['promoted', 'rolled-back', 'disabled', 'unadopted'] as const)(
    'says %s in its type',
    async (change) => {
      const there = await receiver();
      await tell(there.url, aNotice({ change })).told;
      expect(JSON.parse(there.received[0]?.body ?? '')).toMatchObject({ type: `credential.${change}` });
    },
  );

  it('is verified by a receiver that knows only the current key, and by one that knows only the predecessor', async () => {
    const there = await receiver();
    await tell(there.url, aNotice(), [CURRENT, PREDECESSOR]).told;
    const [message] = there.received;
    expect(String(message?.headers['webhook-signature']).split(' ')).toHaveLength(2);
    for (const known of [CURRENT, PREDECESSOR])
      new Webhook(known.reveal()).verify(message?.body ?? '', message?.headers as Record<string, string>);
  });
});

describe('what a receiver can rely on', () => {
  it('repeats its id with every delivery, and never its moment of signing', async () => {
    const there = await receiver();
    await tell(there.url).told;
    await tell(there.url).told;
    const [first, second] = there.received;
    expect(second?.headers['webhook-id']).toBe(first?.headers['webhook-id']);
    expect(second?.body).toBe(first?.body);
  });

  it('says nothing that the notice was given beyond its fields', async () => {
    const there = await receiver();
    const { expectation, replaces, ...bare } = aNotice();
    await tell(there.url, { ...bare, value: 'not-a-real-secret' } as Notice).told;
    const { data } = JSON.parse(there.received[0]?.body ?? '') as { data: object };
    expect(Object.keys(data)).toEqual([
      'environment',
      'credential',
      'kind',
      'rotation',
      'version',
      'dependent',
    ]);
    expect([expectation, replaces]).not.toContain(undefined);
  });
});

describe('what an answer means', () => {
  it.each([200, 201, 202, 204, 299])('%i is told', async (status) => {
    const there = await receiver(answering(status));
    expect(await tell(there.url).told).toBe('told');
  });

  it.each([301, 302, 307, 308, 400, 401, 403, 404, 409, 418, 422, 500, 502, 503, 504])(
    '%i is to be tried again',
    async (status) => {
      const there = await receiver(answering(status, { location: 'http://169.254.169.254/' }));
      expect(await errorOf(tell(there.url).told)).toMatchObject({
        code: 'DEPENDENT_UNREACHABLE',
        remedy: 'retry',
      });
      expect(there.received).toHaveLength(1);
    },
  );

  it('410 is the end', async () => {
    const there = await receiver(answering(410));
    expect(await errorOf(tell(there.url).told)).toMatchObject({
      code: 'DEPENDENT_REFUSED',
      remedy: 'operator',
    });
  });
});

describe('when to try again', () => {
  it.each([429, 503])('%i may ask us to wait, in seconds or until a date', async (status) => {
    const seconds = await receiver(answering(status, { 'retry-after': '42' }));
    expect((await errorOf(tell(seconds.url).told)).retryAfterSeconds).toBe(42);
    const until = new Date(Date.now() + 60_000).toUTCString();
    const date = await receiver(answering(status, { 'retry-after': until }));
    const wait = (await errorOf(tell(date.url).told)).retryAfterSeconds ?? 0;
    expect(wait).toBeGreaterThan(50);
    expect(wait).toBeLessThanOrEqual(60);
  });

  it('no other status has us wait, and nobody for more than an hour', async () => {
    const other = await receiver(answering(500, { 'retry-after': '42' }));
    expect((await errorOf(tell(other.url).told)).retryAfterSeconds).toBeUndefined();
    const greedy = await receiver(answering(429, { 'retry-after': '86400' }));
    expect((await errorOf(tell(greedy.url).told)).retryAfterSeconds).toBe(3600);
  });

  it('silence, and a closed port, are to be tried again', async () => {
    const silent = await receiver(() => undefined);
    expect((await errorOf(tell(silent.url).told)).code).toBe('DEPENDENT_UNREACHABLE');
    const gone = await aReceiver();
    await gone.close();
    expect((await errorOf(tell(gone.url).told)).message).toMatch(/connect \(ECONNREFUSED\)/);
  });

  it('an address inside that nobody named is for a person to mend', async () => {
    const error = await errorOf(tell('https://10.0.0.1/told').told);
    expect(error).toMatchObject({ code: 'DEPENDENT_REFUSED', remedy: 'operator' });
    expect(error.message).toMatch(/rag-api.*private.*allowHosts/);
  });
});

describe('what must not get out', () => {
  it('no error repeats the body of an answer, a header of it, or a key', async () => {
    const there = await receiver(answering(500, { 'x-said': 'a-header-of-theirs' }, 'a body of theirs'));
    const error = await errorOf(tell(there.url).told);
    const shown = inspect(error, { depth: 9, showHidden: true });
    for (const word of ['a body of theirs', 'a-header-of-theirs', CURRENT.reveal(), 'not-a-real-nonce'])
      expect(shown).not.toContain(word);
  });

  it('an id that would inject a header is refused before a socket is opened', async () => {
    const there = await receiver();
    const evil = aNotice({ id: 'a\r\nauthorization: Bearer x' });
    expect(isLockstepError(await errorOf(tell(there.url, evil).told), 'MALFORMED_EVENT')).toBe(true);
    expect(there.connections).toBe(0);
  });

  it('names cannot break out of the body', async () => {
    const there = await receiver();
    await tell(there.url, aNotice({ credential: '","version":"forged' })).told;
    const { data } = JSON.parse(there.received[0]?.body ?? '') as { data: Record<string, string> };
    expect(data).toMatchObject({ credential: '","version":"forged', version: aNotice().version });
  });

  it('nothing is sent without a key', async () => {
    const there = await receiver();
    expect((await errorOf(tell(there.url, aNotice(), []).told)).code).toBe('NOT_ADOPTED');
    expect(there.connections).toBe(0);
  });
});
