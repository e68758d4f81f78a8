/**
 * Leases of OpenAI itself, under the switch of `test/targets/openai-live.test.ts`, whose head says what it needs:
 *
 *     LOCKSTEP_LIVE_OPENAI=1 LOCKSTEP_LIVE_OPENAI_ADMIN_KEY_FILE=… LOCKSTEP_LIVE_OPENAI_PROJECT=proj_… \
 *       npx vitest run --project targets test/targets/leases-live/openai.test.ts
 *
 * It leaves one service account without a key behind, called `lockstep-lease/live-test/live-test/…/ended`: the next lease
 * that ends there takes it away.
 *
 * What it is for: what the double only assumes. That a service account is made with a key that expires, and says when;
 * that one can be made without a key; that a name may be as long as ours and hold slashes.
 */
import { describe, expect, it } from 'vitest';
import { systemPause } from '../../../lambdas/adapters/system/system.ts';
import { openaiLeaser } from '../../../lambdas/leasers/openai/leaser.ts';
import { adminKeyValue } from '../../../lambdas/leasers/openai/value.ts';
import { inMinutes } from '../../leasers/in-minutes.ts';
import { given, liveLease, LIVE_HOLDER, secretFile } from './live-lease.ts';

const isAsked = process.env['LOCKSTEP_LIVE_OPENAI'] === '1';
const clock = (): Date => new Date();
const leaser = openaiLeaser({ fetch, clock, sleep: systemPause });

describe.skipIf(!isAsked)('leases of OpenAI itself (skipped without LOCKSTEP_LIVE_OPENAI=1)', () => {
  it('leases a key, lists it, ends it, and lets no late issue pass', { timeout: 180_000 }, async () => {
    const request = liveLease(
      'openai',
      { project: given('LOCKSTEP_LIVE_OPENAI_PROJECT') },
      {
        target: { apiUrl: 'https://api.openai.com/v1' },
        value: adminKeyValue(secretFile('LOCKSTEP_LIVE_OPENAI_ADMIN_KEY_FILE')),
      },
    );
    try {
      const { key } = await leaser.issue(request, LIVE_HOLDER, inMinutes(clock, 15));
      expect(await leaser.isRefused(request)).toBe('accepted');
      expect((await leaser.listOurs(request, undefined)).leases).toContainEqual({
        key,
        leaseId: request.leaseId,
      });
    } finally {
      await leaser.end({ ...request, fence: 2 });
    }
    expect(await leaser.isRefused(request)).toBe('refused');
    await expect(leaser.issue(request, LIVE_HOLDER, inMinutes(clock, 15))).rejects.toMatchObject({
      code: 'FENCED_OFF',
    });
    expect(await leaser.isRefused(request)).toBe('refused');
  });
});
