import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Client } from 'pg';
import { newLeaseId } from '../../leasers/a-leasable.ts';
import { DATABASE, OWNER } from '../postgres/bed.ts';
import { postgresLeaseBed, READER, type PostgresLeaseBed } from './lease-bed.ts';

let bed: PostgresLeaseBed;
let administrator: Client;
beforeAll(async () => {
  bed = await postgresLeaseBed();
  administrator = await bed.superuser(DATABASE);
  await administrator.query(`
    CREATE SCHEMA desk AUTHORIZATION ${OWNER}; GRANT CREATE, USAGE ON SCHEMA desk TO ${READER};
    CREATE SCHEMA vault AUTHORIZATION ${OWNER};
    SET ROLE ${OWNER};
    CREATE TABLE vault.sprung (trap text);
    CREATE TABLE desk.orders (n int PRIMARY KEY); GRANT TRIGGER ON desk.orders TO ${READER};
    RESET ROLE`);
}, 120_000);
afterAll(async () => {
  await administrator.end();
  await bed.stop();
});

/** What somebody else ran with the owner's rights: only those can write it down. */
const sprung = async (): Promise<readonly string[]> =>
  (await administrator.query<{ trap: string }>('SELECT DISTINCT trap FROM vault.sprung ORDER BY 1')).rows.map(
    ({ trap }) => trap,
  );

/** `desk.spring_<name>(int)`, which does harm with the rights of the owner role, and nothing with any others. */
const spring = (name: string): string => `
  CREATE FUNCTION desk.act_${name}() RETURNS int LANGUAGE plpgsql AS $$ BEGIN
    IF current_user = '${OWNER}' THEN EXECUTE 'INSERT INTO vault.sprung VALUES (''${name}'')'; END IF; RETURN 1; END $$;
  CREATE FUNCTION desk.spring_${name}(n int) RETURNS int LANGUAGE plpgsql IMMUTABLE
    AS $$ BEGIN PERFORM desk.act_${name}(); RETURN n; END $$;`;

const table = (name: string): string =>
  `CREATE TABLE desk.${name} (n int); INSERT INTO desk.${name} SELECT generate_series(1, 50);`;

interface Trap {
  readonly name: string;
  /** What the holder makes, besides the function. */
  readonly set: string;
  /** What somebody else does afterwards, or the server by itself. */
  readonly wake: string;
  /** A table of the lease's that is still there then, with this many rows. */
  readonly keeps?: number;
}

const AS_OWNER = `SET ROLE ${OWNER}`;
const TRAPS: readonly Trap[] = [
  {
    name: 'expression_index',
    set: `${table('expression_index')} CREATE INDEX ON desk.expression_index (desk.spring_expression_index(n))`,
    wake: 'ANALYZE desk.expression_index',
    keeps: 50,
  },
  {
    name: 'partial_index',
    set: `${table('partial_index')} CREATE INDEX ON desk.partial_index (n) WHERE desk.spring_partial_index(n) > 0`,
    wake: 'ANALYZE desk.partial_index',
    keeps: 50,
  },
  {
    name: 'exclusion',
    set: `${table('exclusion')} ALTER TABLE desk.exclusion ADD EXCLUDE USING btree (desk.spring_exclusion(n) WITH =)`,
    wake: 'ANALYZE desk.exclusion',
    keeps: 50,
  },
  {
    name: 'partitioned',
    set: `CREATE TABLE desk.partitioned (n int) PARTITION BY LIST (n);
          CREATE TABLE desk.partitioned_1 PARTITION OF desk.partitioned FOR VALUES IN (1);
          INSERT INTO desk.partitioned VALUES (1); CREATE INDEX ON desk.partitioned (desk.spring_partitioned(n))`,
    wake: 'ANALYZE desk.partitioned',
    keeps: 1,
  },
  {
    name: 'statistics',
    set: `${table('statistics')} CREATE STATISTICS desk.stats ON (desk.spring_statistics(n)) FROM desk.statistics`,
    wake: 'ANALYZE desk.statistics',
    keeps: 50,
  },
  {
    name: 'range_type',
    set: `CREATE FUNCTION desk.apart(a int, b int) RETURNS float8 LANGUAGE plpgsql IMMUTABLE
            AS $$ BEGIN PERFORM desk.spring_range_type(1); RETURN a - b; END $$;
          CREATE TYPE desk.span AS RANGE (SUBTYPE = int4, SUBTYPE_DIFF = desk.apart); ${table('range_type')}
          ALTER TABLE desk.range_type ADD span desk.span;
          UPDATE desk.range_type SET span = desk.span(n, n + 2)`,
    wake: 'ANALYZE desk.range_type',
    keeps: 50,
  },
  {
    name: 'materialized_view',
    set: `CREATE MATERIALIZED VIEW desk.materialized_view AS SELECT desk.spring_materialized_view(1);
          CREATE VIEW desk.of_it AS SELECT * FROM desk.materialized_view;
          CREATE MATERIALIZED VIEW desk.of_that AS SELECT * FROM desk.of_it`,
    wake: 'REFRESH MATERIALIZED VIEW desk.materialized_view',
  },
  {
    name: 'cascade',
    set: `${table('cascade')} ALTER TABLE desk.cascade ADD up int DEFAULT desk.spring_cascade(1);
          CREATE TABLE desk.above (n int PRIMARY KEY); INSERT INTO desk.above VALUES (1), (2);
          ALTER TABLE desk.cascade ADD FOREIGN KEY (up) REFERENCES desk.above ON DELETE SET DEFAULT;
          UPDATE desk.cascade SET up = 2`,
    wake: 'DELETE FROM desk.above WHERE n = 2',
    keeps: 50,
  },
  {
    name: 'trigger_of_others',
    set: `CREATE FUNCTION desk.on_order() RETURNS trigger LANGUAGE plpgsql
            AS $$ BEGIN PERFORM desk.spring_trigger_of_others(1); RETURN NEW; END $$;
          CREATE TRIGGER "my ""own""" BEFORE INSERT ON desk.orders FOR EACH ROW EXECUTE FUNCTION desk.on_order()`,
    wake: `${AS_OWNER}; INSERT INTO desk.orders VALUES (1)`,
  },
  {
    name: 'condition',
    set: `CREATE TRIGGER conditional BEFORE UPDATE ON desk.orders FOR EACH ROW
            WHEN (desk.spring_condition(NEW.n) > 0) EXECUTE FUNCTION suppress_redundant_updates_trigger()`,
    wake: `${AS_OWNER}; INSERT INTO desk.orders VALUES (2); UPDATE desk.orders SET n = 3 WHERE n = 2`,
  },
  {
    name: 'own_trigger',
    set: `${table('own_trigger')} CREATE FUNCTION desk.on_own() RETURNS trigger LANGUAGE plpgsql
            AS $$ BEGIN PERFORM desk.spring_own_trigger(1); RETURN NEW; END $$;
          CREATE TRIGGER own BEFORE INSERT ON desk.own_trigger FOR EACH ROW EXECUTE FUNCTION desk.on_own()`,
    wake: `${AS_OWNER}; INSERT INTO desk.own_trigger VALUES (51)`,
    keeps: 51,
  },
];

