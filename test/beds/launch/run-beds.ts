import { awayFromAws } from './bare-environment.ts';
import { asEnvironment, type BedAddresses } from './bed-addresses.ts';
import { BedError } from './bed-error.ts';
import type { RunningBed } from './bed-process.ts';
import { startLeashed, type Leashed } from './leashed.ts';
import type { AddressedBed } from './ministack.ts';
import { clearScratch } from './run-folder.ts';

/** What is run between the start of the beds and their end. */
export interface BedsRun {
  /** Those that are wanted; the others have no address. */
  readonly beds: { readonly [B in keyof BedAddresses]?: () => Promise<AddressedBed> };
  readonly suite: readonly [string, ...string[]];
  readonly say: (text: string) => void;
}

/** The exit code of a shell for what a signal ended. */
const INTERRUPTED = { SIGINT: 130, SIGTERM: 143 } as const;

/**
 * Starts the beds, runs the suite beside them, and stops all of it; answers the exit code. Throws `BedError` where a bed
 * does not start, or ends before the suite. Whoever calls this ends its process with that: what is still starting when
 * a signal comes ends with the process.
 */
export async function runBeds({ beds, suite, say }: BedsRun): Promise<number> {
  const running: (RunningBed | Leashed)[] = [];
  const work = async (): Promise<number> => {
    const started = await startAll(beds, running, say);
    const environment = { ...awayFromAws(), ...asEnvironment(started.addresses) };
    const tests = startLeashed({ command: suite, environment, output: 'inherit' });
    running.push(tests);
    return Promise.race([tests.ended, ...started.beds.map(endsTooSoon)]);
  };
  try {
    return await Promise.race([interruption(), work()]);
  } finally {
    await Promise.all(running.map((each) => each.stop()));
    clearScratch();
    say('stopped');
  }
}

async function startAll(
  beds: BedsRun['beds'],
  running: (RunningBed | Leashed)[],
  say: BedsRun['say'],
): Promise<{ readonly addresses: BedAddresses; readonly beds: readonly RunningBed[] }> {
  const starts = Object.entries(beds).map(async ([name, start]) => {
    const started = await start();
    running.push(started.bed);
    say(`${started.bed.name} listens at ${started.url}`);
    return [name, started] as const;
  });
  // Where one does not start, the others have to be there to be stopped.
  await Promise.allSettled(starts);
  const started = await Promise.all(starts);
  const urls = Object.fromEntries(started.map(([name, { url }]) => [name, url]));
  return {
    addresses: { ministack: '', moto: '', dynamodbLocal: '', ...urls },
    beds: started.map(([, { bed }]) => bed),
  };
}

/** The suite would go on failing for minutes against a bed that is gone. */
async function endsTooSoon(bed: RunningBed): Promise<never> {
  await bed.ended;
  throw new BedError(1, `${bed.name} ended before the suite did; its last lines:\n${bed.lastLines()}`);
}

/** Settles at the first signal; at a second one the process ends at once, and everything with it. */
const interruption = (): Promise<number> =>
  new Promise((resolve) => {
    for (const [signal, code] of Object.entries(INTERRUPTED)) process.once(signal, () => resolve(code));
  });
