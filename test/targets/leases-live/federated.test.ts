/**
 * An exchange with a service itself. Skipped unless it is asked for:
 *
 *     LOCKSTEP_LIVE_FEDERATED=1 \
 *     LOCKSTEP_LIVE_FEDERATED_TARGET_FILE=target.json LOCKSTEP_LIVE_FEDERATED_TOKEN_FILE=token.jwt \
 *       npx vitest run --project targets test/targets/leases-live/federated.test.ts
 *
 * The first file is the target of a leasable as the inventory has it: `{ issuer, audience, exchange }`
 * (docs/leases-of-services.md). The second holds a token of that issuer that has not expired, and is readable by its owner
 * alone (chmod 600). What comes back is used for nothing, and ends by itself.
 *
 * What it is for: what the doubles only assume. That each service takes the form that we send, and answers in the one that
 * we read.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { federatedKind } from '../../../lambdas/leasers/federated/kind.ts';
import { federatedLeaser } from '../../../lambdas/leasers/federated/leaser.ts';
import { inMinutes } from '../../leasers/in-minutes.ts';
import { given, liveLease, LIVE_HOLDER, secretFile } from './live-lease.ts';

const isAsked = process.env['LOCKSTEP_LIVE_FEDERATED'] === '1';
const clock = (): Date => new Date();

describe.skipIf(!isAsked)('a service itself (skipped without LOCKSTEP_LIVE_FEDERATED=1)', () => {
  it('gives a token for another one, and says until when', { timeout: 60_000 }, async () => {
    const leaser = federatedLeaser({ fetch, clock });
    const path = given('LOCKSTEP_LIVE_FEDERATED_TARGET_FILE');
    const target = federatedKind.target.parse(JSON.parse(readFileSync(path, 'utf8')));
    const holder = { ...LIVE_HOLDER, proof: secretFile('LOCKSTEP_LIVE_FEDERATED_TOKEN_FILE') };
    const { expiresAt = '' } = await leaser.issue(
      liveLease('federated', target),
      holder,
      inMinutes(clock, 90),
    );
    expect(Date.parse(expiresAt)).toBeGreaterThan(Date.now());
  });
});
