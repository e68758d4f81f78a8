/**
 * `npm run test:aws [-- arguments of vitest]`: installs the beds under `.beds/`, starts them on loopback, runs the
 * suite `beds`, and stops what it started. Exit codes: 0 all passed, 1 something failed, 3 the machine lacks
 * something, 130 and 143 interrupted.
 */
import { fileURLToPath } from 'node:url';
import { BedError } from './launch/bed-error.ts';
import { startDynamodbLocal } from './launch/dynamodb-local.ts';
import { findTools } from './launch/find-tools.ts';
import { installBeds } from './launch/install-beds.ts';
import { startMinistack } from './launch/ministack.ts';
import { startMoto } from './launch/moto.ts';
import { runBeds } from './launch/run-beds.ts';

const say = (text: string): void => console.log(`beds: ${text}`);

const VITEST = fileURLToPath(new URL('../../node_modules/vitest/vitest.mjs', import.meta.url));

async function main(): Promise<number> {
  const { python, java } = findTools();
  await installBeds(python, say);
  return runBeds({
    beds: { ministack: startMinistack, moto: startMoto, dynamodbLocal: () => startDynamodbLocal(java) },
    suite: [process.execPath, VITEST, 'run', '--project', 'beds', ...process.argv.slice(2)],
    say,
  });
}

const code = await main().catch((error: unknown) => {
  if (!(error instanceof BedError)) throw error;
  console.error(`beds: ${error.message}`);
  return error.exitCode;
});
// Not left to the end of all work: after a signal some of it may still be under way.
process.exit(code);
