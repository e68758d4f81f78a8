import type { Schema } from '../sqlite/open-database.ts';

/** One row per timer. `setting` tells one setting of an id from the next, so that firing removes only what it fired. */
export const TIMER_SCHEMA: Schema = {
  applicationId: 0x4c73_0004,
  versions: [
    `
    CREATE TABLE timer (
      id TEXT PRIMARY KEY,
      at TEXT NOT NULL,
      event TEXT NOT NULL,
      setting INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX timer_by_time ON timer (at);
    CREATE TABLE setting (last INTEGER NOT NULL) STRICT;
    INSERT INTO setting (last) VALUES (0);
    `,
  ],
};
