import type { ReceivedNotice } from './webhook-receiver.ts';
import type { AttemptLog } from './attempt-log.ts';
import { HeldCredential } from './held-credential.ts';
import type { WorkloadDoor } from './workload-client.ts';

/**
 * The key that a receiver checks notices with. From being told of a successor until a notice says `disabled` it
 * holds both, because the sender signs with both.
 */
export class HeldSigningKey {
  readonly held: HeldCredential;
  readonly #name: string;
  readonly #keys = new Map<string, string>();

  constructor(name: string, client: WorkloadDoor, log: AttemptLog) {
    this.#name = name;
    this.held = new HeldCredential(name, client, log, async ({ version, value }) => {
      const { secret } = JSON.parse(value.reveal()) as { readonly secret: string };
      this.#keys.set(version, secret);
    });
  }

  keys(): readonly string[] {
    return [...this.#keys.values()];
  }

  /**
   * Does what a notice asks for. The old key goes when a notice says `disabled`; after a roll-back the given-up key
   * goes when the return to the other one has been proved, because no further notice follows.
   */
  async follow({ type, credential, version, replaces }: ReceivedNotice): Promise<void> {
    if (credential === this.#name && type === 'credential.disabled') this.#drop(replaces, version);
    await this.held.settle();
    if (credential === this.#name && type === 'credential.rolled-back') this.#drop(replaces, version);
  }

  /** Only where the one that stays is held: a repeat, or a notice of another rotation, changes nothing. */
  #drop(version: string | undefined, stays: string): void {
    if (version !== undefined && this.#keys.has(stays)) this.#keys.delete(version);
  }
}
