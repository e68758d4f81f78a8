import { runInNewContext } from 'node:vm';
import type { LeaserRequest } from '../../lambdas/core/ports/leaser.ts';
import { describe, expect, it } from 'vitest';
import * as builders from '../../lambdas/contracts/inventory/index.ts';
import type {
  LeaseAuthorityDeclaration,
  LeaseDeclaration,
} from '../../lambdas/contracts/inventory/access/access-declarations.ts';
import { leaserKind } from '../../lambdas/contracts/kinds.ts';
import { leaseFunction, roleArn } from '../../lambdas/contracts/names.ts';
import { aLeaseWorld, HOLDER } from '../leasers/openai/a-world.ts';
import { anAwsWorld, aRoleToLease } from '../leasers/aws-session/a-world.ts';
import { aFederatedWorld } from '../leasers/federated/a-world.ts';
import { aGithubWorld } from '../leasers/github-app/a-world.ts';
import { newLeaseId } from '../leasers/a-leasable.ts';
import { inMinutes } from '../leasers/in-minutes.ts';
import { codeBlocks, tableRows } from './code-blocks.ts';
import { MARK } from '../fakes/marks.ts';

const PAGE = 'docs/leases-of-services.md';
const KINDS = ['openai', 'aws-session', 'github-app', 'federated'] as const;

/** What the page shows of each inventory, as its builders make it. */
interface Shown {
  readonly leases: Readonly<Record<string, LeaseDeclaration>>;
  readonly leaseAuthorities?: Readonly<Record<string, LeaseAuthorityDeclaration>>;
}
const shown = codeBlocks(PAGE, 'ts').map(
  (code) => runInNewContext(`({${code}})`, { ...builders, administrators: [] }) as Shown,
);
const values = codeBlocks(PAGE, 'json').map((json) => JSON.parse(json) as Readonly<Record<string, unknown>>);

/** The fields of a declaration that are its kind's own. */
const ownOf = (declaration: object, fields: readonly string[]): object =>
  Object.fromEntries(Object.entries(declaration).filter(([name]) => fields.includes(name)));

const aRequest = (leasable = aRoleToLease()): LeaserRequest => ({
  environment: 'staging',
  mark: MARK,
  leasable,
  leaseId: newLeaseId(),
  fence: 1,
});

describe('docs/leases-of-services.md', () => {
  it('shows one of each kind, in its order', () => {
    expect(shown.flatMap(({ leases }) => Object.values(leases)).map(({ kind }) => kind)).toEqual([...KINDS]);
    expect(
      tableRows(PAGE)
        .slice(1, 5)
        .map(([kind]) => kind),
    ).toEqual(KINDS.map((kind) => `\`${kind}\``));
  });

  it.each(KINDS)('%s: what it declares is what the kind takes', (name) => {
    const kind = leaserKind(name);
    const example = shown.find(({ leases }) => Object.values(leases).some((each) => each.kind === name));
    for (const declared of Object.values(example?.leases ?? {}))
      expect(kind?.target.safeParse(ownOf(declared, Object.keys(kind.target.shape))).error).toBeUndefined();
    for (const declared of Object.values(example?.leaseAuthorities ?? {})) {
      const authority = kind?.authority?.target;
      expect(authority?.safeParse(ownOf(declared, Object.keys(authority.shape))).error).toBeUndefined();
    }
  });

  it('has a trust that lets the lease function in, as the session that it makes', async () => {
    const { leaser, clock, sts } = await anAwsWorld();
    const request = aRequest();
    const { key } = await leaser.issue(request, HOLDER, inMinutes(clock.now, 15));
    const [asked] = sts.asked;
    expect(values).toContainEqual({
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Principal: { AWS: roleArn('111111111111', 'staging', leaseFunction('aws-session')) },
          Action: ['sts:AssumeRole', 'sts:TagSession'],
          Condition: {
            StringEquals: {
              'sts:ExternalId': 'lockstep-staging',
              'aws:RequestTag/lockstep-environment': asked?.tags['lockstep-environment'],
            },
            StringLike: { 'sts:RoleSessionName': 'lockstep_l_*' },
          },
        },
      ],
    });
    expect(key).toContain(`/lockstep_l_${request.leaseId}`);
    await sts.close();
  });

  it('ends one lease, and no other, by a tag that each session has', async () => {
    const { leaser, clock, sts } = await anAwsWorld();
    const request = aRequest();
    await leaser.issue(request, HOLDER, inMinutes(clock.now, 15));
    const denied = JSON.stringify(values.find((value) => JSON.stringify(value).includes('"Deny"')));
    const [, tag = '', value] = /"aws:PrincipalTag\/([a-z-]+)":"([^"]+)"/.exec(denied) ?? [];
    expect(sts.asked[0]?.tags[tag]).toBe(request.leaseId);
    expect(value).toBe('<lease id>');
    await sts.close();
  });
});

describe('what the page says that a holder gets', () => {
  const isValueOf = (fields: readonly string[]) =>
    values.some((value) => Object.keys(value).sort().join() === [...fields].sort().join());
  const fieldsOf = ({ value }: { readonly value: { reveal(): string } }): readonly string[] =>
    Object.keys(JSON.parse(value.reveal()) as object);

  it('is what it gets of openai', async () => {
    const world = aLeaseWorld();
    expect(isValueOf(fieldsOf(await world.leaser.issue(world.lease(), HOLDER, world.times())))).toBe(true);
  });

  it('is what it gets of a role of AWS', async () => {
    const { leaser, clock, sts } = await anAwsWorld();
    const leasable = aRoleToLease({ region: 'eu-central-1' });
    const request = aRequest(leasable);
    expect(isValueOf(fieldsOf(await leaser.issue(request, HOLDER, inMinutes(clock.now, 15))))).toBe(true);
    await sts.close();
  });

  it('is what it gets of GitHub', async () => {
    const { leaser, clock, request } = aGithubWorld();
    const issued = await leaser.issue(request(), HOLDER, inMinutes(clock.now, 60));
    expect(isValueOf(fieldsOf(issued))).toBe(true);
  });

  it('is what it gets by an exchange', async () => {
    expect(isValueOf(fieldsOf(await aFederatedWorld().issue()))).toBe(true);
  });
});
