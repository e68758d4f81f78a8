import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createFaults, type Faults } from './faults.ts';
import { Organization, type Seed } from './organization.ts';
import { openRequestLog, readRequestLog, type LoggedRequest, type RequestLog } from './request-log.ts';
import { bareServer, serveApi } from './server.ts';
import { stateFile } from './state-file.ts';
import type { Limits } from './stored.ts';

/** How a double is started. */
export interface DoubleOptions {
  /** Where its state and its request log are kept; made where it is not there. */
  readonly folder: string;
  /** 0 or absent: any free one. */
  readonly port?: number;
  readonly seed?: Seed;
  readonly faults?: Faults;
  readonly limits?: Partial<Limits>;
  readonly clock?: () => Date;
}

/** A double that runs. */
export interface RunningDouble {
  /** What goes into `apiUrl`. */
  readonly apiUrl: string;
  readonly port: number;
  /** Everything that was asked so far. */
  requests(): readonly LoggedRequest[];
  /** Ends it, its last notes stored. */
  stop(): Promise<void>;
}

/** Where a double in this folder keeps its request log. */
export const requestLogPath = (folder: string): string => join(folder, 'requests.jsonl');

/** Last uses are stored this often; keys and accounts at once. */
const FLUSH_MS = 1000;

/**
 * Starts a strict double of OpenAI's administration API and of its smallest model endpoints, on loopback. What is
 * in the folder is taken up: the organization survives whatever ended the last one.
 */
export async function startOpenaiDouble(options: DoubleOptions): Promise<RunningDouble> {
  const { folder, port = 0 } = options;
  const server = bareServer();
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  // Whoever has the port has the folder: nothing of it is read or written before, and no request is taken until after.
  const { organization, log } = await takeUp(server, options);
  const flushing = setInterval(() => organization.flush(), FLUSH_MS);
  const bound = (server.address() as AddressInfo).port;
  return {
    apiUrl: `http://127.0.0.1:${bound}/v1`,
    port: bound,
    requests: () => readRequestLog(requestLogPath(folder)),
    async stop() {
      clearInterval(flushing);
      await close(server);
      organization.flush();
      log.close();
    },
  };
}

async function takeUp(
  server: Server,
  { folder, seed, faults = createFaults(), limits = {}, clock = () => new Date() }: DoubleOptions,
): Promise<{ readonly organization: Organization; readonly log: RequestLog }> {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const state = stateFile(join(folder, 'organization.json'));
    const stored = state.load();
    const organization = new Organization({ clock, randomBytes, faults, limits, stored, save: state.save });
    if (seed) organization.seed(seed);
    const log = openRequestLog(requestLogPath(folder));
    const newRequestId = (): string => `req_double_${randomBytes(8).toString('hex')}`;
    serveApi(server, { organization, faults, clock, newRequestId, log: (request) => log.append(request) });
    return { organization, log };
  } catch (error) {
    await close(server);
    throw error;
  }
}

async function close(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
}
