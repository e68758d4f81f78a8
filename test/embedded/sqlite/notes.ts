import type { OpenOptions, Schema } from '../../../embedded/sqlite/open-database.ts';

/** A store of notes: only there to be opened. */
export const NOTES: Schema = {
  applicationId: 0x4c73_00ff,
  versions: ['CREATE TABLE note (id TEXT PRIMARY KEY, text TEXT, number INTEGER, bytes BLOB) STRICT;'],
};

/** The notes of the next version. */
export const NEWER_NOTES: Schema = {
  ...NOTES,
  versions: [...NOTES.versions, "ALTER TABLE note ADD COLUMN mood TEXT; UPDATE note SET mood = 'old';"],
};

/** How to open notes. */
export const notesIn = (path: string, schema: Schema = NOTES): OpenOptions => ({
  name: 'the notes',
  path,
  schema,
  unavailable: 'LEDGER_UNAVAILABLE',
  damaged: 'STORE_DAMAGED',
  busyTimeoutMs: 50,
});
