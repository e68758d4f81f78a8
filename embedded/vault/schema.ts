import type { Schema } from '../sqlite/open-database.ts';

/**
 * The vault's file. A label lies on one version at most, which the key of `label` makes true. A version
 * without `sealed` is registered and has no value yet. Nonces are unique over the file: a random source
 * that repeats itself is met as an error and not as two values under one key stream.
 * `rotation_job` is the queue of the StepDriver: Secrets Manager's own state lies with Secrets Manager.
 */
export const VAULT_SCHEMA: Schema = {
  applicationId: 0x4c73_0001,
  versions: [
    `
    CREATE TABLE mark (name TEXT PRIMARY KEY, sealed BLOB NOT NULL) STRICT;
    CREATE TABLE secret (
      name TEXT PRIMARY KEY,
      arn TEXT NOT NULL UNIQUE,
      created_at TEXT NOT NULL,
      function_arn TEXT,
      every_days INTEGER
    ) STRICT;
    CREATE TABLE version (
      secret TEXT NOT NULL REFERENCES secret (name),
      id TEXT NOT NULL,
      created_at TEXT NOT NULL,
      nonce BLOB UNIQUE,
      sealed BLOB,
      PRIMARY KEY (secret, id),
      CHECK ((nonce IS NULL) = (sealed IS NULL))
    ) STRICT;
    CREATE TABLE label (
      secret TEXT NOT NULL,
      label TEXT NOT NULL,
      version TEXT NOT NULL,
      PRIMARY KEY (secret, label),
      FOREIGN KEY (secret, version) REFERENCES version (secret, id)
    ) STRICT;
    CREATE TABLE rotation_job (
      arn TEXT NOT NULL,
      token TEXT NOT NULL,
      body TEXT NOT NULL,
      PRIMARY KEY (arn, token)
    ) STRICT;
    `,
  ],
};
