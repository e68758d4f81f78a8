import type { Inventory } from '../../../lambdas/core/credential.ts';
import { secretName } from '../../../lambdas/core/credential.ts';
import type { LeaseCommand, LeaseFunctions } from '../../../lambdas/core/ports/lease-functions.ts';
import type { LeaserCapabilities } from '../../../lambdas/core/ports/leaser.ts';
import type { Metrics } from '../../../lambdas/core/ports/metrics.ts';
import { serveLease } from '../../../lambdas/serve-lease/serve-lease.ts';
import { token } from '../../fakes/counted-ids.ts';
import { outage } from '../../fakes/faulty.ts';
import type { Judge } from '../../fakes/judge.ts';
import { MEMORY_AUTHORITY_VALUE, MemoryLeaser } from '../../fakes/memory-leaser.ts';
import { MemoryVault } from '../../fakes/memory-vault.ts';
import type { SimulatedTime } from '../simulated-time.ts';
import type { Weather } from '../weather.ts';

/** The longest that a command is on its way after whoever gave it has been told that nothing came of it. */
const LATEST_SECONDS = 90;

export interface SimulatedTargetOptions {
  readonly inventory: Inventory;
  readonly mark: string;
  /** Where another deployment has its leases as well: that target. Capabilities, and who sees its changes, are its own. */
  readonly leaser?: MemoryLeaser | undefined;
  readonly judge: Judge;
  readonly metrics: Metrics;
  readonly time: SimulatedTime;
  readonly weather: Weather;
  readonly capabilities?: Partial<LeaserCapabilities>;
  readonly onCommand: (command: LeaseCommand) => void;
  readonly onChange: (leaser: MemoryLeaser) => void;
}

/**
 * The target and its lease function. The target goes by a clock that nobody sets. A command may come late: whoever gave
 * it hears of an outage at once, and it has its effect up to a minute and a half later, whatever has happened since.
 */
export class SimulatedTarget implements LeaseFunctions {
  readonly leaser: MemoryLeaser;
  readonly #serve: ReturnType<typeof serveLease>;
  readonly #options: SimulatedTargetOptions;

  constructor(options: SimulatedTargetOptions) {
    const { inventory, mark, judge, metrics, time, onChange, capabilities = {} } = options;
    this.#options = options;
    const begin = time.now().getTime();
    const clock = (): Date => new Date(begin + time.elapsed);
    this.leaser = options.leaser ?? new MemoryLeaser({ clock, judge, onChange, capabilities, pageSize: 4 });
    const vault = new MemoryVault({ judge });
    for (const { name } of inventory.access?.leaseAuthorities ?? []) {
      const secret = secretName(inventory.environment, name);
      vault.createSecret(secret);
      void vault.putFirst(secret, token(1), MEMORY_AUTHORITY_VALUE);
    }
    const functionName = 'lease-memory';
    this.#serve = serveLease({
      inventory,
      mark,
      kind: 'memory',
      leaser: this.leaser,
      vault,
      metrics,
      clock: time.now,
      functionName,
    });
  }

  call: LeaseFunctions['call'] = async (_kind, given) => {
    const { weather, time } = this.#options;
    const command = given as unknown as LeaseCommand;
    if (weather.strikes(weather.climate.lost)) {
      const late = weather.random() * LATEST_SECONDS * 1000;
      void time.sleep(late).then(() => this.#run(command).catch(() => undefined));
      throw outage('target', `${command.do}, which is on its way`);
    }
    return (await this.#run(command)) as never;
  };

  async #run(command: LeaseCommand): Promise<unknown> {
    this.#options.onCommand(command);
    const answer = await this.#serve(command);
    if ('value' in answer)
      this.#options.judge.forbid((JSON.parse(answer.value.reveal()) as { readonly secret: string }).secret);
    return answer;
  }
}
