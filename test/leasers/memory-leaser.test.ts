import { FakeClock } from '../fakes/fake-clock.ts';
import { MEMORY_AUTHORITY_VALUE, MEMORY_WRONG_VALUE, MemoryLeaser } from '../fakes/memory-leaser.ts';
import type { LeaserCapabilities } from '../../lambdas/core/ports/leaser.ts';
import { leasableOf, leaseAuthorityOf, newLeaseId } from './a-leasable.ts';
import type { LeaserUnderTest, Trait } from './contract/subject.ts';
import { describeLeaserContract } from './leaser-contract.ts';

const ALL: LeaserCapabilities = {
  expiresAtTarget: true,
  renewable: true,
  revocable: true,
  listsOurs: true,
};

const inMemory = (capabilities: LeaserCapabilities) => async (): Promise<LeaserUnderTest> => {
  const clock = new FakeClock();
  const leaser = new MemoryLeaser({ clock: clock.now, capabilities, pageSize: 2 });
  return {
    leaser,
    leasable: leasableOf('memory', {}, { authority: 'lease-admin' }),
    authority: {
      declared: leaseAuthorityOf('memory', {}),
      value: MEMORY_AUTHORITY_VALUE,
      wrongValue: MEMORY_WRONG_VALUE,
    },
    tries: async (value) => (leaser.accepts(value) ? 'works' : 'refused'),
    opens: async (value) => {
      const session = leaser.connect(value);
      return { works: async () => session?.isOpen() ?? false, close: async () => undefined };
    },
    clock: clock.now,
    pass: async (seconds) => clock.advance(seconds),
    newId: newLeaseId,
    cleanUp: async () => leaser.judge.assertClean(),
  };
};

const suite = (name: string, capabilities: LeaserCapabilities, ...more: readonly Trait[]): void =>
  describeLeaserContract({
    name,
    capabilities,
    traits: ['authority', 'fresh-values', ...more],
    shortSeconds: 5,
    make: inMemory(capabilities),
  });

suite('a target in memory that can do everything', ALL, 'sessions');
suite('a target in memory without expiry', { ...ALL, expiresAtTarget: false }, 'sessions');
suite('a target in memory that only expires', {
  ...ALL,
  renewable: false,
  revocable: false,
  listsOurs: false,
});
