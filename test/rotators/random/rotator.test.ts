import * as fc from 'fast-check';
import { inspect } from 'node:util';
import { Webhook } from 'standardwebhooks';
import { afterEach, describe, expect, it } from 'vitest';
import type { Credential, Dependent } from '../../../lambdas/core/credential.ts';
import { isLockstepError } from '../../../lambdas/core/errors.ts';
import type { RotatorRequest } from '../../../lambdas/core/ports/rotator.ts';
import { Secret } from '../../../lambdas/core/secret.ts';
import { outboundPost } from '../../../lambdas/outbound/post.ts';
import { randomRotator } from '../../../lambdas/rotators/random/rotator.ts';
import { countedBytes, countedIds, token } from '../../fakes/counted-ids.ts';
import { aReceiver, type Receiver, type ReceiverOptions } from '../../outbound/a-receiver.ts';
import { MARK } from '../../fakes/marks.ts';

const clock = (): Date => new Date();
const limits = { connectMilliseconds: 400, totalMilliseconds: 800, bodyBytes: 4096 };
const rotator = randomRotator({
  randomBytes: countedBytes(),
  newId: countedIds(),
  clock,
  post: outboundPost({ clock, limits }),
});

const open: Receiver[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((each) => each.close()));
});

const request = (dependents: readonly Dependent[] = [], bytes = 32): RotatorRequest => ({
  environment: 'staging',
  mark: MARK,
  credential: {
    name: 'rag-api-hook',
    kind: 'random',
    target: { bytes },
    dependents,
  } as unknown as Credential,
  token: token(1),
  fence: 1,
  withAuthority: () => Promise.reject(new Error('a signing key has no authority')),
});

const valueOf = (fields: unknown): Secret => new Secret(JSON.stringify(fields));
const secretOf = (length: number): string => `whsec_${Buffer.alloc(length, 7).toString('base64')}`;

/** A receiver as docs/formats/webhook.md describes it: verifies with the keys that it holds, 401 otherwise. */
async function holder(...keys: readonly Secret[]): Promise<Receiver> {
  return receiver((seen, _request, response) => {
    const isGood = keys.some((key) => {
      try {
        new Webhook(key.reveal()).verify(seen.body, seen.headers as Record<string, string>);
        return true;
      } catch {
        return false;
      }
    });
    response.writeHead(isGood ? 204 : 401).end();
  });
}

async function receiver(answers: NonNullable<ReceiverOptions['answers']>): Promise<Receiver> {
  const started = await aReceiver({ answers });
  open.push(started);
  return started;
}

const dependent = (name: string, { url }: Pick<Receiver, 'url'>, kind = 'webhook'): Dependent => ({
  name,
  kind,
  workload: name,
  cacheTtlSeconds: 60,
  settings: { url, signingKey: 'rag-api-hook', allowHosts: ['127.0.0.1'] },
});

describe('a new signing key', () => {
  it('is as long as declared, named by its token, and signs what the standardwebhooks package verifies', async () => {
    for (const bytes of [24, 32, 64]) {
      const { key, value } = await rotator.issue(request([], bytes), undefined);
      const { keyId, secret } = JSON.parse(value.reveal()) as { keyId: string; secret: string };
      expect([key, keyId]).toEqual([token(1), token(1)]);
      expect(Buffer.from(secret.slice('whsec_'.length), 'base64')).toHaveLength(bytes);
      const signature = new Webhook(secret).sign('a', new Date(), '{}');
      expect(signature).toMatch(/^v1,/);
      await rotator.verify(request(), { version: token(1), key, value });
    }
  });

  it('differs each time', async () => {
    const [first, second] = [
      await rotator.issue(request(), undefined),
      await rotator.issue(request(), undefined),
    ];
    expect(first.value.equals(second.value)).toBe(false);
  });

  it('is not verified under the name of another', async () => {
    const { value } = await rotator.issue(request(), undefined);
    const error: unknown = await rotator
      .verify(request(), { version: token(1), key: token(9), value })
      .catch((e: unknown) => e);
    expect(isLockstepError(error, 'SUCCESSOR_REJECTED')).toBe(true);
  });
});

describe('a value that a person supplies', () => {
  it('is taken where it is a key of Standard Webhooks with a name', () => {
    const value = valueOf({ keyId: 'first', secret: secretOf(24) });
    expect(() => rotator.checkFirst(request().credential, value)).not.toThrow();
    expect(rotator.keyOf(value)).toBe('first');
  });

  it.each([
    ['no JSON', new Secret('whsec_not-json')],
    ['a list', valueOf([])],
    ['a text', valueOf('a')],
    ['null', valueOf(null)],
    ['without a name', valueOf({ secret: secretOf(32) })],
    ['without a key', valueOf({ keyId: 'a' })],
    ['with a third field', valueOf({ keyId: 'a', secret: secretOf(32), more: 1 })],
    ['with a name that is none', valueOf({ keyId: 'a b', secret: secretOf(32) })],
    ['with a short key', valueOf({ keyId: 'a', secret: secretOf(23) })],
    ['with a long key', valueOf({ keyId: 'a', secret: secretOf(65) })],
    ['with a key without prefix', valueOf({ keyId: 'a', secret: secretOf(32).slice(6) })],
  ])('is refused where it is %s', (_what, value) => {
    for (const read of [() => rotator.keyOf(value), () => rotator.checkFirst(request().credential, value)])
      expect(read).toThrow(expect.objectContaining({ code: 'VALUE_MALFORMED' }));
  });

  it('is never quoted', () => {
    // Digits: nothing of ours, in a message or in a stack, holds so many in a row.
    fc.assert(
      fc.property(fc.stringMatching(/^[0-9]{16,40}$/), (secret) => {
        for (const value of [
          valueOf({ keyId: 'a', secret }),
          valueOf({ keyId: secret, secret }),
          new Secret(secret),
        ]) {
          const shown = inspect(
            errorOf(() => rotator.keyOf(value)),
            { depth: 9, showHidden: true },
          );
          expect(shown).toContain('VALUE_MALFORMED');
          expect(shown).not.toContain(secret.slice(0, 8));
        }
      }),
    );
  });
});

