import { beforeEach, describe, expect, it } from 'vitest';
import { NO_ACCESS, type Leasable } from '../../lambdas/core/access/access-inventory.ts';
import { secretName, type Inventory } from '../../lambdas/core/credential.ts';
import { LockstepError } from '../../lambdas/core/errors.ts';
import type { LeaseCommand } from '../../lambdas/core/ports/lease-functions.ts';
import type { Leaser, LeaserRequest } from '../../lambdas/core/ports/leaser.ts';
import { Secret } from '../../lambdas/core/secret.ts';
import { instant, secondsAfter } from '../../lambdas/core/time.ts';
import { serveLease, type LeaseService } from '../../lambdas/serve-lease/serve-lease.ts';
import { CountingMetrics } from '../fakes/counting-metrics.ts';
import { FakeClock } from '../fakes/fake-clock.ts';
import { Judge } from '../fakes/judge.ts';
import { MEMORY_AUTHORITY_VALUE, MEMORY_WRONG_VALUE, MemoryLeaser } from '../fakes/memory-leaser.ts';
import { MemoryVault } from '../fakes/memory-vault.ts';
import { leasableOf, leaseAuthorityOf, newLeaseId } from '../leasers/a-leasable.ts';
import { codeOf } from '../ports/under-test.ts';
import { MARK, OTHER_MARK } from '../fakes/marks.ts';

const secret = secretName('staging', 'lease-admin');
const [first, second] = ['1'.repeat(32), '2'.repeat(32)];

let world: World;
beforeEach(async () => {
  world = new World();
  await world.vault.putFirst(secret, first, MEMORY_AUTHORITY_VALUE);
});

/** A lease function of the kind `memory`, with a store that can be leased and others that it must not serve. */
class World {
  readonly judge = new Judge();
  readonly clock = new FakeClock();
  readonly leaser = new MemoryLeaser({ clock: this.clock.now, judge: this.judge });
  readonly vault = new MemoryVault({ judge: this.judge });
  readonly metrics = new CountingMetrics();

  constructor() {
    this.vault.createSecret(secret);
  }

  service(leasables: readonly Leasable[] = LEASABLES, more: Partial<Leaser> = {}): LeaseService {
    return serveLease({
      inventory: inventoryWith(leasables),
      mark: MARK,
      kind: 'memory',
      leaser: { ...delegating(this.leaser), ...more },
      vault: this.vault,
      metrics: this.metrics,
      clock: this.clock.now,
      functionName: 'lease-memory',
    });
  }

  readonly from = (seconds: number): string => secondsAfter(instant(this.clock.now()), seconds);

  issue(more: Partial<Extract<LeaseCommand, { do: 'issue' }>> = {}): LeaseCommand {
    return {
      do: 'issue',
      leasable: 'store',
      lease: newLeaseId(),
      fence: 1,
      holder: 'agent:research-agent',
      purpose: 'answer-questions',
      expiresAt: this.from(900),
      notAfter: this.from(60),
      ...more,
    };
  }
}

/** The same leaser as an object whose methods a test may replace. */
const delegating = (leaser: MemoryLeaser): Leaser => ({
  capabilities: leaser.capabilities,
  checkAuthority: (...given) => leaser.checkAuthority(...given),
  proveAuthority: (...given) => leaser.proveAuthority(...given),
  issue: (...given) => leaser.issue(...given),
  renew: (...given) => leaser.renew(...given),
  end: (...given) => leaser.end(...given),
  isRefused: (...given) => leaser.isRefused(...given),
  listOurs: (...given) => leaser.listOurs(...given),
});

const LEASABLES: readonly Leasable[] = [
  leasableOf('memory', {}, { name: 'store', authority: 'lease-admin' }),
  leasableOf('memory', {}, { name: 'orphan', authority: 'nobody-declared-it' }),
  leasableOf('memory', {}, { name: 'borrower', authority: 'postgres-admin' }),
  leasableOf('memory', {}, { name: 'free' }),
  leasableOf('postgres', {}, { name: 'foreign', authority: 'postgres-admin' }),
];

const inventoryWith = (leasables: readonly Leasable[]): Inventory => ({
  environment: 'staging',
  digest: 'd',
  workloads: [],
  freezes: [],
  credentials: [],
  access: {
    ...NO_ACCESS,
    leasables,
    leaseAuthorities: [
      leaseAuthorityOf('memory', {}),
      { ...leaseAuthorityOf('postgres', {}), name: 'postgres-admin' },
    ],
  },
});

