import type { Schema } from '../sqlite/open-database.ts';

/** Rows by their key, and the outbox in the same file: the one atomic pair in Lockstep. */
export const LEDGER_SCHEMA: Schema = {
  applicationId: 0x4c73_0002,
  versions: [
    `
    CREATE TABLE entry (
      family TEXT NOT NULL,
      credential TEXT NOT NULL,
      id TEXT NOT NULL,
      revision INTEGER NOT NULL CHECK (revision > 0),
      body TEXT NOT NULL,
      expires_at TEXT,
      PRIMARY KEY (family, credential, id)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX entry_by_expiry ON entry (expires_at) WHERE expires_at IS NOT NULL;
    CREATE TABLE outbox (
      sequence INTEGER PRIMARY KEY AUTOINCREMENT,
      event_id TEXT NOT NULL UNIQUE,
      at TEXT NOT NULL,
      body TEXT NOT NULL
    ) STRICT;
    CREATE INDEX outbox_by_age ON outbox (at, sequence);
    `,
  ],
};
