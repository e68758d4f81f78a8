import { LockstepError } from '../../lambdas/core/errors.ts';
import type { SqliteDatabase, SqlRow } from '../sqlite/database.ts';
import { bytesOf, numberOf, optionalText, textOf } from '../sqlite/row.ts';
import type { LabelMap } from './label-rules.ts';
import type { Sealed } from './sealer.ts';

/** One secret without its versions. */
export interface SecretRow {
  readonly name: string;
  readonly arn: string;
  /** Set once rotation was configured. */
  readonly functionArn: string | undefined;
  readonly everyDays: number | undefined;
}

/** One version; `sealed` is missing while it is registered without a value. */
export interface VersionRow {
  readonly id: string;
  readonly createdAt: string;
  readonly sealed: Sealed | undefined;
}

/** Statements over the vault's tables. Knows no rule; every caller holds a transaction. */
export class SecretRows {
  readonly #database: SqliteDatabase;

  constructor(database: SqliteDatabase) {
    this.#database = database;
  }

  /** By name, by ARN, or by an ARN without its random suffix, as Secrets Manager takes it. */
  find(secretId: string): SecretRow {
    const row = this.#database.get(
      'SELECT * FROM secret WHERE name = ?1 OR arn = ?1 OR substr(arn, 1, length(arn) - 7) = ?1 ORDER BY arn = ?1 DESC',
      [secretId],
    );
    if (row) return secretOf(row);
    throw new LockstepError('UNKNOWN_CREDENTIAL', `the vault holds no secret ${secretId}`);
  }

  all(): readonly SecretRow[] {
    return this.#database.all('SELECT * FROM secret ORDER BY name').map(secretOf);
  }

  addSecret(secret: { readonly name: string; readonly arn: string; readonly createdAt: string }): boolean {
    const values = [secret.name, secret.arn, secret.createdAt];
    const sql = 'INSERT INTO secret (name, arn, created_at) VALUES (?, ?, ?) ON CONFLICT (name) DO NOTHING';
    return this.#database.run(sql, values) === 1;
  }

  configure(name: string, functionArn: string, everyDays: number): void {
    const sql = 'UPDATE secret SET function_arn = ?, every_days = ? WHERE name = ?';
    this.#database.run(sql, [functionArn, everyDays, name]);
  }

  labels(name: string): LabelMap {
    const rows = this.#database.all('SELECT label, version FROM label WHERE secret = ?', [name]);
    return Object.fromEntries(rows.map((row) => [textOf(row, 'label'), textOf(row, 'version')]));
  }

  saveLabels(name: string, labels: LabelMap): void {
    this.#database.run('DELETE FROM label WHERE secret = ?', [name]);
    for (const [label, version] of Object.entries(labels)) {
      const sql = 'INSERT INTO label (secret, label, version) VALUES (?, ?, ?)';
      this.#database.run(sql, [name, label, version]);
    }
  }

  version(name: string, id: string): VersionRow | undefined {
    const row = this.#database.get('SELECT * FROM version WHERE secret = ? AND id = ?', [name, id]);
    return row && versionOf(row);
  }

  hasVersions(name: string): boolean {
    return this.#database.get('SELECT 1 FROM version WHERE secret = ? LIMIT 1', [name]) !== undefined;
  }

  /** Adds a version, or gives one that has no value its value. */
  saveVersion(name: string, id: string, createdAt: string, sealed: Sealed | undefined): void {
    const sql = `INSERT INTO version (secret, id, created_at, nonce, sealed) VALUES (?, ?, ?, ?, ?)
      ON CONFLICT (secret, id) DO UPDATE SET nonce = excluded.nonce, sealed = excluded.sealed WHERE version.sealed IS NULL`;
    this.#database.run(sql, [name, id, createdAt, sealed?.nonce ?? null, sealed?.sealed ?? null]);
  }

  /**
   * Forgets versions without a label: at once those that never got a value, the others when they are older
   * than `before` and more than `keep` versions are newer
   * (https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_limits.html).
   */
  collect(name: string, keep: number, before: string): void {
    const unlabelled = 'id NOT IN (SELECT version FROM label WHERE secret = ?1)';
    this.#database.run(`DELETE FROM version WHERE secret = ?1 AND sealed IS NULL AND ${unlabelled}`, [name]);
    this.#database.run(
      `DELETE FROM version WHERE secret = ?1 AND created_at < ?2 AND ${unlabelled} AND id NOT IN
        (SELECT id FROM version WHERE secret = ?1 ORDER BY created_at DESC, rowid DESC LIMIT ?3)`,
      [name, before, keep],
    );
  }
}

function secretOf(row: SqlRow): SecretRow {
  return {
    name: textOf(row, 'name'),
    arn: textOf(row, 'arn'),
    functionArn: optionalText(row, 'function_arn'),
    everyDays: row['every_days'] === null ? undefined : numberOf(row, 'every_days'),
  };
}

function versionOf(row: SqlRow): VersionRow {
  const sealed =
    row['sealed'] === null ? undefined : { nonce: bytesOf(row, 'nonce'), sealed: bytesOf(row, 'sealed') };
  return { id: textOf(row, 'id'), createdAt: textOf(row, 'created_at'), sealed };
}
