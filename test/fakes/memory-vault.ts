import type { DrivenVault, RotationJob, RotationJobs } from '../../embedded/step-driver/driven.ts';
import { LockstepError, type ErrorCode } from '../../lambdas/core/errors.ts';
import type {
  RotationStart,
  SecretDescription,
  SecretVersion,
  Vault,
  VersionSelector,
  VersionSummary,
} from '../../lambdas/core/ports/vault.ts';
import type { Secret } from '../../lambdas/core/secret.ts';
import { instant, type Clock } from '../../lambdas/core/time.ts';
import { Judge } from './judge.ts';

interface Version {
  readonly createdAt: string;
  value: Secret | undefined;
  labels: Set<string>;
}

interface Held {
  readonly arn: string;
  readonly name: string;
  rotationEnabled: boolean | undefined;
  readonly versions: Map<string, Version>;
}

/** A write that had an effect, in the words of the API. */
export interface VaultWrite {
  readonly verb: 'put-pending' | 'put-first' | 'move-current' | 'remove-pending' | 'register' | 'configure';
  readonly secret: string;
  readonly version: string;
}

/** How the vault behaves where its contract leaves it a choice. */
export interface MemoryVaultOptions {
  readonly judge?: Judge;
  /** When versions are made; otherwise all of them in the same moment. */
  readonly clock?: Clock;
  /** Plays RotateSecret: `StepDriver.start`. Without it a start only registers the pending version. */
  readonly startRotation?: (arn: string, start: RotationStart) => Promise<void>;
  /** Whether this read still sees the vault as it was before the last write about the secret. */
  readonly isStale?: (secret: string) => boolean;
  /** A write that has just had its effect. */
  readonly onWrite?: (write: VaultWrite) => void;
  /**
   * Two steps at once may each bring a value of their own for one token: the loser is told so and adopts
   * the stored one. Where a test knows that nothing runs twice, a second value is a breach.
   */
  readonly secondValue?: 'refused' | 'breach';
}

/**
 * `Vault` in memory, written from the rules of Secrets Manager and not from the embedded vault, so that the
 * two check each other. Judges: an untested cut-over, a current version without a value, a malformed token.
 */
export class MemoryVault implements Vault {
  readonly judge: Judge;
  readonly #options: MemoryVaultOptions;
  readonly #secrets = new Map<string, Held>();
  readonly #before = new Map<string, Map<string, Version>>();
  readonly #writes: VaultWrite[] = [];

  constructor(options: MemoryVaultOptions = {}) {
    this.#options = options;
    this.judge = options.judge ?? new Judge();
  }

