import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import type { NewId, RandomBytes } from '../../lambdas/core/ports/ids.ts';
import type { RotationStart, Vault } from '../../lambdas/core/ports/vault.ts';
import type { Clock } from '../../lambdas/core/time.ts';
import type { AwsPlace, DefaultBus } from '../default-bus/aws-event.ts';
import { demandOutside } from '../key-file/key-file.ts';
import type { SqliteDatabase } from '../sqlite/database.ts';
import { openDatabase } from '../sqlite/open-database.ts';
import type { DriverReport, DrivenVault, RotationJobs } from '../step-driver/driven.ts';
import { JobRows } from './job-rows.ts';
import { PrincipalVault, type Authorise, type VaultCore } from './principal-vault.ts';
import { VAULT_SCHEMA } from './schema.ts';
import { openSealer } from './sealing-key.ts';
import { SecretStore } from './secret-store.ts';
import { Witness } from './witness.ts';

/** Where the vault lies, and what it is given. */
export interface VaultOptions extends AwsPlace {
  /** Its file. */
  readonly path: string;
  /** The key's file: outside the folder of `path`, or refused. Made where vault and key are both new. */
  readonly keyPath: string;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly randomBytes: RandomBytes;
  readonly authorise: Authorise;
  /** Where the records of calls and the native events go. */
  readonly defaultBus: DefaultBus;
  /** Told when one of those could not be handed over. */
  readonly onLost?: () => void;
  /** RotateSecret: `StepDriver.start`. Called with the secret's ARN. */
  readonly startRotation: (arn: string, start: RotationStart) => Promise<void>;
}

/** A secret as an inventory of the vault lists it. */
export interface ListedSecret {
  readonly name: string;
  readonly arn: string;
}

/**
 * The embedded vault: values sealed at rest, the rules of Secrets Manager, one client per principal.
 *
 * Errors of `open`: `VAULT_DAMAGED` the file is damaged or the key is not its own; `STORE_FORBIDDEN` no
 * right to file or key, a key that others may read, or one inside the vault's folder; `NO_ROOM`;
 * `STORE_NEWER`. Whatever is refused is left as it is.
 */
export class EmbeddedVault {
  readonly #database: SqliteDatabase;
  readonly #store: SecretStore;
  readonly #core: VaultCore;
  readonly #witness: Witness;
  /** The queue of the StepDriver that plays for this vault. */
  readonly jobs: RotationJobs;

  constructor(options: VaultOptions) {
    const { path, keyPath, account, region, clock, newId, randomBytes, onLost } = options;
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    demandOutside({ path: keyPath, purpose: 'seals the vault' }, dirname(path));
    this.#database = openVaultFile(path);
    try {
      const sealer = openSealer(this.#database, keyPath, randomBytes);
      const arnPrefix = `arn:aws:secretsmanager:${region}:${account}:secret:`;
      this.#store = new SecretStore({ database: this.#database, sealer, clock, randomBytes, arnPrefix });
    } catch (error) {
      this.#database.close();
      throw error;
    }
    const lost = onLost ? { onLost } : {};
    this.#witness = new Witness({ account, region, clock, newId, bus: options.defaultBus, ...lost });
    const { authorise, startRotation } = options;
    this.#core = { store: this.#store, authorise, witness: this.#witness, startRotation };
    this.jobs = new JobRows(this.#database);
  }

  /** The vault as a principal may use it: a role's ARN, or a workload's principal from the inventory. */
  vaultFor(principal: string): Vault {
    return new PrincipalVault(this.#core, principal);
  }

  /** Declares a secret; it has no value until adoption. There already: nothing happens. */
  createSecret(name: string): ListedSecret {
    return this.#store.create(name);
  }

  /** Every secret, by name: what drift is measured against. */
  listSecrets(): readonly ListedSecret[] {
    return this.#store.list().map(({ name, arn }) => ({ name, arn }));
  }

  /** What the StepDriver is given: the side of Secrets Manager that no client sees. */
  get driven(): DrivenVault {
    const store = this.#store;
    return {
      describe: async (secretId) => store.describe(secretId),
      registerPending: async (arn, token, withCurrentValue) => {
        store.registerPending(arn, token);
        if (withCurrentValue) store.copyCurrent(arn, token);
      },
      removePending: async (arn, token) => store.removePending(arn, token),
      configure: async (arn, configure) => store.configure(arn, configure),
    };
  }

  /** Hands the StepDriver's reports on as the service events that CloudTrail would carry. */
  readonly report = (report: DriverReport): void => {
    void this.#witness.rotated(report);
  };

  close(): void {
    this.#database.close();
  }
}

const openVaultFile = (path: string): SqliteDatabase =>
  openDatabase({
    name: 'the vault',
    path,
    schema: VAULT_SCHEMA,
    unavailable: 'VAULT_UNAVAILABLE',
    damaged: 'VAULT_DAMAGED',
  });
