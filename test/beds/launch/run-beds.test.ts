import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, it } from 'vitest';
import { inTempFolder } from '../../fakes/temp-folder.ts';
import { processesIn, runningIn } from './fakes/processes.ts';

const RUN = fileURLToPath(new URL('fakes/run-fake-beds.ts', import.meta.url));
const EVERYTHING = ['DynamoDB-Local', 'MiniStack', 'moto', 'suite'].flatMap((name) => [
  name,
  `${name}-child`,
]);

const folder = inTempFolder();
let run: ChildProcess | undefined;
afterEach(() => void run?.kill('SIGKILL'));

interface Run {
  readonly process: ChildProcess;
  readonly said: readonly string[];
}

/** Starts `npm run test:aws` with fake beds. */
function start(...args: readonly string[]): Run {
  run = spawn(process.execPath, ['--import', 'tsx', RUN, folder().at(), ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, AWS_PROFILE: 'somebody' },
  });
  const said: string[] = [];
  for (const stream of [run.stdout, run.stderr]) stream?.on('data', (part) => said.push(String(part)));
  return { process: run, said };
}

async function everythingRuns(): Promise<void> {
  await expect
    .poll(() => [...processesIn(folder().at()).keys()].sort(), { timeout: 30_000 })
    .toEqual([...EVERYTHING].sort());
}

const endOf = async ({ process: child }: Run): Promise<readonly unknown[]> => once(child, 'close');

it.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('stops everything when it is interrupted by %s', async (signal, code) => {
  const running = start();
  await everythingRuns();
  running.process.kill(signal);
  expect(await endOf(running)).toEqual([code, null]);
  await expect.poll(() => runningIn(folder().at())).toEqual([]);
  expect(running.said.join('')).toMatch(/stopped\n$/);
});

it('leaves nothing running when it is killed and can stop nothing', async () => {
  const running = start();
  await everythingRuns();
  running.process.kill('SIGKILL');
  await endOf(running);
  await expect.poll(() => runningIn(folder().at()), { timeout: 10_000 }).toEqual([]);
});

it('ends with the exit code of the suite', async () => {
  const running = start('7');
  expect(await endOf(running)).toEqual([7, null]);
  await expect.poll(() => runningIn(folder().at())).toEqual([]);
});

it('ends the suite, and says why, when a bed ends before it', async () => {
  const running = start('', '0');
  expect(await endOf(running)).toEqual([1, null]);
  expect(running.said.join('')).toContain(
    'MiniStack ended before the suite did; its last lines:\nMiniStack starts',
  );
  await expect.poll(() => runningIn(folder().at())).toEqual([]);
});