function errorOf(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  return undefined;
}

describe('asking receivers whether they still take an old key', () => {
  const old = new Secret(secretOf(32));
  const held = {
    version: token(1),
    key: token(1),
    value: valueOf({ keyId: token(1), secret: old.reveal() }),
  };
  const current = new Secret(`whsec_${Buffer.alloc(32, 8).toString('base64')}`);

  it('a receiver that has dropped it answers 401: refused', async () => {
    const there = await holder(current);
    expect(await rotator.proveRefused(request([dependent('rag-api', there)]), held)).toBe('refused');
    const [probe] = there.received;
    expect(JSON.parse(probe?.body ?? '')).toMatchObject({
      type: 'lockstep.probe',
      data: { environment: 'staging', credential: 'rag-api-hook', version: token(1), dependent: 'rag-api' },
    });
    expect(String(probe?.headers['webhook-signature']).split(' ')).toHaveLength(1);
    expect(probe?.body).not.toContain(old.reveal());
  });

  it('a receiver that has not is found out: accepted', async () => {
    const there = await holder(current, old);
    expect(await rotator.proveRefused(request([dependent('rag-api', there)]), held)).toBe('accepted');
  });

  it('one of several that still takes it is enough', async () => {
    const [moved, stuck] = [await holder(current), await holder(old)];
    const both = [dependent('moved', moved), dependent('stuck', stuck)];
    expect(await rotator.proveRefused(request(both), held)).toBe('accepted');
  });

  it.each([
    [200, 'accepted'],
    [401, 'refused'],
    [400, 'unknown'],
    [403, 'unknown'],
    [404, 'unknown'],
    [410, 'unknown'],
    [302, 'unknown'],
    [500, 'unknown'],
  ] as const)('an answer of %i is %s', async (status, expected) => {
    const there = await receiver((_seen, _request, response) => response.writeHead(status).end());
    expect(await rotator.proveRefused(request([dependent('rag-api', there)]), held)).toBe(expected);
  });

  it('what nobody has answered is unknown, and unknown beside refused stays unknown', async () => {
    const gone = await aReceiver();
    await gone.close();
    const there = await holder(current);
    expect(await rotator.proveRefused(request(), held)).toBe('unknown');
    expect(await rotator.proveRefused(request([dependent('poller', there, 'poller')]), held)).toBe('unknown');
    const both = [dependent('moved', there), dependent('gone', gone)];
    expect(await rotator.proveRefused(request(both), held)).toBe('unknown');
    expect(
      await rotator.proveRefused(request([dependent('inside', { url: 'https://10.0.0.1/' })]), held),
    ).toBe('unknown');
  });

  it('asks with a new id each time, so that no receiver answers from memory', async () => {
    const there = await holder(current);
    await rotator.proveRefused(request([dependent('rag-api', there)]), held);
    await rotator.proveRefused(request([dependent('rag-api', there)]), held);
    expect(new Set(there.received.map(({ headers }) => headers['webhook-id'])).size).toBe(2);
  });
});

describe('what a signing key has no target for', () => {
  const version = { version: token(1), key: token(1) };

  it('disabling, enabling and stopping at once are refused by name', async () => {
    expect(rotator.capabilities.reversibleDisable).toBe(false);
    const asked = [
      rotator.disable(request(), version),
      rotator.enable(request(), version),
      rotator.stopNow(request(), version),
    ];
    for (const each of asked) {
      const error: unknown = await each.catch((reason: unknown) => reason);
      expect(isLockstepError(error, 'NOT_SUPPORTED')).toBe(true);
    }
  });

  it('installing and revoking have nothing to do, however often, and there is nothing to list', async () => {
    const value = valueOf({ keyId: token(1), secret: secretOf(32) });
    await rotator.install(request(), { ...version, value }, undefined);
    await rotator.revoke(request(), version);
    await rotator.revoke(request(), version);
    expect(await rotator.listOurs(request())).toEqual([]);
  });

  it('use is unknown, which is not none', async () => {
    const seen = await rotator.observe(request(), { successor: version, predecessor: version }, []);
    expect(seen).toMatchObject({ successor: { sessions: 'unknown' }, predecessor: { sessions: 'unknown' } });
  });
});
