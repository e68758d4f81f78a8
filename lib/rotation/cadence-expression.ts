import { sha256Hex } from '../../lambdas/core/digest.ts';
import { tickSeconds } from '../../lambdas/core/rotation/cadence.ts';

/** When the clock of one credential ticks, in the words of EventBridge Scheduler. */
export interface CadenceExpression {
  /** Never `rate(…)`: without a start date that fires at once, and a deployment would rotate. */
  readonly cron: string;
  /** The stretch after the tick in which Scheduler picks the moment; 0: none. */
  readonly windowMinutes: number;
}

const MINUTES_OF_HOUR = 60;
const WINDOW_AT_MOST = 60;

/**
 * A credential's own minutes of the day, from a hash of its name: no two fleets rotate at midnight, and the same
 * credential ticks at the same time after every deployment.
 */
export function cadenceExpression(subject: string, rotateEverySeconds: number): CadenceExpression {
  const every = tickSeconds(rotateEverySeconds) / 60;
  const offset = Number.parseInt(sha256Hex(`lockstep cadence\n${subject}`).slice(0, 12), 16) % every;
  return {
    cron: `cron(${fields(every, offset)} * * ? *)`,
    windowMinutes: windowOf(every, rotateEverySeconds / 60),
  };
}

/** Minutes and hours. `every` divides a day, so the pattern is the same each day. */
function fields(every: number, offset: number): string {
  if (every < MINUTES_OF_HOUR) return `${offset}/${every} *`;
  const [hour, minute] = [Math.floor(offset / MINUTES_OF_HOUR), offset % MINUTES_OF_HOUR];
  const hours = every / MINUTES_OF_HOUR;
  return hours === 24 ? `${minute} ${hour}` : `${minute} ${hour}/${hours}`;
}

/** Small beside the tick, so that two ticks stay well apart; and beside the cadence, which is overdue a tenth later. */
const windowOf = (every: number, cadence: number): number =>
  Math.floor(Math.min(WINDOW_AT_MOST, every / 4, cadence / 20));
