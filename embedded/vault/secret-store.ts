import { isLockstepError, LockstepError } from '../../lambdas/core/errors.ts';
import type { RandomBytes } from '../../lambdas/core/ports/ids.ts';
import type {
  RotationStart,
  SecretDescription,
  SecretVersion,
  VersionSelector,
  VersionSummary,
} from '../../lambdas/core/ports/vault.ts';
import type { Secret } from '../../lambdas/core/secret.ts';
import { instant, secondsAfter, type Clock } from '../../lambdas/core/time.ts';
import type { SqliteDatabase } from '../sqlite/database.ts';
import { attach, byVersion, detach, labelsOn, moveCurrent, pendingElsewhere } from './label-rules.ts';
import { SecretRows, type SecretRow, type VersionRow } from './secret-rows.ts';
import type { Sealer } from './sealer.ts';
import { demandToken, demandValue } from './limits.ts';

/** What the store needs from outside. */
export interface SecretStoreOptions {
  readonly database: SqliteDatabase;
  readonly sealer: Sealer;
  readonly clock: Clock;
  readonly randomBytes: RandomBytes;
  /** Everything of an ARN before the secret's name: `arn:aws:secretsmanager:<region>:<account>:secret:`. */
  readonly arnPrefix: string;
}

const KEPT_VERSIONS = 100;
const KEPT_SECONDS = 24 * 3600;

/**
 * Secrets, versions and labels with the rules of Secrets Manager, for nobody in particular: who may call,
 * and what is recorded of it, is decided in front of it. Each call is one transaction of its own.
 */
export class SecretStore {
  readonly #options: SecretStoreOptions;
  readonly #rows: SecretRows;

  constructor(options: SecretStoreOptions) {
    this.#options = options;
    this.#rows = new SecretRows(options.database);
  }

