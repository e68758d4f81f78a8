import { createHmac, timingSafeEqual } from 'node:crypto';
import { fit, number, record } from '../../contracts/check.ts';
import { LockstepError } from '../../core/errors.ts';
import type { NewId, RandomBytes } from '../../core/ports/ids.ts';
import type { Rotator } from '../../core/ports/rotator.ts';
import { Secret } from '../../core/secret.ts';
import { instant, type Clock } from '../../core/time.ts';
import type { OutboundPost } from '../../outbound/post.ts';
import { signedHeaders } from '../../outbound/signed-message.ts';
import { randomCapabilities } from './capabilities.ts';
import { probeReceivers } from './probe.ts';
import { readSigningValue, signingValueText } from './value.ts';

/** What the rotator of signing keys needs. */
export interface RandomPorts {
  readonly randomBytes: RandomBytes;
  readonly post: OutboundPost;
  readonly clock: Clock;
  readonly newId: NewId;
}

/**
 * Signing keys of Standard Webhooks, shared by a sender and a receiver.
 *
 * There is no target that holds them: a receiver takes a successor from when it is told, and drops the
 * predecessor when it is told `disabled`; the sender signs with both until then (use case `tell-dependent`).
 * So installing, revoking and listing have nothing to do here, and stopping a key at once is not in our power.
 */
export function randomRotator(ports: RandomPorts): Rotator {
  return {
    capabilities: randomCapabilities,
    keyOf: (value) => readSigningValue(value).keyId,
    checkFirst: (_credential, value) => void readSigningValue(value),
    async issue({ credential, token }) {
      const { bytes } = fit(
        record<{ readonly bytes: number }>({ bytes: number }),
        credential.target,
        'INVENTORY_INVALID',
        `the target of ${credential.name}`,
      );
      const secret = new Secret(`whsec_${Buffer.from(ports.randomBytes(bytes)).toString('base64')}`);
      return { key: token, value: signingValueText({ keyId: token, secret }) };
    },
    install: () => Promise.resolve(),
    async verify({ credential }, { key, version, value }) {
      const { keyId, secret } = readSigningValue(value);
      if (keyId === key && signsAndVerifies(secret, ports.clock())) return;
      throw new LockstepError(
        'SUCCESSOR_REJECTED',
        `version ${version} of ${credential.name} does not verify what it signs; rotate again`,
      );
    },
    observe: () => Promise.resolve({ ...NOTHING_SEEN, at: instant(ports.clock()) }),
    disable: ({ credential }) => Promise.reject(notSupported(credential.name, 'disabled')),
    enable: ({ credential }) => Promise.reject(notSupported(credential.name, 'enabled')),
    revoke: () => Promise.resolve(),
    stopNow: ({ credential }) => Promise.reject(notSupported(credential.name, 'stopped')),
    proveRefused: async (request, { version, value }) =>
      probeReceivers(ports, request, version, readSigningValue(value).secret),
    listOurs: () => Promise.resolve([]),
  };
}

const NOTHING_SEEN = {
  successor: { sessions: 'unknown' },
  predecessor: { sessions: 'unknown' },
  byDependent: {},
  strangersOnPredecessor: 0,
} as const;

const notSupported = (credential: string, what: string): LockstepError =>
  new LockstepError(
    'NOT_SUPPORTED',
    `a version of ${credential} cannot be ${what} from here: its receivers hold it, and drop it when they are told; rotate ${credential}`,
  );

/** Checked against a second implementation: a key that two of them read differently would fail at its receivers. */
function signsAndVerifies(secret: Secret, at: Date): boolean {
  const body = '{"type":"lockstep.check"}';
  const { 'webhook-signature': signature = '' } = signedHeaders([secret], { id: 'check', at, body });
  const key = Buffer.from(secret.reveal().slice('whsec_'.length), 'base64');
  const text = `check.${Math.floor(at.getTime() / 1000)}.${body}`;
  const expected = Buffer.from(`v1,${createHmac('sha256', key).update(text).digest('base64')}`);
  const found = Buffer.from(signature);
  return found.length === expected.length && timingSafeEqual(found, expected);
}
