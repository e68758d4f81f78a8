import { randomUUID } from 'node:crypto';
import { ACCESS_SCHEDULED_ROUTES, SCHEDULED_ROUTES } from '../../lambdas/contracts/routes.ts';
import { accessOf } from '../../lambdas/core/access/access-inventory.ts';
import { alarmsFor } from '../../lambdas/core/alarms.ts';
import { makeEvent } from '../../lambdas/core/make-event.ts';
import type { Pager } from '../../lambdas/core/ports/pager.ts';
import { AlarmEvaluator } from '../metrics/alarm-evaluator.ts';
import type { World } from '../world/open-world.ts';
import { Cadence } from './rounds.ts';

/** On one machine with fast cadences, what is due every minute on AWS is due this often at the latest. */
const FAST_SECONDS = 10;
const TICK_MS = 1000;

/** What happens by the clock: schedules, cadences, and the look at the alarms. */
export class Clockwork {
  readonly #world: World;
  readonly #cadence: Cadence;
  readonly #alarms: AlarmEvaluator;
  readonly #onTrouble: (what: string, error: unknown) => void;
  readonly #next = new Map<string, number>();
  #timer: NodeJS.Timeout | undefined;
  #ticking: Promise<void> = Promise.resolve();

  constructor(world: World, pager: Pager, onTrouble: (what: string, error: unknown) => void) {
    const { clock, windows, inventory } = world;
    this.#world = world;
    this.#cadence = new Cadence(world);
    this.#alarms = new AlarmEvaluator({
      alarms: alarmsFor(inventory),
      environment: inventory.environment,
      windows,
      clock,
      raise: (page) => pager.page(page),
    });
    this.#onTrouble = onTrouble;
  }

  start(): void {
    this.#timer = setInterval(() => {
      this.#ticking = this.#ticking.then(() => this.#tick());
    }, TICK_MS);
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#ticking;
  }

  async #tick(): Promise<void> {
    for (const [what, work] of [
      ['schedules', () => this.#schedules()],
      ['cadences', () => this.#cadence.tick()],
      ['alarms', () => this.#alarms.evaluate()],
    ] as const) {
      await work().catch((error: unknown) => this.#onTrouble(what, error));
    }
  }

  async #schedules(): Promise<void> {
    const now = performance.now();
    const { bus, inventory, clock } = this.#world;
    const source = { environment: inventory.environment, clock, newId: randomUUID };
    const leasing = accessOf(inventory).leasables.length > 0 ? ACCESS_SCHEDULED_ROUTES : [];
    for (const { type, handler, everySeconds } of [...SCHEDULED_ROUTES, ...leasing]) {
      if (now < (this.#next.get(type) ?? 0)) continue;
      this.#next.set(type, now + Math.min(everySeconds, FAST_SECONDS) * 1000);
      await bus.send(handler, makeEvent(source, type, {}));
    }
  }
}