  /** Makes a secret without a value, as synthesis does on AWS. There already: nothing happens. */
  create(name: string): SecretRow {
    const suffix = Buffer.from(this.#options.randomBytes(3)).toString('hex');
    const arn = `${this.#options.arnPrefix}${name}-${suffix}`;
    return this.#options.database.transaction(() => {
      this.#rows.addSecret({ name, arn, createdAt: this.#now() });
      return this.#rows.find(name);
    });
  }

  list(): readonly SecretRow[] {
    return this.#rows.all();
  }

  find(secretId: string): SecretRow {
    return this.#rows.find(secretId);
  }

  /** The same, where not finding it is an answer. */
  findIfAny(secretId: string): SecretRow | undefined {
    try {
      return this.#rows.find(secretId);
    } catch (error) {
      if (isLockstepError(error, 'UNKNOWN_CREDENTIAL')) return undefined;
      throw error;
    }
  }

  describe(secretId: string): SecretDescription {
    return this.#options.database.transaction(() => {
      const { name, arn, functionArn } = this.#rows.find(secretId);
      return {
        arn,
        name,
        rotationEnabled: functionArn === undefined ? undefined : true,
        versions: byVersion(this.#rows.labels(name)),
        replicaRegions: [],
      };
    });
  }

  listVersions(secretId: string): readonly VersionSummary[] {
    return this.#options.database.transaction(() => {
      const { name } = this.#rows.find(secretId);
      return Object.entries(byVersion(this.#rows.labels(name))).map(([version, labels]) => {
        const createdAt = this.#rows.version(name, version)?.createdAt;
        return { version, labels, ...(createdAt === undefined ? {} : { createdAt }) };
      });
    });
  }

  read(secretId: string, selector: VersionSelector = {}): SecretVersion {
    return this.#options.database.transaction(() => {
      const { name } = this.#rows.find(secretId);
      const labels = this.#rows.labels(name);
      const wanted = selector.version ?? labels[selector.label ?? 'AWSCURRENT'];
      const version = wanted === undefined ? undefined : this.#rows.version(name, wanted);
      const on = version ? labelsOn(labels, version.id) : [];
      const carries = selector.label === undefined || on.includes(selector.label);
      if (!version?.sealed || !carries) throw noSuchVersion(name, selector);
      const value = this.#options.sealer.open(version.sealed, [name, version.id]);
      return { version: version.id, labels: on, value };
    });
  }

  /**
   * PutSecretValue with exactly one label. Answers whether anything changed: a repeat changes nothing. The first version
   * of a secret becomes AWSCURRENT besides, whatever its label
   * (https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_PutSecretValue.html).
   */
  put(secretId: string, token: string, value: Secret, label: 'AWSPENDING' | 'AWSCURRENT'): boolean {
    demandToken(token);
    demandValue(value);
    return this.#options.database.transaction(() => {
      const { name } = this.#rows.find(secretId);
      const known = this.#rows.version(name, token);
      // "The request is ignored": a repeat moves no label, wherever they are by now.
      if (known?.sealed) {
        this.#demandSame(name, known, value);
        return false;
      }
      const sealed = this.#options.sealer.seal(value, [name, token]);
      const labels = attach(this.#rows.labels(name), label, token);
      const isFirst = !this.#rows.hasVersions(name);
      this.#rows.saveVersion(name, token, this.#now(), sealed);
      this.#rows.saveLabels(name, isFirst ? attach(labels, 'AWSCURRENT', token) : labels);
      this.#collect(name);
      return true;
    });
  }

  moveCurrent(secretId: string, move: { readonly to: string; readonly from: string }): void {
    this.#options.database.transaction(() => {
      const { name } = this.#rows.find(secretId);
      const moved = moveCurrent(this.#rows.labels(name), move, name);
      if (!this.#rows.version(name, move.to)?.sealed) throw noSuchVersion(name, { version: move.to });
      this.#rows.saveLabels(name, moved);
      this.#collect(name);
    });
  }

  removePending(secretId: string, version: string): void {
    this.#options.database.transaction(() => {
      const { name } = this.#rows.find(secretId);
      this.#rows.saveLabels(name, detach(this.#rows.labels(name), 'AWSPENDING', version));
      this.#collect(name);
    });
  }

  /** What RotateSecret does before any step: a version named by the token, pending, without a value. */
  registerPending(secretId: string, token: string): void {
    demandToken(token);
    this.#options.database.transaction(() => {
      const { name } = this.#rows.find(secretId);
      const labels = this.#rows.labels(name);
      const blocking = pendingElsewhere(labels, token);
      if (blocking !== undefined) throw incomplete(name, blocking);
      const on = labelsOn(labels, token);
      if (on.includes('AWSPENDING') || on.includes('AWSCURRENT')) return;
      if (this.#rows.version(name, token)) throw usedUp(name, token);
      this.#rows.saveVersion(name, token, this.#now(), undefined);
      this.#rows.saveLabels(name, attach(labels, 'AWSPENDING', token));
      this.#collect(name);
    });
  }

  /** Gives a registered version the current value: what a test run of Secrets Manager may also find. */
  copyCurrent(secretId: string, token: string): void {
    const { value } = this.read(secretId);
    this.put(secretId, token, value, 'AWSPENDING');
  }

  configure(secretId: string, { functionArn, everyDays }: NonNullable<RotationStart['configure']>): void {
    this.#options.database.transaction(() => {
      this.#rows.configure(this.#rows.find(secretId).name, functionArn, everyDays);
    });
  }

  #demandSame(name: string, { id, sealed }: VersionRow, value: Secret): void {
    if (sealed && this.#options.sealer.open(sealed, [name, id]).equals(value)) return;
    throw new LockstepError(
      'VERSION_CONFLICT',
      `version ${id} of ${name} holds another value already; read it and use what is stored`,
    );
  }

  #collect(name: string): void {
    this.#rows.collect(name, KEPT_VERSIONS, secondsAfter(this.#now(), -KEPT_SECONDS));
  }

  #now(): string {
    return instant(this.#options.clock());
  }
}

function noSuchVersion(name: string, { version, label }: VersionSelector): LockstepError {
  const which =
    [version, label].filter((part) => part !== undefined).join(' labelled ') || 'labelled AWSCURRENT';
  return new LockstepError('UNKNOWN_VERSION', `${name} has no version ${which} that holds a value`);
}

/** Secrets Manager's words: "A previous rotation isn't complete. That rotation will be reattempted." */
function incomplete(name: string, blocking: string): LockstepError {
  return new LockstepError(
    'PENDING_ELSEWHERE',
    `the rotation of ${name} to version ${blocking} is not complete; it will be reattempted. Wait for it, or take AWSPENDING off that version`,
  );
}

function usedUp(name: string, token: string): LockstepError {
  return new LockstepError(
    'VERSION_CONFLICT',
    `version ${token} of ${name} was given up earlier; start with a new token`,
  );
}
