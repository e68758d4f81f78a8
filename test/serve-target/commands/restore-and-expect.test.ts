import { describe, expect, it } from 'vitest';
import { acknowledgementTag, tagDigest } from '../../../lambdas/core/adoption/acknowledgement-tag.ts';
import { LockstepError } from '../../../lambdas/core/errors.ts';
import { create } from '../../../lambdas/core/ports/ledger.ts';
import { PHASES } from '../../../lambdas/core/rotation/rotation.ts';
import { codeOf } from '../../ports/under-test.ts';
import { aTarget, FIRST, SECOND, THIRD } from '../a-target.ts';

const on = { credential: 'store', rotation: SECOND } as const;
const SILENT = 'store-0-silent';

describe('restoring the predecessor', () => {
  it('enables and proves it, and only then moves AWSCURRENT back to it', async () => {
    const { run, target, works, first, labels, written } = await aTarget({ phase: 'rolling-back' });
    await target.disable({ credential: { name: 'store' } } as never, first);
    expect(await run({ do: 'restore', ...on })).toEqual({ current: FIRST });
    expect(works(first)).toBe(true);
    expect(await labels()).toEqual({ [FIRST]: ['AWSCURRENT'], [SECOND]: ['AWSPREVIOUS'] });
    expect(written()).toEqual([
      'intent enable',
      'outcome enable done',
      'intent restore',
      'outcome restore done',
    ]);
  });

  it('may run again, wherever it stopped', async () => {
    const { run, labels } = await aTarget({ phase: 'rolling-back' });
    await run({ do: 'restore', ...on });
    expect(await run({ do: 'restore', ...on })).toEqual({ current: FIRST });
    expect((await labels())[FIRST]).toEqual(['AWSCURRENT']);
  });

  it('moves nothing where the predecessor does not work: there is nothing to go back to', async () => {
    const { run, target, labels } = await aTarget({ phase: 'rolling-back' });
    target.verify = () => Promise.reject(new LockstepError('SUCCESSOR_REJECTED', 'ended by hand'));
    expect(await codeOf(run({ do: 'restore', ...on }))).toBe('PREDECESSOR_REVOKED');
    expect((await labels())[SECOND]).toContain('AWSCURRENT');
  });

  it('moves nothing where nobody knows whether it works', async () => {
    const { run, target, labels } = await aTarget({ phase: 'rolling-back' });
    target.verify = () => Promise.reject(new LockstepError('TARGET_UNREACHABLE', 'down'));
    expect(await codeOf(run({ do: 'restore', ...on }))).toBe('TARGET_UNREACHABLE');
    expect((await labels())[SECOND]).toContain('AWSCURRENT');
  });

  it('passes on that somebody has moved AWSCURRENT to a version of their own', async () => {
    const { run, vault, secret, first } = await aTarget({ phase: 'rolling-back' });
    await vault.removePending(secret, SECOND);
    await vault.putPending(secret, THIRD, first.value);
    await vault.moveCurrent(secret, { to: THIRD, from: SECOND });
    expect(await codeOf(run({ do: 'restore', ...on }))).toBe('LABEL_CONFLICT');
  });

  it.each(PHASES.filter((phase) => phase !== 'rolling-back'))(
    'is refused while the rotation is %s',
    async (phase) => {
      const { run, labels } = await aTarget({ phase });
      expect(await codeOf(run({ do: 'restore', ...on }))).toBe('OUT_OF_ORDER');
      expect((await labels())[SECOND]).toContain('AWSCURRENT');
    },
  );
});

const asked = {
  do: 'expect',
  credential: 'store',
  rotation: SECOND,
  id: `${SECOND}#2`,
  version: FIRST,
  change: 'rolled-back',
  dependents: [SILENT],
} as const;

describe('writing down what is expected', () => {
  it('is a nonce and a digest for each, which only a holder of the value can answer', async () => {
    const { run, ledger, first } = await aTarget({ phase: 'rolling-back' });
    expect(await run(asked)).toEqual({ id: `${SECOND}#2` });
    const body = (await ledger.read('expectation', 'store', `${SECOND}#2`))?.body;
    const expected = body?.expected[SILENT];
    const subject = {
      credential: 'store',
      version: FIRST,
      rotation: SECOND,
      dependent: SILENT,
      nonce: expected?.nonce ?? '',
    };
    expect(body).toMatchObject({ rotation: SECOND, version: FIRST, change: 'rolled-back' });
    expect(expected?.tagDigest).toBe(tagDigest(acknowledgementTag(first.value, subject)));
  });

  it('happens once: a repeat leaves the nonces that are on their way', async () => {
    const { run, ledger } = await aTarget({ phase: 'rolling-back' });
    await run(asked);
    const before = await ledger.read('expectation', 'store', `${SECOND}#2`);
    expect(await run(asked)).toEqual({ id: `${SECOND}#2` });
    expect(await ledger.read('expectation', 'store', `${SECOND}#2`)).toEqual(before);
  });

  it('takes the next number where this one was used up for something else', async () => {
    const { run, ledger } = await aTarget({ phase: 'rolling-back' });
    await run({ ...asked, version: SECOND, change: 'unadopted' });
    expect(await run(asked)).toEqual({ id: `${SECOND}#3` });
    expect((await ledger.read('expectation', 'store', `${SECOND}#2`))?.body.change).toBe('unadopted');
  });

  it('looks at what somebody else has written at the same moment', async () => {
    const { run, ledger } = await aTarget({ phase: 'rolling-back' });
    const commit = ledger.commit.bind(ledger);
    ledger.commit = async (writes, events) => {
      ledger.commit = commit;
      const at = '2026-01-01T00:00:00.000Z';
      const other = { rotation: SECOND, version: SECOND, change: 'unadopted', at, expected: {} } as const;
      await commit([create('expectation', 'store', `${SECOND}#2`, other)]);
      return commit(writes, events);
    };
    expect(await run(asked)).toEqual({ id: `${SECOND}#3` });
  });

  it('is refused for a version of no business of this rotation, and under a name that is not its', async () => {
    const { run } = await aTarget({ phase: 'rolling-back' });
    expect(await codeOf(run({ ...asked, version: THIRD }))).toBe('UNKNOWN_VERSION');
    expect(await codeOf(run({ ...asked, id: `${THIRD}#2` }))).toBe('MALFORMED_REQUEST');
  });

  it('speaks of declared dependents alone', async () => {
    const { run, ledger } = await aTarget({ phase: 'rolling-back' });
    await run({ ...asked, dependents: [] });
    expect((await ledger.read('expectation', 'store', `${SECOND}#2`))?.body.expected).toEqual({});
  });
});