describe('a lease function', () => {
  it('issues, renews and ends a lease, by the authority that the inventory names', async () => {
    const serve = world.service();
    const lease = newLeaseId();
    const issued = await serve(world.issue({ lease }));
    expect(Object.keys(issued).sort()).toEqual(['expiresAt', 'key', 'value']);
    const value = 'value' in issued ? issued.value : new Secret('none');
    expect(world.leaser.accepts(value)).toBe(true);
    expect(
      await serve({ do: 'renew', leasable: 'store', lease, fence: 2, expiresAt: world.from(1800) }),
    ).toEqual({});
    expect(await serve({ do: 'list-ours', leasable: 'store' })).toEqual({
      leases: [{ key: `memory_l_${lease}`, leaseId: lease }],
      others: [],
    });
    const asked = { do: 'is-refused', leasable: 'store', lease, fence: 3 } as const;
    expect(await serve(asked)).toEqual({ refused: 'accepted' });
    expect(await serve({ do: 'end', leasable: 'store', lease, fence: 3 })).toEqual({ refused: 'refused' });
    expect(world.leaser.accepts(value)).toBe(false);
    expect(await serve(asked)).toEqual({ refused: 'refused' });
    world.judge.assertClean();
  });

  it('answers with what a command is answered with, whatever a leaser adds', async () => {
    const chatty = {
      issue: async () => ({ key: 'k', value: new Secret('{}'), password: 'in clear' }),
      listOurs: async () => ({
        leases: [{ key: 'k', password: 'in clear' }],
        others: [],
        password: 'in clear',
      }),
    };
    const serve = world.service(LEASABLES, chatty);
    expect(Object.keys(await serve(world.issue()))).toEqual(['key', 'value']);
    expect(await serve({ do: 'list-ours', leasable: 'store' })).toEqual({
      leases: [{ key: 'k' }],
      others: [],
    });
  });
});

describe('a leaser is handed', () => {
  it('the leasable, the authority and the lease, and the token where one came along', async () => {
    const seen: unknown[] = [];
    const watching = {
      issue: async (...given: readonly unknown[]) => {
        seen.push(...given);
        return { key: 'k', value: new Secret('{}') };
      },
    };
    const lease = newLeaseId();
    const proof = new Secret('a token');
    await world.service(LEASABLES, watching)(world.issue({ lease, fence: 7, proof }));
    expect(seen).toEqual([
      {
        environment: 'staging',
        mark: MARK,
        leasable: LEASABLES[0],
        leaseId: lease,
        fence: 7,
        authority: { declared: leaseAuthorityOf('memory', {}), value: MEMORY_AUTHORITY_VALUE },
      },
      { holder: 'agent:research-agent', purpose: 'answer-questions', proof },
      { expiresAt: world.from(900), notAfter: world.from(60) },
    ]);
  });

  it('no authority where none is declared, and no secret is read', async () => {
    const seen: LeaserRequest[] = [];
    const watching = {
      end: async (request: LeaserRequest) => void seen.push(request),
      isRefused: async () => 'unknown' as const,
    };
    const serve = world.service(LEASABLES, watching);
    expect(await serve({ do: 'end', leasable: 'free', lease: newLeaseId(), fence: 1 })).toEqual({
      refused: 'unknown',
    });
    expect(seen[0]?.authority).toBeUndefined();
    expect(world.metrics.samples('lockstep_vault_read_milliseconds')).toEqual([]);
  });
});

describe('a lease function refuses', () => {
  it.each([
    ['what nobody declared', 'UNKNOWN_LEASABLE', { leasable: 'nothing' }],
    ['what another function serves', 'NOT_SUPPORTED', { leasable: 'foreign' }],
    ['an authority that nobody declared', 'INVENTORY_INVALID', { leasable: 'orphan' }],
    ['an authority of another kind', 'INVENTORY_INVALID', { leasable: 'borrower' }],
    ['a purpose that is not one of its own', 'PURPOSE_REFUSED', { purpose: 'mine-coins' }],
    ['an issue that may come in days', 'MALFORMED_REQUEST', { notAfter: '2026-01-03T00:00:00.000Z' }],
  ] as const)('%s', async (_, code, change) => {
    expect(await codeOf(world.service()(world.issue(change)))).toBe(code);
    expect(world.leaser.alive()).toEqual([]);
  });

  it('a lease for longer than the inventory lets anybody have, and one that is over', async () => {
    const serve = world.service();
    for (const seconds of [3600 + 61, 86_400 * 365, 0, -10]) {
      const command = world.issue({ expiresAt: world.from(seconds) });
      expect(await codeOf(serve(command))).toBe('TTL_REFUSED');
    }
    expect(world.leaser.alive()).toEqual([]);
    const lease = newLeaseId();
    await serve(world.issue({ lease, expiresAt: world.from(3600) }));
    const renewal = { do: 'renew' as const, leasable: 'store', lease, fence: 2 };
    expect(await codeOf(serve({ ...renewal, expiresAt: world.from(3700) }))).toBe('TTL_REFUSED');
  });

  it('a renewal of what cannot be renewed, before it reads any secret', async () => {
    const serve = world.service(LEASABLES, {
      capabilities: { ...world.leaser.capabilities, renewable: false },
    });
    const renewal = serve({
      do: 'renew',
      leasable: 'store',
      lease: newLeaseId(),
      fence: 2,
      expiresAt: world.from(60),
    });
    expect(await codeOf(renewal)).toBe('NOT_SUPPORTED');
    expect(world.metrics.samples('lockstep_vault_read_milliseconds')).toEqual([]);
  });

  it('to work without an authority that somebody has supplied', async () => {
    const empty = new World();
    const attempt = empty.service()(empty.issue());
    await expect(attempt).rejects.toMatchObject({ code: 'NOT_ADOPTED' });
    await expect(attempt).rejects.toThrow(/lockstep supply lease-admin/);
  });

  it('a value that is none, and quotes none of it', async () => {
    const broken = new World();
    await broken.vault.putFirst(secret, first, new Secret('canary'));
    const attempt = broken.service()(broken.issue());
    await expect(attempt).rejects.toMatchObject({ code: 'VALUE_MALFORMED' });
    await expect(attempt).rejects.not.toThrow(/canary/);
  });
});

