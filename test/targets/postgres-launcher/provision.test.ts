import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readBootstrapSecret } from '../../../embedded/postgres/bootstrap-secret.ts';
import { postgresBed, type PostgresBed } from '../postgres/bed.ts';

let bed: PostgresBed;
beforeAll(async () => {
  bed = await postgresBed();
});
afterAll(() => bed.stop());

const everything = () =>
  Promise.all([
    bed.sql(`SELECT rolname, rolsuper, rolcreaterole, rolcreatedb, rolcanlogin, rolbypassrls, rolreplication, rolpassword
               FROM pg_authid WHERE rolname LIKE 'rag_%' ORDER BY 1`),
    bed.sql(`SELECT roleid::regrole::text AS of, member::regrole::text AS to, admin_option, inherit_option, set_option
               FROM pg_auth_members WHERE member::regrole::text LIKE 'rag_%' ORDER BY 1, 2`),
    bed.sql(
      `SELECT datname, datdba::regrole::text AS owner, datacl::text FROM pg_database WHERE datname = 'rag'`,
    ),
    bed.sql(`SELECT setrole::regrole::text AS of, setconfig FROM pg_db_role_setting ORDER BY 1`),
  ]);

describe('a provisioned server', () => {
  it('has an authority as on RDS, and slots that it may change and not be', async () => {
    const [roles, grants, databases, settings] = await everything();
    expect(roles).toMatchObject([
      { rolname: 'rag_a', rolsuper: false, rolcreaterole: false, rolcanlogin: true, rolpassword: null },
      { rolname: 'rag_b', rolsuper: false, rolcreaterole: false, rolcanlogin: true, rolpassword: null },
      {
        rolname: 'rag_db_admin',
        rolsuper: false,
        rolcreaterole: true,
        rolcreatedb: false,
        rolcanlogin: true,
        rolbypassrls: false,
        rolreplication: false,
        rolpassword: expect.stringMatching(/^SCRAM-SHA-256\$4096:/) as string,
      },
      { rolname: 'rag_owner', rolsuper: false, rolcanlogin: false, rolpassword: null },
    ]);
    expect(grants).toEqual([
      {
        of: 'pg_read_all_stats',
        to: 'rag_db_admin',
        admin_option: false,
        inherit_option: true,
        set_option: true,
      },
      {
        of: 'pg_signal_backend',
        to: 'rag_db_admin',
        admin_option: false,
        inherit_option: true,
        set_option: true,
      },
      { of: 'rag_a', to: 'rag_db_admin', admin_option: true, inherit_option: false, set_option: false },
      { of: 'rag_b', to: 'rag_db_admin', admin_option: true, inherit_option: false, set_option: false },
      { of: 'rag_owner', to: 'rag_a', admin_option: false, inherit_option: true, set_option: true },
      { of: 'rag_owner', to: 'rag_b', admin_option: false, inherit_option: true, set_option: true },
    ]);
    // nobody but the owner and its slots gets in
    expect(databases).toEqual([{ datname: 'rag', owner: 'rag_owner', datacl: '{rag_owner=CTc/rag_owner}' }]);
    expect(settings).toEqual([
      { of: 'rag_a', setconfig: ['role=rag_owner'] },
      { of: 'rag_b', setconfig: ['role=rag_owner'] },
    ]);
  });
});

describe('a server that is provisioned again', () => {
  it('changes nothing when it is provisioned again: no password, no slot that was closed', async () => {
    const held = await bed.install('v1', 0, undefined);
    await bed.sql('ALTER ROLE rag_b NOLOGIN');
    const before = await everything();

    await bed.provision();

    expect(await everything()).toEqual(before);
    expect(await bed.tries(held)).toBe('works');
  });

  it('gets back what was taken from it', async () => {
    const before = await everything();
    await bed.sql('ALTER ROLE rag_db_admin NOCREATEROLE');
    await bed.sql('REVOKE rag_a, pg_signal_backend FROM rag_db_admin');
    await bed.provision();
    expect(await everything()).toEqual(before);
  });

  it('keeps the bootstrap password out of its log', async () => {
    const log = await bed.log();
    expect(log).toContain('CREATE DATABASE "rag" OWNER "rag_owner"');
    expect(log).not.toContain((await readBootstrapSecret(bed.server.files)).reveal());
    for (const password of bed.passwords) expect(log).not.toContain(password);
  });
});
