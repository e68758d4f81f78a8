import { beforeEach, describe, expect, it } from 'vitest';
import { secretName } from '../../lambdas/core/credential.ts';
import { LockstepError } from '../../lambdas/core/errors.ts';
import type { ReportPorts } from '../../lambdas/report/report-ports.ts';
import { showStatus } from '../../lambdas/report/show-status.ts';
import { token } from '../fakes/counted-ids.ts';
import { FakeClock } from '../fakes/fake-clock.ts';
import { MemoryLedger } from '../fakes/memory-ledger.ts';
import { MEMORY_AUTHORITY_VALUE } from '../fakes/memory-leaser.ts';
import { MemoryVault } from '../fakes/memory-vault.ts';
import { ACCESS, INVENTORY } from '../grant-lease/an-inventory.ts';

const [first] = ACCESS.leaseAuthorities;
if (!first) throw new Error('the inventory has no lease authority');
const { name, supplyEverySeconds } = first;
const SECRET = secretName(INVENTORY.environment, name);

let clock: FakeClock;
let vault: MemoryVault;
beforeEach(() => {
  clock = new FakeClock();
  vault = new MemoryVault({ clock: clock.now });
  vault.createSecret(SECRET);
});

/** As far as a status looks. */
const ports = (listVersions = (secret: string) => vault.listVersions(secret)): ReportPorts =>
  ({
    inventory: INVENTORY,
    ledger: new MemoryLedger(),
    heads: { latest: async () => undefined, list: async () => [] },
    vault: { describe: (secret: string) => vault.describe(secret), listVersions },
    deadLetters: { list: async () => [] },
    clock: clock.now,
  }) as unknown as ReportPorts;

describe('the status of a lease authority', () => {
  it('says how old its value is, and when a new one is due', async () => {
    await vault.putFirst(SECRET, token(1), MEMORY_AUTHORITY_VALUE);
    await clock.advance(86_400);
    expect((await showStatus(ports(), undefined)).leaseAuthorities).toEqual([
      {
        name,
        kind: first.kind,
        owner: first.owner,
        supplyEverySeconds,
        supplied: true,
        since: '2026-01-01T00:00:00.000Z',
        ageSeconds: 86_400,
        dueAt: new Date(Date.parse('2026-01-01T00:00:00.000Z') + supplyEverySeconds * 1000).toISOString(),
        overdue: false,
      },
    ]);
    await clock.advance(supplyEverySeconds);
    expect((await showStatus(ports(), name)).leaseAuthorities).toMatchObject([{ overdue: true }]);
  });

  it('says that it was never supplied, which is not too old', async () => {
    expect((await showStatus(ports(), undefined)).leaseAuthorities).toMatchObject([
      { supplied: false, overdue: false },
    ]);
  });

  it('says what the vault does not tell, and counts it as too old; everything else is told', async () => {
    const silent = (): Promise<never> =>
      Promise.reject(new LockstepError('VAULT_UNAVAILABLE', 'no answer; try again'));
    const report = await showStatus(ports(silent), undefined);
    expect(report.credentials).toHaveLength(INVENTORY.credentials.length);
    expect(report.leaseAuthorities).toMatchObject([
      { overdue: true, problem: 'VAULT_UNAVAILABLE: no answer; try again' },
    ]);
    expect(report.leaseAuthorities?.[0]).not.toHaveProperty('supplied');
  });

  it('can be asked for by its name, and one that there is not is refused', async () => {
    expect(await showStatus(ports(), name)).toMatchObject({
      credentials: [],
      leaseAuthorities: [{ name }],
    });
    await expect(showStatus(ports(), 'another')).rejects.toMatchObject({ code: 'UNKNOWN_CREDENTIAL' });
  });

  it('is absent where there is none', async () => {
    const { access: _none, ...inventory } = INVENTORY;
    expect(await showStatus({ ...ports(), inventory }, undefined)).not.toHaveProperty('leaseAuthorities');
  });
});
