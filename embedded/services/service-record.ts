import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isRunning, ownIdentity, type ProcessIdentity } from '../postgres/system-process.ts';
import { ordersDigest, type ServiceOrders } from './service-orders.ts';

/** Which process lives as a service. */
export interface ServiceRecord extends ProcessIdentity {
  /** The digest of the orders it was started with: one that was started with others is not taken over. */
  readonly orders: string;
  /** It listens, and has begun. */
  readonly isReady: boolean;
}

const pathOf = (folder: string): string => join(folder, 'process.json');

/** The process that lives as the service of a folder, if any does. */
export async function livingService(folder: string): Promise<ServiceRecord | undefined> {
  try {
    const record = JSON.parse(readFileSync(pathOf(folder), 'utf8')) as ServiceRecord;
    return (await isRunning(record)) ? record : undefined;
  } catch {
    // None has ever lived here, or its record was cut short by a full disk.
    return undefined;
  }
}

/**
 * Makes this process the service of its folder, before it does anything. False where another one lives: a runtime
 * that was killed while it started services may have left one that had not shown itself yet.
 */
export async function claimService(orders: ServiceOrders): Promise<boolean> {
  const { folder } = orders;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const draft = await writeDraft(orders, false);
  try {
    for (let attempt = 1; attempt <= 3; attempt += 1) {
      if (isTaken(() => linkSync(draft, pathOf(folder)))) {
        if (await livingService(folder)) return false;
        rmSync(pathOf(folder), { force: true });
      } else return true;
    }
    return false;
  } finally {
    rmSync(draft, { force: true });
  }
}

/** Says that the service has begun. */
export async function showReady(orders: ServiceOrders): Promise<void> {
  renameSync(await writeDraft(orders, true), pathOf(orders.folder));
}

async function writeDraft(orders: ServiceOrders, isReady: boolean): Promise<string> {
  const draft = `${pathOf(orders.folder)}.${process.pid}.new`;
  const record: ServiceRecord = { ...(await ownIdentity()), orders: ordersDigest(orders), isReady };
  writeFileSync(draft, JSON.stringify(record), { mode: 0o600 });
  return draft;
}

function isTaken(link: () => void): boolean {
  try {
    link();
    return false;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return true;
    throw error;
  }
}
