import { escapeLiteral } from 'pg';

/**
 * Statements that make harmless what a lease owns, before it belongs to somebody else. What the server runs with the rights
 * of an owner (an index while it analyses, a materialized view while it refreshes, a foreign key while it cascades) would
 * run with those of the owner role from then on, by itself and for ever: a lease would leave a way behind to more than it
 * ever had. And what a trigger runs, runs with the rights of everybody who writes.
 *
 * Nothing of it is looked into: what could carry code is dropped, whatever it carries. Tables, their rows, plain indexes,
 * keys, checks, sequences and schemas stay; so do functions that no trigger runs, and views, which work with the rights of
 * whoever uses them from then on. Dropping runs no code of the lease's, and rewriting would.
 *
 * One statement, for the transaction that hands things on; it needs the rights of the lease. `lease` in it is the role.
 */
export const disarm = (role: string): string =>
  `DO $disarm$ DECLARE change text; lease oid := (SELECT oid FROM pg_catalog.pg_roles WHERE rolname = ${escapeLiteral(role)});
   BEGIN ${STEPS.map(each).join(' ')} END $disarm$`;

/** What is to be run is known before any of it is: one drop may take along what another one names. */
const each = (step: string): string =>
  `FOREACH change IN ARRAY ARRAY(${step})::text[] LOOP EXECUTE change; END LOOP;`;

/** A query cannot be taken out of one. `CASCADE`, or somebody who looks at it would keep it there for ever. */
const MATERIALIZED_VIEWS = `
  SELECT pg_catalog.format('DROP MATERIALIZED VIEW IF EXISTS %I.%I CASCADE', n.nspname, c.relname)
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
   WHERE c.relowner = lease AND c.relkind = 'm'`;

/** The function that tells how far apart two values are is run by whoever analyses a column of the type. */
const RANGE_TYPES = `
  SELECT pg_catalog.format('DROP TYPE IF EXISTS %I.%I CASCADE', n.nspname, t.typname)
    FROM pg_catalog.pg_range g JOIN pg_catalog.pg_type t ON t.oid = g.rngtypid
         JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
   WHERE t.typowner = lease AND g.rngsubdiff <> 0::pg_catalog.oid`;

/**
 * A trigger belongs to nobody: what a lease put on tables of others is known by its function, or by one in its condition.
 * Functions for triggers go whether one runs them or not: the next lease could have one run.
 */
const FUNCTIONS_OF_TRIGGERS = `
  SELECT pg_catalog.format('DROP ROUTINE IF EXISTS %s CASCADE', p.oid::pg_catalog.regprocedure)
    FROM pg_catalog.pg_proc p
   WHERE p.proowner = lease
     AND (p.prorettype = 'pg_catalog.trigger'::pg_catalog.regtype
          OR EXISTS (SELECT FROM pg_catalog.pg_depend d
                      WHERE d.classid = 'pg_catalog.pg_trigger'::pg_catalog.regclass
                        AND d.refclassid = 'pg_catalog.pg_proc'::pg_catalog.regclass AND d.refobjid = p.oid))`;

const TRIGGERS = `
  SELECT pg_catalog.format('DROP TRIGGER %I ON %s', t.tgname, t.tgrelid::pg_catalog.regclass)
    FROM pg_catalog.pg_trigger t JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid
   WHERE c.relowner = lease AND NOT t.tgisinternal AND t.tgparentid = 0`;

const RULES = `
  SELECT pg_catalog.format('DROP RULE %I ON %s', w.rulename, w.ev_class::pg_catalog.regclass)
    FROM pg_catalog.pg_rewrite w JOIN pg_catalog.pg_class c ON c.oid = w.ev_class
   WHERE c.relowner = lease AND w.rulename <> '_RETURN'`;

/** What they look up and change, with defaults and casts, is done as the owner of the table. */
const FOREIGN_KEYS = `
  SELECT pg_catalog.format('ALTER TABLE %s DROP CONSTRAINT %I', k.conrelid::pg_catalog.regclass, k.conname)
    FROM pg_catalog.pg_constraint k JOIN pg_catalog.pg_class c ON c.oid = k.conrelid
   WHERE c.relowner = lease AND k.contype = 'f' AND k.conparentid = 0`;

/** Those with an expression or a predicate. What belongs to an index of a partitioned table goes with that one. */
const INDEXES = `
  SELECT CASE WHEN k.oid IS NULL THEN pg_catalog.format('DROP INDEX %s', i.indexrelid::pg_catalog.regclass)
              ELSE pg_catalog.format('ALTER TABLE %s DROP CONSTRAINT %I', i.indrelid::pg_catalog.regclass, k.conname) END
    FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indrelid
         JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid AND NOT x.relispartition
         LEFT JOIN pg_catalog.pg_constraint k ON k.conindid = i.indexrelid AND k.conrelid = i.indrelid
   WHERE c.relowner = lease AND (i.indexprs IS NOT NULL OR i.indpred IS NOT NULL)`;

const STATISTICS = `
  SELECT pg_catalog.format('DROP STATISTICS %I.%I', n.nspname, s.stxname)
    FROM pg_catalog.pg_statistic_ext s JOIN pg_catalog.pg_class c ON c.oid = s.stxrelid
         JOIN pg_catalog.pg_namespace n ON n.oid = s.stxnamespace
   WHERE c.relowner = lease AND s.stxexprs IS NOT NULL`;

const VIEWS = `
  SELECT pg_catalog.format('ALTER VIEW %s SET (security_invoker = true)', c.oid::pg_catalog.regclass)
    FROM pg_catalog.pg_class c WHERE c.relowner = lease AND c.relkind = 'v'`;

const FUNCTIONS = `
  SELECT pg_catalog.format('ALTER ROUTINE %s SECURITY INVOKER', p.oid::pg_catalog.regprocedure)
    FROM pg_catalog.pg_proc p WHERE p.proowner = lease AND p.prosecdef`;

/** Those that take others along come first: what is named later is there. */
const STEPS = [
  MATERIALIZED_VIEWS,
  RANGE_TYPES,
  FUNCTIONS_OF_TRIGGERS,
  TRIGGERS,
  RULES,
  FOREIGN_KEYS,
  INDEXES,
  STATISTICS,
  VIEWS,
  FUNCTIONS,
];
