import { realSleep } from '../loop/sleep.ts';
import { readBooks, subjectsOf } from '../view/read-books.ts';
import type { RoundFacts } from '../view/round-facts.ts';
import { takeAccount } from '../view/take-account.ts';
import { beginRound, isRoundOver, rotationsOf, type Round } from './rounds.ts';
import type { Runtime } from './runtime.ts';
import { sendStranger } from './send-stranger.ts';

/** A round on a slow machine; one that takes longer is stuck, and the summary says where. */
const LONGEST_ROUND_MS = 5 * 60_000;
const LOOK_EVERY_MS = 200;

/**
 * Rotates every credential once, then has a stranger refused, then compares the books: everything that the first
 * round has to show.
 */
export async function firstRound(runtime: Runtime, say: (text: string) => void): Promise<RoundFacts> {
  const since = new Date().toISOString();
  const round = await beginRound(runtime.world, `round of ${since}`);
  for (const [name, why] of round.refused) say(`${name} is not rotated: ${why}`);
  const rotations = await endOf(runtime, round);
  const stranger = await sendStranger(runtime);
  say('the round is over; comparing the books');
  const account = await takeAccount(
    {
      readBooks: (from) => readBooks(runtime, from),
      subjects: subjectsOf(runtime.inventory),
      clock: () => new Date(),
      monotonicMs: () => performance.now(),
      sleep: realSleep,
    },
    since,
  );
  // What cannot be sealed now is sealed later; what of that is missing the verification says.
  await runtime.world.seal().catch(() => undefined);
  const audit = await runtime.world.pipeline.report({ query: 'audit-verify' });
  const facts = { since, rotations, refused: round.refused, account, stranger };
  return { ...facts, audit: audit as RoundFacts['audit'] };
}

async function endOf({ world }: Runtime, round: Round): Promise<RoundFacts['rotations']> {
  const giveUpAt = performance.now() + LONGEST_ROUND_MS;
  for (;;) {
    const rotations = await rotationsOf(world, round);
    if ((await isRoundOver(world, rotations)) || performance.now() > giveUpAt) return rotations;
    await realSleep(LOOK_EVERY_MS);
  }
}