  /** Declares a secret without a value. */
  createSecret(name: string): string {
    const arn = `arn:aws:secretsmanager:local:000000000000:secret:${name}-mEm0rY`;
    if (!this.#secrets.has(name))
      this.#secrets.set(name, { arn, name, rotationEnabled: undefined, versions: new Map() });
    return arn;
  }

  /** What the API has no verb of ours for: somebody switched rotation off, or on again. */
  setRotationEnabled(secretId: string, enabled: boolean | undefined): void {
    this.#find(secretId).rotationEnabled = enabled;
  }

  /** What nobody of ours can: somebody puts a label by hand on a version that has none. */
  async relabel(secretId: string, label: string, version: string): Promise<void> {
    moveLabel(this.#find(secretId), label, version);
  }

  /** Every write that had an effect so far. */
  get writes(): readonly VaultWrite[] {
    return this.#writes;
  }

  /** The version that carries a label, as it is now. */
  holderOf(secretId: string, label: string): string | undefined {
    return [...this.#find(secretId).versions].find(([, { labels }]) => labels.has(label))?.[0];
  }

  /** A version's value, whatever its labels, as it is now. */
  valueOf(secretId: string, version: string): Secret | undefined {
    return this.#find(secretId).versions.get(version)?.value;
  }

  async describe(secretId: string): Promise<SecretDescription> {
    const { arn, name, rotationEnabled } = this.#find(secretId);
    const labelled = [...this.#seen(name)].filter(([, { labels }]) => labels.size > 0);
    const versions = Object.fromEntries(labelled.map(([id, { labels }]) => [id, [...labels].sort()]));
    return { arn, name, rotationEnabled, versions, replicaRegions: [] };
  }

  async listVersions(secretId: string): Promise<readonly VersionSummary[]> {
    const { name } = this.#find(secretId);
    return [...this.#seen(name)]
      .filter(([, { labels }]) => labels.size > 0)
      .map(([version, { labels, createdAt }]) => ({ version, labels: [...labels].sort(), createdAt }));
  }

  async read(secretId: string, { version, label }: VersionSelector = {}): Promise<SecretVersion> {
    const { name } = this.#find(secretId);
    const wanted = label ?? (version === undefined ? 'AWSCURRENT' : undefined);
    const found = [...this.#seen(name)].find(
      ([id, { labels }]) =>
        (version === undefined || id === version) && (wanted === undefined || labels.has(wanted)),
    );
    const value = found?.[1].value;
    if (!found || !value)
      throw refuse('UNKNOWN_VERSION', `${name} has no version ${version ?? wanted} with a value`);
    return { version: found[0], labels: [...found[1].labels].sort(), value };
  }

  async putPending(secretId: string, token: string, value: Secret): Promise<void> {
    this.#put(this.#find(secretId), token, value, 'AWSPENDING');
  }

  async putFirst(secretId: string, token: string, value: Secret): Promise<void> {
    const held = this.#find(secretId);
    const holder = this.holderOf(secretId, 'AWSCURRENT');
    const isOther = holder !== undefined && holder !== token && !held.versions.get(token)?.value;
    this.judge.demand(!isOther, `putFirst would move AWSCURRENT of ${held.name} to a version nobody tested`);
    this.#put(held, token, value, 'AWSCURRENT');
  }

  async moveCurrent(secretId: string, move: { readonly to: string; readonly from: string }): Promise<void> {
    const held = this.#find(secretId);
    const holder = this.holderOf(secretId, 'AWSCURRENT');
    if (holder !== move.from)
      throw refuse('LABEL_CONFLICT', `AWSCURRENT is on ${holder ?? 'nothing'}, not on ${move.from}`);
    const target = held.versions.get(move.to);
    if (!target) throw refuse('UNKNOWN_VERSION', `${held.name} has no version ${move.to}`);
    this.judge.demand(
      target.value !== undefined,
      `AWSCURRENT of ${held.name} would move to a version without a value`,
    );
    if (move.to === move.from) return;
    this.#write(held, 'move-current', move.to, () => {
      moveLabel(held, 'AWSCURRENT', move.to);
      moveLabel(held, 'AWSPREVIOUS', move.from);
    });
  }

  async removePending(secretId: string, version: string): Promise<void> {
    const held = this.#find(secretId);
    if (this.holderOf(secretId, 'AWSPENDING') !== version) return;
    this.#write(held, 'remove-pending', version, () => {
      const found = held.versions.get(version);
      found?.labels.delete('AWSPENDING');
      if (found?.labels.size === 0 && !found.value) held.versions.delete(version);
    });
  }

  async startRotation(secretId: string, start: RotationStart): Promise<void> {
    const { arn } = this.#find(secretId);
    if (this.#options.startRotation) return this.#options.startRotation(arn, start);
    if (start.configure) await this.driven.configure(arn, start.configure);
    if (start.immediately) await this.driven.registerPending(arn, start.token, false);
  }

  /** The side of Secrets Manager that a StepDriver plays. Always sees the vault as it is. */
  get driven(): DrivenVault {
    return {
      describe: async (secretId) => this.#exact(() => this.describe(secretId)),
      registerPending: async (arn, token, withCurrentValue) => this.#register(arn, token, withCurrentValue),
      removePending: (arn, token) => this.removePending(arn, token),
      configure: async (arn, { functionArn }) => {
        const held = this.#find(arn);
        this.#write(held, 'configure', functionArn, () => (held.rotationEnabled = true));
      },
    };
  }

  #register(arn: string, token: string, withCurrentValue: boolean): void {
    const held = this.#find(arn);
    this.#demandToken(token);
    const pending = this.holderOf(arn, 'AWSPENDING');
    const current = this.holderOf(arn, 'AWSCURRENT');
    if (pending !== undefined && pending !== token && pending !== current)
      throw refuse('PENDING_ELSEWHERE', `the rotation of ${held.name} to ${pending} is not complete`);
    if (pending === token || current === token) return;
    if (held.versions.has(token)) throw refuse('VERSION_CONFLICT', `version ${token} was given up`);
    const value = withCurrentValue && current !== undefined ? held.versions.get(current)?.value : undefined;
    this.#write(held, 'register', token, () => {
      held.versions.set(token, { value, createdAt: this.#now(), labels: new Set() });
      moveLabel(held, 'AWSPENDING', token);
    });
  }

  #put(held: Held, token: string, value: Secret, label: 'AWSPENDING' | 'AWSCURRENT'): void {
    this.#demandToken(token);
    const known = held.versions.get(token);
    if (known?.value) {
      if (known.value.equals(value)) return;
      if (this.#options.secondValue === 'breach')
        this.judge.breach(`a second value for token ${token} of ${held.name}`);
      throw refuse('VERSION_CONFLICT', `version ${token} holds another value`);
    }
    const isFirst = held.versions.size === 0;
    this.#write(held, label === 'AWSPENDING' ? 'put-pending' : 'put-first', token, () => {
      const { createdAt = this.#now(), labels = new Set<string>() } = known ?? {};
      held.versions.set(token, { value, createdAt, labels });
      const before = label === 'AWSCURRENT' ? this.holderOf(held.name, label) : undefined;
      moveLabel(held, label, token);
      if (isFirst) moveLabel(held, 'AWSCURRENT', token);
      if (before !== undefined) moveLabel(held, 'AWSPREVIOUS', before);
    });
  }

