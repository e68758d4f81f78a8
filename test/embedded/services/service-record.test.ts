import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, writeFileSync, mkdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { findProcess } from '../../../embedded/postgres/system-process.ts';
import { ordersDigest, type ServiceOrders } from '../../../embedded/services/service-orders.ts';
import { claimService, livingService, showReady } from '../../../embedded/services/service-record.ts';
import { inTempFolder } from '../../fakes/temp-folder.ts';

describe('the record of a service', () => {
  const folder = inTempFolder();
  const orders = (parts: Partial<ServiceOrders> = {}): ServiceOrders => ({
    name: 'embedder',
    environment: 'local',
    folder: folder().at('embedder'),
    identity: 'identity.pem',
    runtime: 'runtime.json',
    heartbeat: 'heartbeat',
    idleLimitSeconds: 600,
    settings: {},
    ...parts,
  });

  it('shows a process before it has begun, and says when it has', async () => {
    expect(await livingService(folder().at('embedder'))).toBeUndefined();
    expect(await claimService(orders())).toBe(true);
    expect(await livingService(folder().at('embedder'))).toMatchObject({ pid: process.pid, isReady: false });
    await showReady(orders());
    expect(await livingService(folder().at('embedder'))).toMatchObject({ pid: process.pid, isReady: true });
    expect(readdirSync(folder().at('embedder'))).toEqual(['process.json']);
  });

  it('is not given to a second process while the first one lives', async () => {
    expect(await claimService(orders())).toBe(true);
    expect(await claimService(orders())).toBe(false);
  });

  it('is taken from a process that has ended, however that was', async () => {
    // given the record of a process that was killed
    const child = spawn(process.execPath, ['-e', 'setInterval(() => undefined, 1000)']);
    const found = await findProcess(child.pid ?? 0);
    mkdirSync(folder().at('embedder'));
    writeFileSync(
      folder().at('embedder', 'process.json'),
      JSON.stringify({ ...found, orders: 'x', isReady: true }),
    );
    expect(await claimService(orders())).toBe(false);
    child.kill('SIGKILL');
    await once(child, 'exit');
    // then the next one has it
    expect(await claimService(orders())).toBe(true);
    expect(await livingService(folder().at('embedder'))).toMatchObject({ pid: process.pid });
  });

  it('does not take another process of the same number for it', async () => {
    mkdirSync(folder().at('embedder'));
    const stranger = { pid: process.pid, started: 'at another time', orders: 'x', isReady: true };
    writeFileSync(folder().at('embedder', 'process.json'), JSON.stringify(stranger));
    expect(await livingService(folder().at('embedder'))).toBeUndefined();
    expect(await claimService(orders())).toBe(true);
  });

  it('tells one that was started with other orders: another port, another cache', () => {
    expect(ordersDigest(orders())).toBe(ordersDigest(orders()));
    expect(ordersDigest(orders({ port: 1 }))).not.toBe(ordersDigest(orders({ port: 2 })));
    expect(ordersDigest(orders({ settings: { cacheTtlSeconds: 2 } }))).not.toBe(ordersDigest(orders()));
  });
});
