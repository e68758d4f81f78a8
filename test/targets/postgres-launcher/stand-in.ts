/** A process that starts a server as a test suite or the runtime does, says which, and then lives until it is killed. */
import { attendServer } from '../../../embedded/postgres/attend-server.ts';
import { startServer } from '../../../embedded/postgres/start-server.ts';
import { describeError } from '../../../lambdas/core/errors.ts';

const [as = '', folder = ''] = process.argv.slice(2);
const settings = { fsync: 'off' };

try {
  const server =
    as === 'suite'
      ? await startServer({ folder, lifetime: 'with-parent', settings })
      : (
          await attendServer({
            folder,
            settings,
            durable: false,
            beatEverySeconds: 0.2,
            patience: { checkEverySeconds: 0.2, idleLimitSeconds: Number(process.argv[4] ?? 60) },
            onError: () => undefined,
          })
        ).server;
  console.log(JSON.stringify({ pid: server.pid, port: server.port, takenOver: server.takenOver }));
  setInterval(() => undefined, 1000);
} catch (error) {
  console.log(JSON.stringify(describeError(error)));
  process.exitCode = 1;
}
