/** How long to wait between two questions, in milliseconds; the last one again and again. */
const WAITS = [250, 500, 1000, 2000, 4000];

/** Waits. Injected, so that tests do not. */
export type Sleep = (milliseconds: number) => Promise<void>;

/**
 * Asks until the answer is `done`, or until `seconds` have been waited in all; the last answer is returned
 * either way. What was waited is counted, not read from a clock, so that no clock can lengthen it.
 */
export async function settle<T>(
  sleep: Sleep,
  seconds: number,
  ask: () => Promise<T>,
  done: (answer: T) => boolean,
): Promise<T> {
  let left = seconds * 1000;
  for (let round = 0; ; round += 1) {
    const answer = await ask();
    if (done(answer) || left <= 0) return answer;
    const wait = Math.min(left, WAITS[Math.min(round, WAITS.length - 1)] ?? left);
    await sleep(wait);
    left -= wait;
  }
}
