import { LockstepError } from '../../lambdas/core/errors.ts';
import type { SqliteDatabase } from '../sqlite/database.ts';
import { textOf } from '../sqlite/row.ts';
import type { RotationJob, RotationJobs } from '../step-driver/driven.ts';

/** The StepDriver's queue in the vault's own file, as Secrets Manager keeps its rotations beside its secrets. */
export class JobRows implements RotationJobs {
  readonly #database: SqliteDatabase;

  constructor(database: SqliteDatabase) {
    this.#database = database;
  }

  async save(job: RotationJob): Promise<void> {
    const sql =
      'INSERT INTO rotation_job (arn, token, body) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET body = excluded.body';
    this.#database.run(sql, [job.arn, job.token, JSON.stringify(job)]);
  }

  async remove(arn: string, token: string): Promise<void> {
    this.#database.run('DELETE FROM rotation_job WHERE arn = ? AND token = ?', [arn, token]);
  }

  async list(): Promise<readonly RotationJob[]> {
    const rows = this.#database.all('SELECT body FROM rotation_job ORDER BY rowid');
    return rows.map((row) => parseJob(textOf(row, 'body')));
  }
}

function parseJob(body: string): RotationJob {
  try {
    // The file's check passed and only `save` writes here.
    return JSON.parse(body) as RotationJob;
  } catch (error) {
    throw new LockstepError(
      'VAULT_DAMAGED',
      'a job in the queue of rotations is not what was written; restore the vault',
      {
        cause: error,
      },
    );
  }
}
