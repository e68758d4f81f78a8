import { describe, expect, it } from 'vitest';
import { LockstepError } from '../../../lambdas/core/errors.ts';
import {
  assertRights,
  DANGEROUS_COLUMNS,
  grantsFor,
  type AuthorityRights,
} from '../../../lambdas/leasers/mysql/authority-rights.ts';
import { authorityTargetOf } from '../../../lambdas/leasers/mysql/target.ts';
import { mysqlAuthority } from './subject.ts';

const COLUMNS = ['User', 'Host', 'account_locked', ...DANGEROUS_COLUMNS];
const RIGHTS: AuthorityRights = {
  global: ['CREATE USER', 'PROCESS', 'CONNECTION_ADMIN', 'USAGE'],
  local: [
    ...COLUMNS.map((column) => `SELECT mysql.user.${column}`),
    'SELECT mysql.role_edges',
    'SELECT mysql.global_grants',
  ],
  roles: ['rag_reader', 'rag_writer'].map((role) => ({ role, admin: true })),
  reach: [],
  exposed: [],
};

function outcome(rights: Partial<AuthorityRights>, exposesOthers = false) {
  try {
    assertRights(mysqlAuthority({ port: 3306 }, { exposesOthers }), { ...RIGHTS, ...rights });
    return { code: 'none', message: '' };
  } catch (error) {
    if (error instanceof LockstepError) return error;
    throw error;
  }
}

describe('an authority of leases of MySQL', () => {
  it('with what it needs is taken', () => {
    expect(outcome({}).code).toBe('none');
  });

  it.each([
    ['CREATE USER', { global: ['PROCESS', 'CONNECTION_ADMIN'] }],
    ['SELECT mysql.role_edges', { local: RIGHTS.local.filter((each) => !each.includes('role_edges')) }],
    ['ADMIN OPTION on rag_reader', { roles: [{ role: 'rag_writer', admin: true }] }],
    ['ADMIN OPTION on rag_reader', { roles: RIGHTS.roles.map((each) => ({ ...each, admin: false })) }],
  ])('without %s is refused, and told every statement that it takes', (what, rights) => {
    const found = outcome(rights);
    expect(found.code).toBe('TARGET_LACKS_GRANT');
    expect(found.message).toContain(what);
    for (const statement of grantsFor(authorityTargetOf(mysqlAuthority({ port: 3306 }))))
      expect(found.message).toContain(statement);
  });

  it.each([
    ['SUPER', { global: [...RIGHTS.global, 'SUPER'] }, `REVOKE SUPER ON *.* FROM 'lease_admin'@'%';`],
    ['SELECT rag.*', { local: [...RIGHTS.local, 'SELECT rag.*'] }, 'take that from it'],
    ['role slot', { roles: [...RIGHTS.roles, { role: 'slot', admin: false }] }, `REVOKE 'slot'@'%' FROM`],
    ['rag_reader has SYSTEM_USER', { reach: ['rag_reader has SYSTEM_USER'] }, 'declare others'],
  ])('with %s besides is refused, and told what mends it', (what, rights, mend) => {
    const found = outcome(rights);
    expect(found.code).toBe('TARGET_REFUSED');
    expect(found.message).toContain(what);
    expect(found.message).toContain(mend);
  });

  it('that could change other accounts is refused, unless the inventory says that it must be so', () => {
    const exposed = [`'slot_a'@'%'`];
    expect(outcome({ exposed }).code).toBe('TARGET_REFUSED');
    expect(outcome({ exposed }).message).toContain(`'slot_a'@'%'`);
    expect(outcome({ exposed }, true).code).toBe('none');
  });
});
