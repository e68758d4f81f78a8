import type { Schema } from '../sqlite/open-database.ts';

/**
 * The chains. The triggers keep our own code from changing a record; whoever can write the file can drop
 * them, and is found by the hashes and the signed heads.
 */
export const AUDIT_SCHEMA: Schema = {
  applicationId: 0x4c73_0003,
  versions: [
    `
    CREATE TABLE record (
      chain TEXT NOT NULL,
      sequence INTEGER NOT NULL,
      entry_id TEXT NOT NULL,
      hash TEXT NOT NULL,
      body TEXT NOT NULL,
      PRIMARY KEY (chain, sequence),
      UNIQUE (chain, entry_id)
    ) STRICT, WITHOUT ROWID;
    CREATE TRIGGER record_is_not_changed BEFORE UPDATE ON record
      BEGIN SELECT RAISE(ABORT, 'audit records are never changed'); END;
    CREATE TRIGGER record_is_not_removed BEFORE DELETE ON record
      BEGIN SELECT RAISE(ABORT, 'audit records are never removed'); END;
    `,
  ],
};
