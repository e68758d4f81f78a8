import { openDatabase } from '../../../embedded/sqlite/open-database.ts';
import { isLockstepError } from '../../../lambdas/core/errors.ts';
import { notesIn } from './notes.ts';

/** Opens a file as a process of its own: `open-as-child.ts <path> [drop|write]`. Prints how that ended. */
const [, , path = '', what] = process.argv;

// Everything is loaded by now: the user without rights may not be able to read this project.
if (what === 'drop') {
  process.setgid?.(65_534);
  process.setuid?.(65_534);
}
try {
  const database = openDatabase({ ...notesIn(path), busyTimeoutMs: 5000 });
  if (what === 'write') database.run('INSERT INTO note (id) VALUES (?)', [`from ${process.pid}`]);
  database.close();
  process.stdout.write('opened');
} catch (error) {
  process.stdout.write(isLockstepError(error) ? error.code : String(error));
}
