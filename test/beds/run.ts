/**
 * `npm run test:aws [-- arguments of vitest]`: installs the beds under `.beds/`, starts them on loopback, runs the
 * suite `beds`, and stops what it started. Exit codes: 0 all passed, 1 something failed, 3 the machine lacks
 * something.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { BedError } from './launch/bed-error.ts';
import { asEnvironment } from './launch/bed-addresses.ts';
import type { RunningBed } from './launch/bed-process.ts';
import { startDynamodbLocal } from './launch/dynamodb-local.ts';
import { findTools } from './launch/find-tools.ts';
import { installBeds } from './launch/install-beds.ts';
import { startMinistack, type AddressedBed } from './launch/ministack.ts';
import { startMoto } from './launch/moto.ts';

const say = (text: string): void => console.log(`beds: ${text}`);

async function main(): Promise<number> {
  const { python, java } = findTools();
  await installBeds(python, say);
  const running: RunningBed[] = [];
  const kept = ({ bed, url }: AddressedBed): string => {
    running.push(bed);
    say(`${bed.name} listens at ${url}`);
    return url;
  };
  try {
    const ministack = kept(await startMinistack());
    const moto = kept(await startMoto());
    const dynamodbLocal = kept(await startDynamodbLocal(java));
    return await runSuite(asEnvironment({ ministack, moto, dynamodbLocal }));
  } finally {
    await Promise.all(running.map((bed) => bed.stop()));
    say('stopped');
  }
}

async function runSuite(environment: Readonly<Record<string, string>>): Promise<number> {
  const args = ['--no-install', 'vitest', 'run', '--project', 'beds', ...process.argv.slice(2)];
  const suite = spawn('npx', args, { stdio: 'inherit', env: { ...process.env, ...environment } });
  const pass = (signal: NodeJS.Signals): void => void suite.kill(signal);
  process.on('SIGINT', pass).on('SIGTERM', pass);
  const [code] = (await once(suite, 'exit')) as [number | null];
  return code ?? 1;
}

process.exitCode = await main().catch((error: unknown) => {
  if (!(error instanceof BedError)) throw error;
  console.error(`beds: ${error.message}`);
  return error.exitCode;
});
