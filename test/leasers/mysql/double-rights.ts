import { DANGEROUS_COLUMNS } from '../../../lambdas/leasers/mysql/authority-rights.ts';
import type { DoubleRow } from './wire.ts';

const COLUMNS = ['User', 'Host', 'account_locked', ...DANGEROUS_COLUMNS];

/** What the double says of the rights of an authority: those that it was prepared with. Others are the real server's to show. */
export function answerAboutRights(sql: string, version: string): readonly DoubleRow[] | undefined {
  const names = (all: readonly string[]): readonly DoubleRow[] => all.map((name) => ({ name }));
  if (sql === 'SELECT VERSION() AS version, UNIX_TIMESTAMP(NOW(6)) * 1000 AS now')
    return [{ version, now: Date.now() }];
  if (sql.includes('SCHEMA_PRIVILEGES')) {
    const columns = COLUMNS.map((column) => `SELECT mysql.user.${column}`);
    return names([...columns, 'SELECT mysql.role_edges', 'SELECT mysql.global_grants']);
  }
  if (sql.includes('USER_PRIVILEGES')) return names(['CREATE USER', 'PROCESS', 'CONNECTION_ADMIN']);
  if (sql.startsWith('SELECT FROM_USER AS name, WITH_ADMIN_OPTION AS admin FROM mysql.role_edges'))
    return ['rag_reader', 'rag_writer'].map((name) => ({ name, admin: 'Y' }));
  return sql.includes('WITH RECURSIVE reach AS') ? [] : undefined;
}
