/**
 * `LOCKSTEP_STAGE=<environment> npm run test:live`: the whole way round on a real account, with a throw-away credential.
 * Exit codes: 0 all passed, 1 something failed, 3 no stage was named.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const VITEST = fileURLToPath(new URL('../../node_modules/vitest/vitest.mjs', import.meta.url));

async function main(): Promise<number> {
  if (!process.env['LOCKSTEP_STAGE']) {
    console.error(
      'live: LOCKSTEP_STAGE has to name a deployed environment of lockstep.config.ts that declares the credential live-test; see docs/live-test.md',
    );
    return 3;
  }
  const suite = spawn(process.execPath, [VITEST, 'run', '--project', 'live', ...process.argv.slice(2)], {
    stdio: 'inherit',
  });
  const [code] = (await once(suite, 'close')) as [number | null];
  return code ?? 1;
}

process.exitCode = await main();
