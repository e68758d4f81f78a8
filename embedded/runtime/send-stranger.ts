import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import type { Page } from '../../lambdas/core/ports/pager.ts';
import { realSleep } from '../loop/sleep.ts';
import type { ServiceOrders } from '../services/service-life.ts';
import type { Runtime } from './runtime.ts';

/** What came of a read by somebody who is not bound. */
export interface StrangerReport {
  readonly workload: string;
  readonly credential: string;
  /** 403: refused. */
  readonly answered: string;
  /** What on-call got. */
  readonly page?: Page;
}

const PATIENCE_MS = 20_000;

/** Has one process read a credential that it is not bound to, and waits for the page that follows. */
export async function sendStranger(runtime: Runtime): Promise<StrangerReport | undefined> {
  const { inventory, folder, pages } = runtime;
  const credential = inventory.credentials.find(
    ({ boundTo, kind }) => kind === 'postgres' && boundTo.length > 0,
  );
  const workload = inventory.workloads.find(({ name }) => credential && !credential.boundTo.includes(name));
  if (!credential || !workload) return undefined;
  const known = new Set(pages.pages().map(({ id }) => id));
  const orders: ServiceOrders = {
    name: workload.name,
    environment: inventory.environment,
    folder: folder.service('stranger'),
    identity: join(folder.service(workload.name), 'identity.pem'),
    runtime: folder.runtime,
    heartbeat: folder.heartbeat,
    idleLimitSeconds: 60,
    settings: { credential: credential.name },
  };
  const loader = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
  const program = fileURLToPath(new URL('../services/stranger.ts', import.meta.url));
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--import', loader, program, JSON.stringify(orders)],
    { timeout: 30_000 },
  );
  const page = await pageAbout(runtime, credential.name, known);
  return {
    workload: workload.name,
    credential: credential.name,
    answered: stdout.trim(),
    ...(page ? { page } : {}),
  };
}

async function pageAbout(
  { pages }: Runtime,
  credential: string,
  known: ReadonlySet<string>,
): Promise<Page | undefined> {
  const giveUpAt = performance.now() + PATIENCE_MS;
  while (performance.now() < giveUpAt) {
    const found = pages
      .pages()
      .find(
        ({ id, subject, reasons }) =>
          !known.has(id) &&
          (subject.includes(credential) || reasons.some((reason) => reason.includes(credential))),
      );
    if (found) return found;
    await realSleep(200);
  }
  return undefined;
}
