/**
 * The keeper of one server: a process of its own, which outlives the runtime that started it. It ends the
 * server when no runtime has shown itself for long enough. Killed, it leaves the server running; the next
 * runtime starts another keeper.
 *
 * Run as `node --import tsx keeper.ts '<KeeperOrders as JSON>'`.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { describeError } from '../../lambdas/core/errors.ts';
import { lastBeat } from './heartbeat.ts';
import { keepWatch, type WatchPatience } from './keep-watch.ts';
import { livingKeeper, removeKeeperRecord, writeKeeperRecord } from './keeper-record.ts';
import { findServer } from './postmaster-file.ts';
import { serverFiles } from './server-files.ts';
import { stopServer } from './stop-server.ts';
import { ownIdentity } from './system-process.ts';

/** What a keeper is started with. */
export interface KeeperOrders extends WatchPatience {
  readonly folder: string;
}

const orders = JSON.parse(process.argv[2] ?? '{}') as KeeperOrders;
const files = serverFiles(orders.folder);
const keeper = await ownIdentity();
await writeKeeperRecord(files, { keeper });

const reason = await keepWatch(
  {
    lastBeat: () => lastBeat(files),
    findServer: () => findServer(files),
    isInCharge: async () => {
      const other = await livingKeeper(files);
      return other === undefined || other.pid === keeper.pid;
    },
    record: (server) =>
      writeKeeperRecord(files, {
        keeper,
        ...(server && { server: { pid: server.pid, started: server.started, port: server.port } }),
      }),
    stopServer: () => stopServer(orders.folder),
    monotonicMs: () => performance.now(),
    sleep,
    onError: (error) => console.error(JSON.stringify(describeError(error))),
  },
  orders,
);
if (reason !== 'replaced') await removeKeeperRecord(files);