/** The reader's rights alone: what it leaves goes to a role that may do more. */
const asReader = () => bed.leasable({ grants: [{ role: READER, inherit: true, set: false }] });

/** A holder runs it, and its lease is ended. */
async function endsBehind(sql: string): Promise<void> {
  const leasable = asReader();
  const id = newLeaseId();
  const { value } = await bed.issue(id, { leasable });
  const holder = await bed.holder(value);
  try {
    await holder.query(sql);
  } finally {
    await holder.end();
  }
  await bed.leaser().end(bed.request(id, 2, { leasable }));
  expect((await bed.roles()).filter((role) => role.endsWith(id))).toEqual([`lockstep_x_${id}`]);
}

/** What is woken may be gone: then nothing wakes it. */
async function wake(sql: string): Promise<void> {
  await administrator.query(sql).catch((error: unknown) => {
    if (!(error instanceof Error && 'code' in error && error.code === '42P01')) throw error;
  });
  await administrator.query('RESET ROLE');
}

describe('a lease leaves nothing behind that runs with the rights of the owner role', () => {
  it.each(TRAPS)(
    'by itself, or when somebody works there: $name',
    async ({ name, set, wake: doing, keeps }) => {
      await endsBehind(`${spring(name)} ${set}`);
      await wake(doing);
      expect(await sprung()).not.toContain(name);
      if (keeps === undefined) return;
      const { rows } = await administrator.query(
        `SELECT count(*)::int AS n, (SELECT relowner::regrole::text FROM pg_class WHERE oid = 'desk.${name}'::regclass) AS owner
         FROM desk.${name}`,
      );
      expect(rows).toEqual([{ n: keeps, owner: OWNER }]);
    },
  );

  it('nor a trigger on its own tables, whoever’s function that runs', async () => {
    await endsBehind(`${table('watched')} CREATE TRIGGER watched BEFORE UPDATE ON desk.watched
      FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()`);
    const { rows } = await administrator.query(
      `SELECT relhastriggers AND EXISTS (SELECT FROM pg_trigger WHERE tgrelid = c.oid) AS "left"
         FROM pg_class c WHERE oid = 'desk.watched'::regclass`,
    );
    expect(rows).toEqual([{ left: false }]);
  });

  it('and the traps of this test do go off: handed on as they are, each of them is sprung', async () => {
    for (const { name, set, wake: doing } of TRAPS) {
      await administrator.query(`DROP SCHEMA desk CASCADE; CREATE SCHEMA desk AUTHORIZATION ${OWNER};
        GRANT CREATE, USAGE ON SCHEMA desk TO ${READER}; SET ROLE ${OWNER};
        CREATE TABLE desk.orders (n int PRIMARY KEY); GRANT TRIGGER ON desk.orders TO ${READER}; RESET ROLE`);
      await administrator.query(`SET ROLE ${READER}; ${spring(name)} ${set}; RESET ROLE`);
      await administrator.query(`REASSIGN OWNED BY ${READER} TO ${OWNER}`);
      await wake(doing);
      expect(await sprung()).toContain(name);
    }
  });
});
