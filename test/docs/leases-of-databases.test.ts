import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import * as builders from '../../lambdas/contracts/inventory/index.ts';
import type {
  LeaseAuthorityDeclaration,
  LeaseDeclaration,
} from '../../lambdas/contracts/inventory/access/access-declarations.ts';
import { leaserKind } from '../../lambdas/contracts/kinds.ts';
import { ALARMS } from '../../lambdas/core/alarms.ts';
import { Secret } from '../../lambdas/core/secret.ts';
import { loadSupply } from '../../lambdas/leasers/load-supply.ts';
import { loginValueText as postgresValue } from '../../lambdas/postgres/login-value.ts';
import { userOf as mysqlUserOf } from '../../lambdas/leasers/mysql/lease-names.ts';
import { roleOf } from '../../lambdas/leasers/postgres/lease-names.ts';
import { userOf as redisUserOf } from '../../lambdas/leasers/redis/lease-names.ts';
import { loginValueText } from '../../lambdas/servers/login-value.ts';
import { leasableOf, leaseAuthorityOf } from '../leasers/a-leasable.ts';
import { codeBlocks, page, tableRows } from './code-blocks.ts';

const PAGE = 'docs/leases-of-databases.md';
const KINDS = ['postgres', 'mysql', 'redis'] as const;

/** What the page shows of an inventory, as its builders make it. */
interface Shown {
  readonly leases: Readonly<Record<string, LeaseDeclaration>>;
  readonly leaseAuthorities: Readonly<Record<string, LeaseAuthorityDeclaration>>;
}
const shown = codeBlocks(PAGE, 'ts').map(
  (code) => runInNewContext(`({${code}})`, { ...builders, administrators: [] }) as Shown,
);
const values = codeBlocks(PAGE, 'json').map((json) => JSON.parse(json) as Readonly<Record<string, unknown>>);

/** What the kind's schema makes of a declaration. */
function targetsIn(name: string) {
  const kind = leaserKind(name);
  const example = shown[KINDS.findIndex((each) => each === name)];
  const [leasable] = Object.values(example?.leases ?? {});
  const [authority] = Object.values(example?.leaseAuthorities ?? {});
  const own = (declaration: object | undefined, shape: object): object =>
    Object.fromEntries(Object.entries(declaration ?? {}).filter(([field]) => field in shape));
  return {
    kinds: [leasable?.kind, authority?.kind],
    leasable: kind?.target.parse(own(leasable, kind.target.shape)) ?? {},
    authority: kind?.authority?.target.parse(own(authority, kind.authority.target.shape)) ?? {},
  };
}

describe('docs/leases-of-databases.md', () => {
  it.each(KINDS)('%s: what it declares is what the kind takes', (name) => {
    expect(targetsIn(name).kinds).toEqual([name, name]);
  });

  it('says of each kind whether the server itself ends a lease', () => {
    const rows = tableRows(PAGE).slice(1, 4);
    expect(rows.map(([kind]) => kind)).toEqual(KINDS.map((kind) => `\`${kind}\``));
    expect(rows.map((row) => row[3]?.startsWith('yes'))).toEqual(
      KINDS.map((kind) => leaserKind(kind)?.capabilities.expiresAtTarget),
    );
  });

  it.each(KINDS)('%s: prints what lockstep supply prints to prepare a server', async (name) => {
    const supply = await loadSupply(name);
    if (supply.how !== 'made-here') throw new TypeError('the password is made here');
    const { leasable, authority } = targetsIn(name);
    const lines = supply.preparation(leaseAuthorityOf(name, authority), [leasableOf(name, leasable)]);
    const printed = [...codeBlocks(PAGE, 'sql'), ...codeBlocks(PAGE, 'text')];
    expect(printed.map((block) => block.trim())).toContain(lines.join('\n'));
  });

  it('shows what a holder gets', () => {
    const [leaseId, password] = ['0123456789abcdefghjkmnpqrs', new Secret('not-a-real-password')];
    const texts = [
      postgresValue({
        host: 'rag-db.example.com',
        port: 5432,
        dbname: 'rag',
        username: roleOf(leaseId),
        password,
      }),
      loginValueText('mysql', {
        host: 'orders-db.example.com',
        port: 3306,
        dbname: 'orders',
        username: mysqlUserOf(leaseId),
        password,
      }),
      loginValueText('redis', {
        host: 'cache.example.com',
        port: 6379,
        username: redisUserOf(leaseId),
        password,
      }),
    ];
    expect(values).toEqual(texts.map((text) => JSON.parse(text.reveal()) as object));
  });

  it('names an alarm that there is', () => {
    const named = /the alarm `([a-z-]+)`/.exec(page(PAGE))?.[1];
    expect(ALARMS.map(({ id }) => id)).toContain(named);
  });
});
