/**
 * `npm run bench:aws`: starts MiniStack, deploys onto it, rotates, and writes bench/results-aws.md. Takes about twenty
 * minutes, most of it drains. Exit codes as those of `npm run test:aws`.
 */
import { fileURLToPath } from 'node:url';
import { BedError } from '../../test/beds/launch/bed-error.ts';
import { findTools } from '../../test/beds/launch/find-tools.ts';
import { installBeds } from '../../test/beds/launch/install-beds.ts';
import { startMinistack } from '../../test/beds/launch/ministack.ts';
import { runBeds } from '../../test/beds/launch/run-beds.ts';

const say = (text: string): void => console.error(`bench: ${text}`);
const MEASURE = fileURLToPath(new URL('measure.ts', import.meta.url));

async function main(): Promise<number> {
  await installBeds(findTools().python, say);
  return runBeds({
    beds: { ministack: startMinistack },
    suite: [process.execPath, '--import', 'tsx', MEASURE],
    say,
  });
}

const code = await main().catch((error: unknown) => {
  if (!(error instanceof BedError)) throw error;
  console.error(`bench: ${error.message}`);
  return error.exitCode;
});
process.exit(code);
