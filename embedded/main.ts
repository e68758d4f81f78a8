/**
 * `npm start`: the embedded world. Starts PostgreSQL, the double of OpenAI and the services of the workspace, rotates
 * every credential once, shows what happens, then goes on by cadence. `-- --once` ends after the first round and exits
 * 0 only if everything that the summary claims holds.
 */
import { Command } from 'commander';
import { describeError, isLockstepError } from '../lambdas/core/errors.ts';
import { startRuntime, type Runtime } from './runtime/runtime.ts';
import { beginRound, isRoundOver, rotationsOf, type Round } from './runtime/rounds.ts';
import { sendStranger } from './runtime/send-stranger.ts';
import { realSleep } from './loop/sleep.ts';
import { claimsOf, summaryText, type RoundFacts } from './view/summary.ts';
import { takeAccount } from './view/take-account.ts';
import { showView, type View } from './view/view.ts';
import { worldFolder } from './world/world-folder.ts';

/** A round on a slow machine; one that takes longer is stuck, and the summary says where. */
const LONGEST_ROUND_MS = 5 * 60_000;
/** What the last seconds of a round left behind is on both sides' books by then. */
const SETTLE_MS = 7000;

const { once } = new Command('lockstep-embedded')
  .description('the whole pipeline on this machine, with a real PostgreSQL and a double of OpenAI')
  .option('--once', 'end after the first round; exit 0 only if all of it went well')
  .parse()
  .opts<{ readonly once?: boolean }>();

process.exitCode = await run(once === true).catch(fail);
process.exit();

async function run(isOnce: boolean): Promise<number> {
  const output = process.stdout;
  const say = (text: string): void => (view ? view.print(text) : void output.write(`${text}\n`));
  let view: View | undefined;
  const { default: workspace } = await import('../lockstep.config.ts');
  say(
    'Lockstep, embedded: one machine, a real PostgreSQL, a double of OpenAI. Cadences and caches are fast: a minute, two seconds.',
  );
  const runtime = await startRuntime({
    folder: worldFolder(process.cwd()),
    workspace,
    showPage: (text) => say(`\n${text}`),
    progress: (what) => say(`starting ${what}`),
  });
  const stopped = onSignal();
  try {
    view = showView(runtime, output);
    const facts = await Promise.race([firstRound(runtime, say), stopped]);
    if (facts === 'stopped') return 130;
    await view.stop();
    view = undefined;
    say(`\n${summaryText(facts, !output.isTTY)}`);
    if (isOnce) return claimsOf(facts).every(({ holds }) => holds) ? 0 : 1;
    say(
      `\nGoing on by cadence. Metrics: ${runtime.endpoint}/metrics   In another terminal: npx lockstep status   Ctrl-C stops everything.\n`,
    );
    view = showView(runtime, output);
    await stopped;
    return 0;
  } finally {
    await view?.stop();
    output.write('stopping …\n');
    await runtime.stop();
  }
}

async function firstRound(runtime: Runtime, say: (text: string) => void): Promise<RoundFacts> {
  const since = new Date().toISOString();
  const round = await beginRound(runtime.world, `round of ${since}`);
  const rotations = await endOf(runtime, round);
  const stranger = await sendStranger(runtime);
  say('the round is over; comparing the books');
  await realSleep(SETTLE_MS);
  await runtime.world.seal();
  const [account, audit] = await Promise.all([
    takeAccount(runtime, since),
    runtime.world.pipeline.report({ query: 'audit-verify' }),
  ]);
  return { rotations, account, audit: audit as RoundFacts['audit'], stranger };
}

async function endOf({ world }: Runtime, round: Round): Promise<RoundFacts['rotations']> {
  const giveUpAt = performance.now() + LONGEST_ROUND_MS;
  for (;;) {
    const rotations = await rotationsOf(world, round);
    if (isRoundOver(rotations) || performance.now() > giveUpAt) return rotations;
    await realSleep(200);
  }
}

function onSignal(): Promise<'stopped'> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
      process.once(signal, () => resolve('stopped'));
  });
}

function fail(error: unknown): number {
  const { code, message } = describeError(error);
  process.stderr.write(`lockstep: ${message} (${code})\n`);
  if (!isLockstepError(error) && error instanceof Error) process.stderr.write(`${error.stack ?? ''}\n`);
  return isLockstepError(error, 'INVENTORY_INVALID') ? 2 : 1;
}
