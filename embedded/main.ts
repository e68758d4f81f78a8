/**
 * `npm start`: the embedded world. Starts PostgreSQL, the double of OpenAI and the services of the workspace, rotates
 * every credential once, shows what happens, then goes on by cadence. `-- --once` ends after the first round and exits
 * 0 only if everything that the summary claims holds, 1 if not, 2 if the inventory or the policies are wrong, 130 if it was stopped.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command, InvalidArgumentError } from 'commander';
import { loadWorkspace } from '../lambdas/contracts/inventory/load-workspace.ts';
import { isLockstepError } from '../lambdas/core/errors.ts';
import { firstRound } from './runtime/first-round.ts';
import { startRuntime, type Runtime } from './runtime/runtime.ts';
import { stopSignals } from './runtime/stop-signals.ts';
import { claimsOf } from './view/claims.ts';
import { failureText } from './view/failure-text.ts';
import { fitLine } from './view/fit-lines.ts';
import { summaryText } from './view/summary.ts';
import { showView, type View } from './view/view.ts';
import { leftOutOfLocal, leftOutText } from './world/examine-local.ts';
import { worldFolder } from './world/world-folder.ts';

interface Asked {
  readonly once?: boolean;
  readonly linger: number;
}

const asked = new Command('npm start --')
  .description('the whole pipeline on this machine, with a real PostgreSQL and a double of OpenAI')
  .option('--once', 'end after the first round; exit 0 only if all of it went well')
  .option(
    '--linger <minutes>',
    'how long PostgreSQL, the double and the services go on after a runtime that was killed',
    minutes,
    10,
  )
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2))
  .parse()
  .opts<Asked>();

const { stdout: output, stderr: errors } = process;
// A terminal that is closed, a pipe that nobody reads any more: no reason to leave what was started behind.
for (const stream of [output, errors]) stream.on('error', () => undefined);
process.exitCode = await run(asked).catch(fail);
process.exit();

async function run({ once = false, linger }: Asked): Promise<number> {
  let view: View | undefined;
  let runtime: Runtime | undefined;
  const say = (text: string): void => {
    const lines = text.split('\n').flatMap((line) => fitLine(line, widthOf(output)));
    if (view) view.print(lines.join('\n'));
    else output.write(`${lines.join('\n')}\n`);
  };
  const signals = stopSignals({
    process,
    monotonicMs: () => performance.now(),
    onFirst: () => say(runtime ? 'stopping …' : 'stopping when the start has come to its end …'),
    onAgain: () => {
      say('leaving at once; what still runs ends by itself, or is taken over by the next npm start');
      process.exit(130);
    },
  });
  say(
    'Lockstep, embedded: one machine, a real PostgreSQL, a double of OpenAI. Cadences and caches are fast: a minute, two seconds.',
  );
  try {
    runtime = await start(linger, say);
    if (signals.isStopped()) return 130;
    view = showView(runtime, output);
    const round = await Promise.race([tellRound(runtime, say), signals.stopped]);
    if (round === 'stopped') return 130;
    await view.stop();
    view = undefined;
    say(round.text);
    if (once) return round.isWell ? 0 : 1;
    say(`\nGoing on by cadence. Metrics: ${runtime.endpoint}/metrics`);
    say('In another terminal: npx lockstep status   Ctrl-C stops everything.\n');
    view = showView(runtime, output);
    await signals.stopped;
    return 0;
  } catch (error) {
    // Ctrl-C reaches the programs that a start waits for as well; what it brought up has been taken down.
    if (signals.isStopped() && !runtime) return 130;
    throw error;
  } finally {
    await view?.stop();
    view = undefined;
    if (runtime && !signals.isStopped()) say('stopping …');
    await runtime?.stop();
  }
}

interface ToldRound {
  readonly text: string;
  readonly isWell: boolean;
}

/** A round that cannot be told to its end, because a disk is full, is no reason to end what works. */
async function tellRound(runtime: Runtime, say: (text: string) => void): Promise<ToldRound> {
  try {
    const facts = await firstRound(runtime, say);
    const isWell = claimsOf(facts).every(({ holds }) => holds);
    return { text: `\n${summaryText(facts, !output.isTTY)}`, isWell };
  } catch (error) {
    return { text: `\nThe first round cannot be told to its end.\n${failureText(error)}`, isWell: false };
  }
}

async function start(linger: number, say: (text: string) => void): Promise<Runtime> {
  const workspace = await loadWorkspace(home());
  for (const remark of leftOutText(leftOutOfLocal(workspace))) say(`Remark: ${remark}.`);
  return startRuntime({
    folder: worldFolder(process.cwd()),
    workspace,
    policies: join(home(), 'policies'),
    idleLimitSeconds: linger * 60,
    showPage: (text) => say(`\n${text}`),
    progress: (what) => say(`starting ${what}`),
  });
}

/** The workspace here, or the example that lies with this program. */
function home(): string {
  const here = process.cwd();
  return existsSync(join(here, 'lockstep.config.ts')) ? here : fileURLToPath(new URL('..', import.meta.url));
}

/** Lines of a file, or of a pipe, are as long as they are. */
function widthOf({ isTTY, columns }: NodeJS.WriteStream): number | undefined {
  return isTTY ? columns : undefined;
}

function minutes(text: string): number {
  const value = Number(text);
  if (Number.isFinite(value) && value > 0 && value <= 1440) return value;
  throw new InvalidArgumentError('a number of minutes, up to 1440, is expected');
}

function fail(error: unknown): number {
  errors.write(`${failureText(error)}\n`);
  return isLockstepError(error, 'INVENTORY_INVALID', 'POLICY_INVALID') ? 2 : 1;
}
