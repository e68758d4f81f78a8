import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isLockstepError } from '../../../lambdas/core/errors.ts';
import {
  assertMayChange,
  decideInstall,
  markedMemory,
  openedMemory,
} from '../../../lambdas/rotators/postgres/slot-decision.ts';
import {
  endOf,
  readSlotComment,
  slotCommentText,
  type SlotMemory,
} from '../../../lambdas/rotators/postgres/slot-memory.ts';

const tokens = fc.constantFrom('v1', 'v2', 'v3');
const fences = fc.integer({ min: 0, max: 4 });
const memories: fc.Arbitrary<SlotMemory> = fc
  .record({ token: tokens, fence: fences, state: fc.constantFrom('closed', 'revoked', 'stopped', undefined) })
  .map(({ state, ...rest }) => (state === undefined ? rest : { ...rest, state }));

const answer = <T>(decide: () => T): T | 'fenced' => {
  try {
    return decide();
  } catch (error) {
    if (isLockstepError(error, 'FENCED_OFF')) return 'fenced';
    throw error;
  }
};

describe('what a slot remembers', () => {
  it('comes back from its comment as it was written, with what others wrote', () => {
    const others = fc.dictionary(
      fc.string().filter((key) => key !== 'lockstep' && key !== '__proto__'),
      fc.string(),
    );
    fc.assert(
      fc.property(memories, others, (memory, theirs) => {
        const text = slotCommentText({ others: theirs }, memory);
        expect(readSlotComment('rag_a', text)).toEqual({ memory, others: theirs });
      }),
    );
  });

  it('is nothing where nobody wrote, and leaves plain words as a note', () => {
    expect(readSlotComment('rag_a', null)).toEqual({ others: {} });
    expect(readSlotComment('rag_a', 'ask Kim')).toEqual({ others: { note: 'ask Kim' } });
  });

  it.each([
    '{"lockstep":1}',
    '{"lockstep":{"token":"v1"}}',
    '{"lockstep":{"token":"v1","fence":1,"state":"odd"}}',
  ])('is not guessed at: %s', (comment) => {
    expect(answer(() => readSlotComment('rag_a', comment))).toBe('fenced');
  });
});

describe('an installation', () => {
  it('never passes a higher fence, and never brings back what ended under its own', () => {
    fc.assert(
      fc.property(memories, tokens, fences, (memory, token, fence) => {
        const decided = answer(() => decideInstall(memory, { slot: 'rag_a', token, fence }));
        const ended = endOf(memory) !== undefined;
        const tooLate = memory.fence > fence || (ended && memory.fence === fence);
        const otherwise = memory.token === token && !ended ? 'done' : 'install';
        expect(decided).toBe(tooLate ? 'fenced' : otherwise);
      }),
    );
  });

  it('goes ahead in a slot that remembers nothing', () => {
    expect(decideInstall(undefined, { slot: 'rag_a', token: 'v1', fence: 0 })).toBe('install');
  });
});

describe('any other change', () => {
  it('never passes a higher fence, and never touches this rotation’s own successor by another name', () => {
    fc.assert(
      fc.property(memories, tokens, tokens, fences, (memory, token, version, fence) => {
        const decided = answer(() => assertMayChange(memory, { slot: 'rag_a', token, fence }, version));
        const ownSuccessor = memory.token === token && version !== token && endOf(memory) === undefined;
        expect(decided === 'fenced').toBe(memory.fence > fence || ownSuccessor);
      }),
    );
  });
});

describe('a history of changes under any fences, in any order', () => {
  type Change = { readonly do: 'install' | 'close' | 'open' | 'revoke'; readonly fence: number };

  /** As the rotator carries it out: the version of a fence is `v<fence>`. */
  function apply(memory: SlotMemory | undefined, { do: what, fence }: Change): SlotMemory | undefined {
    const claim = { slot: 'rag_a', token: `v${fence}`, fence };
    if (what === 'install') {
      const decided = answer(() => decideInstall(memory, claim));
      return decided === 'install' ? { token: claim.token, fence } : memory;
    }
    if (answer(() => assertMayChange(memory, claim, claim.token)) === 'fenced') return memory;
    if (what === 'revoke') return markedMemory(claim.token, claim, 'revoked');
    if (endOf(memory)) return memory;
    if (what === 'close') return markedMemory(claim.token, claim, 'closed');
    return memory?.state === 'closed' ? openedMemory(memory, claim) : memory;
  }

  it('only ever raises the fence, and a revoked version never holds the slot again', () => {
    const change = fc.record({ do: fc.constantFrom('install', 'close', 'open', 'revoke'), fence: fences });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 30 }), (changes) => {
        let memory: SlotMemory | undefined;
        const ended = new Set<string>();
        for (const each of changes as readonly Change[]) {
          const after = apply(memory, each);
          expect(after?.fence ?? 0).toBeGreaterThanOrEqual(memory?.fence ?? 0);
          const hasEnded = after !== undefined && endOf(after) !== undefined;
          expect(after !== undefined && !hasEnded && ended.has(after.token)).toBe(false);
          if (hasEnded) ended.add(after.token);
          memory = after;
        }
      }),
    );
  });
});
