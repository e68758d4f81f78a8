/**
 * The double as a process of its own: `node --import tsx embedded/openai-double/main.ts <folder>`, with one JSON
 * object on standard input, because it may hold the first admin key and nothing secret goes into arguments or the
 * environment:
 *
 *     { "port": 0, "projects": ["proj_…"], "adminKeys": [{ "id": "key_…", "value": "sk-admin-…" }],
 *       "heartbeat": { "path": "…/runtime.heartbeat", "limitSeconds": 600 } }
 *
 * It outlives the runtime that started it, and ends when no runtime has touched the heartbeat file for the limit,
 * or on SIGTERM or SIGINT. Where it listens is in `<folder>/endpoint.json`. A port of 0 takes the one that the folder
 * had before, so that clients which were told once stay right. Exit codes: 0 ended as asked, 1 could not start.
 */
import { text as readAll } from 'node:stream/consumers';
import { ownIdentity } from '../postgres/system-process.ts';
import { DOUBLE } from './api-error.ts';
import { reservePort, writeEndpoint } from './endpoint-file.ts';
import { heartbeatWatch } from './heartbeat.ts';
import { startOpenaiDouble, type RunningDouble } from './openai-double.ts';
import { startOrder, type StartOrder } from './start-order.ts';

const CHECK_MS = 1000;

async function main(): Promise<void> {
  const [folder] = process.argv.slice(2);
  if (folder === undefined) throw new Error('the folder is missing: main.ts <folder>');
  const order = startOrder(await readAll(process.stdin));
  // A parent that has gone takes its end of the pipe along; the double does not need one.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);

  const double = await start(folder, order);
  writeEndpoint(folder, { apiUrl: double.apiUrl, port: double.port, ...(await ownIdentity()) });
  console.log(`${DOUBLE} listens at ${double.apiUrl}; it is not OpenAI, and its keys open nothing else`);

  const { path, limitSeconds } = order.heartbeat;
  const isAbandoned = heartbeatWatch({
    path,
    limitMs: limitSeconds * 1000,
    monotonicMs: () => performance.now(),
  });
  const watching = setInterval(() => {
    if (isAbandoned()) end();
  }, CHECK_MS);
  const end = (): void => {
    clearInterval(watching);
    void double.stop().finally(() => process.exit(0));
  };
  process.once('SIGTERM', end);
  process.once('SIGINT', end);
}

async function start(folder: string, { port, projects, adminKeys }: StartOrder): Promise<RunningDouble> {
  const chosen = port === 0 ? await reservePort(folder) : port;
  try {
    return await startOpenaiDouble({ folder, port: chosen, seed: { projects, adminKeys } });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EADDRINUSE')) throw error;
    throw new Error(
      `port ${chosen} is in use: is a double of ${folder} running already? Else give another port`,
      { cause: error },
    );
  }
}

main().catch((error: unknown) => {
  console.error(`${DOUBLE} did not start: ${error instanceof Error ? error.message : 'unknown'}`);
  process.exitCode = 1;
});