  #write(held: Held, verb: VaultWrite['verb'], version: string, change: () => unknown): void {
    const copy = [...held.versions].map(([id, { labels, ...rest }]): [string, Version] => [
      id,
      { ...rest, labels: new Set(labels) },
    ]);
    this.#before.set(held.name, new Map(copy));
    change();
    const write = { verb, secret: held.name, version };
    this.#writes.push(write);
    this.#options.onWrite?.(write);
  }

  #seen(name: string): ReadonlyMap<string, Version> {
    const stale = this.#isExact
      ? undefined
      : this.#options.isStale?.(name) === true && this.#before.get(name);
    return stale || this.#find(name).versions;
  }

  #isExact = false;

  /** `describe` looks before it waits for anything, so the switch cannot be seen by anybody else. */
  #exact<T>(look: () => Promise<T>): Promise<T> {
    this.#isExact = true;
    try {
      return look();
    } finally {
      this.#isExact = false;
    }
  }

  #now(): string {
    return instant(this.#options.clock?.() ?? new Date(0));
  }

  #find(secretId: string): Held {
    const held = [...this.#secrets.values()].find(
      ({ name, arn }) => secretId === name || secretId === arn || secretId === arn.slice(0, -7),
    );
    if (held) return held;
    throw refuse('UNKNOWN_CREDENTIAL', `no secret ${secretId}`);
  }

  #demandToken(token: string): void {
    this.judge.demand(token.length >= 32 && token.length <= 64, `a token of ${token.length} characters`);
  }
}

/** A label lies on one version at most; a version without a value and a label is gone. */
function moveLabel(held: Held, label: string, to: string): void {
  for (const [id, version] of held.versions) {
    version.labels.delete(label);
    if (version.labels.size === 0 && !version.value && id !== to) held.versions.delete(id);
  }
  held.versions.get(to)?.labels.add(label);
}

const refuse = (code: ErrorCode, message: string): LockstepError => new LockstepError(code, message);

/** The queue of a StepDriver, in memory. */
export class MemoryRotationJobs implements RotationJobs {
  readonly #jobs = new Map<string, RotationJob>();

  async save(job: RotationJob): Promise<void> {
    this.#jobs.set(`${job.arn} ${job.token}`, job);
  }

  async remove(arn: string, token: string): Promise<void> {
    this.#jobs.delete(`${arn} ${token}`);
  }

  async list(): Promise<readonly RotationJob[]> {
    return [...this.#jobs.values()];
  }
}
