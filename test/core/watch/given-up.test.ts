import { describe, expect, it } from 'vitest';
import { givenUpVersion } from '../../../lambdas/core/watch/given-up.ts';
import type { Rotation } from '../../../lambdas/core/rotation/rotation.ts';
import { aRotation, at, without } from './a-workspace.ts';

const byId = (rotations: readonly Rotation[], versionId: string, minute: number, second = 0) =>
  givenUpVersion(rotations, { at: at(minute, second), versionId })?.since;
const byStage = (rotations: readonly Rotation[], minute: number) =>
  givenUpVersion(rotations, { at: at(minute), versionStage: 'AWSPREVIOUS' });

describe('a version that was given up', () => {
  it('is fine until the drain has ended, and no longer', () => {
    // given a rotation adopted at 5 with a drain of ten minutes
    expect(byId([aRotation()], 'version-1', 15, 5)).toBeUndefined();
    expect(byId([aRotation()], 'version-1', 15, 6)).toBe(at(15));
  });

  it('is fine as long as somebody has not adopted', () => {
    const open = without(aRotation({ phase: 'adopting' }), 'adoptedAt', 'disabledAt', 'endedAt');
    expect(byId([open], 'version-1', 5000)).toBeUndefined();
  });

  it('is out of the overlap also while a hold keeps it from being disabled', () => {
    const held = without(aRotation({ phase: 'adopted' }), 'disabledAt', 'endedAt');
    expect(byId([held], 'version-1', 20)).toBe(at(15));
  });

  it('is read until `disabled` where the target takes two values', () => {
    const dual = aRotation({ strategy: 'dual-value' });
    expect(byId([dual], 'version-1', 16)).toBeUndefined();
    expect(byId([dual], 'version-1', 17)).toBe(at(16));
    const held = without(aRotation({ strategy: 'dual-value', phase: 'adopted' }), 'disabledAt', 'endedAt');
    expect(byId([held], 'version-1', 5000)).toBeUndefined();
  });

  it('ends at once in a breach', () => {
    const breached = without(
      aRotation({ endedAt: at(3), endedBecause: 'breach' }),
      'adoptedAt',
      'disabledAt',
    );
    expect(byId([breached], 'version-1', 4)).toBe(at(3));
    const late = aRotation({ endedAt: at(6), endedBecause: 'breach' });
    expect(byId([late], 'version-1', 7)).toBe(at(6));
  });

  it('is the successor of a rotation that was abandoned', () => {
    const abandoned = without(
      aRotation({ phase: 'abandoned', endedAt: at(2) }),
      'promotedAt',
      'adoptedAt',
      'disabledAt',
    );
    expect(byId([abandoned], 'token-2', 3)).toBe(at(2));
    expect(byId([abandoned], 'version-1', 3)).toBeUndefined();
  });

  it('is not judged where no rotation knows it', () => {
    expect(byId([aRotation()], 'version-0', 5000)).toBeUndefined();
  });

  it('is not the current one, and AWSCURRENT is never judged', () => {
    expect(byId([aRotation()], 'token-2', 5000)).toBeUndefined();
    expect(givenUpVersion([aRotation()], { at: at(5000), versionStage: 'AWSCURRENT' })).toBeUndefined();
    expect(givenUpVersion([aRotation()], { at: at(5000) })).toBeUndefined();
  });
});

describe('a version that was given up, as AWSPREVIOUS', () => {
  const second = without(
    aRotation({
      token: 'token-3',
      phase: 'adopting',
      predecessor: { version: 'token-2', key: 'rag_b' },
      successor: { version: 'token-3', key: 'rag_a' },
      requestedAt: at(100),
      promotedAt: at(101),
    }),
    'adoptedAt',
    'disabledAt',
    'endedAt',
  );

  it('means what the last promotion before the read replaced', () => {
    expect(byStage([aRotation(), second], 50)).toMatchObject({ version: 'version-1', since: at(15) });
    expect(byStage([second, aRotation()], 50)).toMatchObject({ version: 'version-1' });
    // while the second rotation overlaps it means another version, which is fine
    expect(byStage([aRotation(), second], 110)).toBeUndefined();
  });

  it('means nothing before the first promotion', () => {
    expect(byStage([aRotation()], 0)).toBeUndefined();
    expect(byStage([], 50)).toBeUndefined();
  });
});

describe('a version that was given up, after a roll-back', () => {
  const back = (returnedAt: string | undefined): Rotation =>
    without(
      aRotation({
        phase: returnedAt === undefined ? 'rolling-back' : 'rolled-back',
        ...(returnedAt === undefined ? {} : { endedAt: at(200) }),
        rollback: {
          requestedAt: at(20),
          by: 'ann',
          reason: 'r',
          restoredAt: at(21),
          returned: {},
          ...(returnedAt === undefined ? {} : { returnedAt }),
        },
      }),
      'disabledAt',
      ...(returnedAt === undefined ? (['endedAt'] as const) : []),
    );

  it('is the successor, once everybody has returned and it has drained', () => {
    expect(byId([back(at(30))], 'token-2', 40)).toBeUndefined();
    expect(byId([back(at(30))], 'token-2', 41)).toBe(at(40));
    expect(byStage([back(at(30))], 41)).toMatchObject({ version: 'token-2' });
  });

  it('is nobody while they return, and never the predecessor, which is current again', () => {
    expect(byId([back(undefined)], 'token-2', 5000)).toBeUndefined();
    expect(byId([back(at(30))], 'version-1', 5000)).toBeUndefined();
    expect(byId([back(undefined)], 'version-1', 5000)).toBeUndefined();
  });
});