describe('a lease of another deployment', () => {
  it('is refused before any secret is read, whatever is asked about it and by whatever name', async () => {
    const theirs = newLeaseId(OTHER_MARK);
    const serve = world.service();
    const named = { leasable: 'store', lease: theirs, fence: 3 } as const;
    for (const command of [
      world.issue({ lease: theirs }),
      { do: 'renew', ...named, expiresAt: world.from(60) },
      { do: 'end', ...named },
      { do: 'is-refused', ...named },
    ] as const) {
      const attempt = serve(command);
      await expect(attempt).rejects.toMatchObject({ code: 'NOT_SUPPORTED' });
      await expect(attempt).rejects.toThrow(/made by another deployment .* whose leases begin with 5hm4rk0a/);
    }
    expect(world.metrics.samples('lockstep_vault_read_milliseconds')).toEqual([]);
    expect(world.leaser.held()).toEqual([]);
  });
});

describe('while a new value of the authority is supplied', () => {
  /** The target takes the value of the version given, and no other. */
  const takes = (value: Secret): Partial<Leaser> => ({
    end: async ({ authority }: LeaserRequest) => {
      if (authority?.value.equals(value)) return;
      throw new LockstepError('TARGET_REFUSES_LOGIN', 'the target refuses it');
    },
  });
  const end = (): LeaseCommand => ({ do: 'end', leasable: 'store', lease: newLeaseId(), fence: 1 });

  it('goes on by the new one as soon as the target refuses the old', async () => {
    await world.vault.putPending(secret, second, MEMORY_WRONG_VALUE);
    expect(await world.service(LEASABLES, takes(MEMORY_WRONG_VALUE))(end())).toEqual({ refused: 'refused' });
  });

  it('goes on by the old one as long as the target takes it', async () => {
    await world.vault.putPending(secret, second, MEMORY_WRONG_VALUE);
    expect(await world.service(LEASABLES, takes(MEMORY_AUTHORITY_VALUE))(end())).toEqual({
      refused: 'refused',
    });
  });

  it('says that the target refuses it where there is no other, or where that is none', async () => {
    const serve = world.service(LEASABLES, takes(MEMORY_WRONG_VALUE));
    expect(await codeOf(serve(end()))).toBe('TARGET_REFUSES_LOGIN');
    await world.vault.putPending(secret, second, new Secret('canary'));
    expect(await codeOf(serve(end()))).toBe('TARGET_REFUSES_LOGIN');
  });

  it('tries nothing again for another reason', async () => {
    await world.vault.putPending(secret, second, MEMORY_WRONG_VALUE);
    const tried: Secret[] = [];
    const down = {
      end: async ({ authority }: LeaserRequest) => {
        if (authority) tried.push(authority.value);
        throw new LockstepError('TARGET_UNREACHABLE', 'it is down');
      },
    };
    expect(await codeOf(world.service(LEASABLES, down)(end()))).toBe('TARGET_UNREACHABLE');
    expect(tried).toEqual([MEMORY_AUTHORITY_VALUE]);
  });

  it('is proved by the version that is named, and by that one alone', async () => {
    await world.vault.putPending(secret, second, MEMORY_WRONG_VALUE);
    const serve = world.service();
    expect(await serve({ do: 'prove-authority', leasable: 'store' })).toEqual({ works: true });
    expect(await serve({ do: 'prove-authority', leasable: 'store', version: first })).toEqual({
      works: true,
    });
    const attempt = (version: string) => serve({ do: 'prove-authority', leasable: 'store', version });
    expect(await codeOf(attempt(second))).toBe('TARGET_REFUSES_LOGIN');
    expect(await codeOf(attempt('3'.repeat(32)))).toBe('NOT_ADOPTED');
    expect(await codeOf(serve({ do: 'prove-authority', leasable: 'free' }))).toBe('NOT_SUPPORTED');
  });
});
