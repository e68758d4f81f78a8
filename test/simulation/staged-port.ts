import { outage, type FaultyPort } from '../fakes/faulty.ts';
import type { SimulatedTime } from './simulated-time.ts';
import type { Standstills } from './standstill.ts';
import type { Turns } from './turns.ts';
import type { Weather } from './weather.ts';

/** What decides when a call happens, and whether anybody answers it. */
export interface Staging {
  readonly turns: Turns;
  readonly time: SimulatedTime;
  readonly weather: Weather;
  readonly standstills: Standstills;
  /** Calls that nobody answers now. */
  readonly outages: ReadonlySet<string>;
}

/** The longest that one call stands still. */
const STALL_SECONDS = 15;

/** A port of which each call waits for its turn before its effect and again before its answer. */
export function stagedPort<P extends object>(name: FaultyPort, port: P, staging: Staging): P {
  const { standstills, outages } = staging;
  return new Proxy(port, {
    get: (target, property) => {
      const member: unknown = Reflect.get(target, property, target);
      if (typeof member !== 'function' || property === 'keyOf' || property === 'checkFirst') return member;
      const call = `${name}.${String(property)}`;
      return async (...given: readonly unknown[]) => {
        await waitForTurn(staging);
        await standstills.pass(call, 'before', given);
        if (outages.has(call)) throw outage(name, call);
        const answer: unknown = await Reflect.apply(member, target, given);
        await standstills.pass(call, 'after', given);
        await waitForTurn(staging);
        return answer;
      };
    },
  });
}

async function waitForTurn({ turns, time, weather }: Staging): Promise<void> {
  if (!turns.isInterleaved) return;
  await turns.take();
  const left = turns.leftToLive(time.elapsed);
  if (!weather.strikes(weather.climate.stalls)) return;
  await time.sleep(Math.min(left, weather.random() * STALL_SECONDS * 1000));
  turns.leftToLive(time.elapsed);
}
