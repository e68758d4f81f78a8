import * as fc from 'fast-check';
import { Webhook, WebhookVerificationError } from 'standardwebhooks';
import { describe, expect, it } from 'vitest';
import { isLockstepError } from '../../lambdas/core/errors.ts';
import { Secret } from '../../lambdas/core/secret.ts';
import { isSigningKey, signedHeaders } from '../../lambdas/outbound/signed-message.ts';

const keyOf = (bytes: Uint8Array): Secret => new Secret(`whsec_${Buffer.from(bytes).toString('base64')}`);
const aKey = fc.uint8Array({ minLength: 24, maxLength: 64 }).map(keyOf);
const anId = fc.stringMatching(/^[A-Za-z0-9#_-]{1,80}$/);

describe('the signature of a message', () => {
  it('is verified by the standardwebhooks package with any one of the keys, and with no other', () => {
    fc.assert(
      fc.property(aKey, aKey, aKey, anId, fc.json(), (current, other, stranger, id, body) => {
        fc.pre(!stranger.equals(current) && !stranger.equals(other));
        const headers = signedHeaders([current, other], { id, at: new Date(), body });
        for (const key of [current, other])
          expect(new Webhook(key.reveal()).verify(body, headers)).toEqual(JSON.parse(body));
        expect(() => new Webhook(stranger.reveal()).verify(body, headers)).toThrow(WebhookVerificationError);
        expect(() => new Webhook(current.reveal()).verify(`${body} `, headers)).toThrow(
          WebhookVerificationError,
        );
      }),
    );
  });

  it('carries several signatures in one header, separated by spaces', () => {
    const keys = [1, 2].map((byte) => keyOf(new Uint8Array(32).fill(byte)));
    const headers = signedHeaders(keys, {
      id: 'msg_1',
      at: new Date('2026-01-01T00:00:01.900Z'),
      body: '{}',
    });
    expect(headers['webhook-signature']).toMatch(/^v1,[A-Za-z0-9+/]{43}= v1,[A-Za-z0-9+/]{43}=$/);
    expect(headers['webhook-timestamp']).toBe('1767225601');
    expect(headers['webhook-id']).toBe('msg_1');
  });

  it.each([['a.b'], ['a\r\nx-injected: 1'], ['a\nb'], ['with space'], ['ümlaut'], [''], ['x'.repeat(257)]])(
    'refuses the id %j: it could move a border of what is signed, or of a header',
    (id) => {
      const refused = catchError(() =>
        signedHeaders([keyOf(new Uint8Array(32))], { id, at: new Date(), body: '{}' }),
      );
      expect(isLockstepError(refused, 'MALFORMED_EVENT')).toBe(true);
    },
  );
});

describe('a signing key', () => {
  const bytes = (length: number): string => Buffer.alloc(length, 7).toString('base64');

  it.each([[24], [32], [64]])('has %i bytes', (length) => {
    expect(isSigningKey(new Secret(`whsec_${bytes(length)}`))).toBe(true);
  });

  it.each([
    ['too short', `whsec_${bytes(23)}`],
    ['too long', `whsec_${bytes(65)}`],
    ['without prefix', bytes(32)],
    ['of the wrong kind', `whsk_${bytes(32)}`],
    ['with junk that a lenient reader skips', `whsec_${bytes(32)}!`],
    ['base64url', `whsec_${Buffer.alloc(32, 255).toString('base64url')}`],
    ['with a line break', `whsec_${bytes(32)}\n`],
  ])('is none where it is %s', (_what, text) => {
    expect(isSigningKey(new Secret(text))).toBe(false);
    const error = catchError(() =>
      signedHeaders([new Secret(text)], { id: 'a', at: new Date(), body: '{}' }),
    );
    expect(isLockstepError(error, 'VALUE_MALFORMED')).toBe(true);
    expect((error as Error).message).not.toContain(text.slice(6, 20));
  });
});

function catchError(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  return undefined;
}
