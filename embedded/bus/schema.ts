import type { Schema } from '../sqlite/open-database.ts';

/**
 * One row per delivery that is not done: an event and the one function it goes to. Delivered rows are
 * removed; given up ones stay, as `dead`, until somebody drives them again.
 */
export const BUS_SCHEMA: Schema = {
  applicationId: 0x4c73_0005,
  versions: [
    `
    CREATE TABLE delivery (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      handler TEXT NOT NULL,
      bus TEXT NOT NULL CHECK (bus IN ('lockstep', 'default')),
      body TEXT NOT NULL,
      credential TEXT,
      attempts INTEGER NOT NULL,
      due_at TEXT NOT NULL,
      state TEXT NOT NULL CHECK (state IN ('waiting', 'dead')),
      last_error TEXT NOT NULL,
      changed_at TEXT NOT NULL
    ) STRICT;
    CREATE INDEX delivery_by_time ON delivery (state, handler, due_at, id);
    `,
  ],
};
