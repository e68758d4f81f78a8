import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import type { Inventory } from '../../lambdas/core/credential.ts';
import type { Page } from '../../lambdas/core/ports/pager.ts';
import { WorkloadIdentities } from '../endpoint/workload-identities.ts';
import { realSleep } from '../loop/sleep.ts';
import type { ServiceOrders } from '../services/service-orders.ts';
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

const PATIENCE_MS = 30_000;
/** A machine that is too busy to answer has refused nobody. */
const ATTEMPTS = 3;

/**
 * Has one process read a credential that it is not bound to, and waits for the page that follows. `undefined` where
 * the file has nobody who may not read something.
 */
export async function sendStranger(runtime: Runtime): Promise<StrangerReport | undefined> {
  const pair = unboundPair(runtime.inventory);
  if (!pair) return undefined;
  const { workload, credential } = pair;
  const { pages, folder, inventory } = runtime;
  const known = new Set(pages.pages().map(({ id }) => id));
  const orders: ServiceOrders = {
    name: workload,
    environment: inventory.environment,
    folder: folder.service('stranger'),
    identity: new WorkloadIdentities(folder.identities.workloads).ensure(workload, folder.service(workload)),
    runtime: folder.runtime,
    heartbeat: folder.heartbeat,
    idleLimitSeconds: 60,
    settings: { credential },
  };
  let answered = NO_ANSWER;
  for (let attempt = 1; attempt <= ATTEMPTS && answered === NO_ANSWER; attempt += 1)
    answered = await runStranger(orders);
  const page = await pageAbout(runtime, credential, known);
  return { workload, credential, answered, ...(page ? { page } : {}) };
}

/** A database login if there is one: what everybody understands that a stranger must not have. */
export function unboundPair({
  credentials,
  workloads,
}: Pick<Inventory, 'credentials' | 'workloads'>):
  { readonly workload: string; readonly credential: string } | undefined {
  const [databases, others] = [
    credentials.filter(({ kind }) => kind === 'postgres'),
    credentials.filter(({ kind }) => kind !== 'postgres'),
  ];
  for (const { name: credential, boundTo } of [...databases, ...others]) {
    const stranger = workloads.find(({ name }) => boundTo.length > 0 && !boundTo.includes(name));
    if (stranger) return { workload: stranger.name, credential };
  }
  return undefined;
}

const NO_ANSWER = 'no answer';

async function runStranger(orders: ServiceOrders): Promise<string> {
  const loader = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
  const program = fileURLToPath(new URL('../services/stranger.ts', import.meta.url));
  const words = ['--import', loader, program, JSON.stringify(orders)];
  return promisify(execFile)(process.execPath, words, { timeout: PATIENCE_MS }).then(
    ({ stdout }) => stdout.trim() || NO_ANSWER,
    () => NO_ANSWER,
  );
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
