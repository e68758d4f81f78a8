import type { AttemptLog } from './attempt-log.ts';
import type { ExpectedChange, ReadVersion, WorkloadDoor } from './workload-client.ts';

/** How a service takes a new version into use. Returns only when it uses it, and nothing else any more. */
export type TakeIntoUse = (version: ReadVersion) => Promise<void>;

/**
 * One credential as a service holds it: reads it, takes a new version into use, and proves it.
 *
 * Being told only makes it look sooner: it also asks by itself, so a notice that was lost, or a crash between
 * being told and proving, heals. While the runtime is down it goes on with the last good version.
 */
export class HeldCredential {
  readonly #name: string;
  readonly #client: WorkloadDoor;
  readonly #log: AttemptLog;
  readonly #takeIntoUse: TakeIntoUse;
  #using: ReadVersion | undefined;
  #running: Promise<void> = Promise.resolve();

  constructor(name: string, client: WorkloadDoor, log: AttemptLog, takeIntoUse: TakeIntoUse) {
    this.#name = name;
    this.#client = client;
    this.#log = log;
    this.#takeIntoUse = takeIntoUse;
  }

  get using(): ReadVersion | undefined {
    return this.#using;
  }

  /** Reads the current version and takes it into use if it is another one. One at a time. */
  refresh(): Promise<void> {
    return this.#next(async () => this.#use(await this.#client.read(this.#name)));
  }

  /** Does whatever is expected of this service now, and proves it. Nothing expected: nothing happens. */
  settle(): Promise<void> {
    return this.#next(async () => {
      for (const change of await this.#client.expected(this.#name)) {
        if (!change.acknowledged) await this.#prove(change);
      }
    });
  }

  async #prove(change: ExpectedChange): Promise<void> {
    // Read for itself each time: the tag has to come from the vault's bytes, and the time of the read is reported.
    const read = await this.#client.read(this.#name, change.version);
    await this.#use(read);
    await this.#client.acknowledge(this.#name, change, read);
  }

  async #use(read: ReadVersion): Promise<void> {
    if (this.#using?.version === read.version) return;
    await this.#takeIntoUse(read);
    this.#using = read;
    this.#log.uses(this.#name, read.version);
  }

  /** One after the other, whatever became of the one before. */
  #next(work: () => Promise<void>): Promise<void> {
    const mine = this.#running.catch(() => undefined).then(work);
    this.#running = mine;
    return mine;
  }
}
