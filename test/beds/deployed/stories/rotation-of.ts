import { setTimeout as sleep } from 'node:timers/promises';
import type { CredentialStatus, StatusReport } from '../../../../lambdas/report/show-status.ts';
import { isLockstepError } from '../../../../lambdas/core/errors.ts';
import type { Connection } from '../../../../cli/connection/connection.ts';
import type { Phase } from '../../../../lambdas/core/rotation/rotation.ts';

/** How long an answer of `report` serves everybody who asks: it counts every queue's letters, and the bed is one process. */
const FRESH_MS = 2000;

interface Answer {
  readonly at: number;
  readonly report: Promise<StatusReport>;
}

const lastAnswers = new WeakMap<Connection, Answer>();

/** How a credential stands, as `lockstep status` tells. Stories that ask at the same time share one question. */
export async function statusOf(as: Connection, credential: string): Promise<CredentialStatus> {
  const last = lastAnswers.get(as);
  const isFresh = last !== undefined && performance.now() - last.at < FRESH_MS;
  const answer = isFresh ? last : { at: performance.now(), report: patiently(() => as.query('status', {})) };
  lastAnswers.set(as, answer);
  const status = (await answer.report).credentials.find(({ name }) => name === credential);
  if (!status) throw new Error(`there is no credential ${credential}`);
  return status;
}

/** Asks again, a few times, where the bed is slow and the answer says to. For questions alone: they change nothing. */
async function patiently<T>(ask: () => Promise<T>, times = 5): Promise<T> {
  for (let asked = 1; ; asked += 1) {
    try {
      return await ask();
    } catch (error) {
      if (asked === times) throw error;
      mayPass(error);
      await sleep(1500);
    }
  }
}

/** Asks for a rotation; answers its token. */
export async function rotate(as: Connection, credential: string): Promise<string> {
  const { facts } = await as.order({ order: 'rotate', credential, reason: 'a story on the bed' });
  return String(facts['rotation']);
}

/** Waits until something holds, and fails with how it stood at the end. */
export async function until<T>(
  what: string,
  look: () => Promise<T>,
  holds: (seen: T) => boolean,
  seconds = 240,
): Promise<T> {
  const startedAt = performance.now();
  const giveUpAt = startedAt + seconds * 1000;
  console.log(`deployed: waiting until ${what}`);
  for (;;) {
    const seen = await look().catch(mayPass);
    if (seen !== undefined && holds(seen)) {
      console.log(`deployed: ${what}, after ${Math.round((performance.now() - startedAt) / 1000)} s`);
      return seen;
    }
    if (performance.now() > giveUpAt)
      throw new Error(`it never came to this: ${what}; ${JSON.stringify(seen)}`);
    await sleep(1500);
  }
}

/** The bed is slow at times, and an order or question then says to try again. */
function mayPass(error: unknown): undefined {
  if (isLockstepError(error) && error.remedy === 'retry') return undefined;
  throw error;
}

/** Waits until the rotation of a credential is in one of these phases. */
export const untilPhase = (
  as: Connection,
  credential: string,
  phases: readonly Phase[],
  seconds?: number,
): Promise<CredentialStatus> =>
  until(
    `${credential} is ${phases.join(' or ')}`,
    () => statusOf(as, credential),
    ({ rotation }) => rotation !== undefined && phases.includes(rotation.phase),
    seconds,
  );
