import type { ReceivedNotice } from './webhook-receiver.ts';
import type { AttemptLog } from './attempt-log.ts';
import { HeldCredential } from './held-credential.ts';
import type { WorkloadClient } from './workload-client.ts';

/**
 * The key that a receiver checks notices with. From being told of a successor until a notice says `disabled` it
 * holds both, because the sender signs with both.
 */
export class HeldSigningKey {
  readonly held: HeldCredential;
  readonly #name: string;
  readonly #keys = new Map<string, string>();

  constructor(name: string, client: WorkloadClient, log: AttemptLog) {
    this.#name = name;
    this.held = new HeldCredential(name, client, log, async ({ version, value }) => {
      const { secret } = JSON.parse(value.reveal()) as { readonly secret: string };
      this.#keys.set(version, secret);
    });
  }

  keys(): readonly string[] {
    return [...this.#keys.values()];
  }

  /** Only the notice that names the old version takes it away: a repeat, or one of another rotation, changes nothing. */
  noticed({ type, credential, version, replaces }: ReceivedNotice): void {
    if (credential !== this.#name || type !== 'credential.disabled' || replaces === undefined) return;
    if (this.#keys.has(version)) this.#keys.delete(replaces);
  }
}
