import { rolePath } from '../../../names.ts';
import type { Check, Draft } from '../../draft.ts';
import { quoted } from '../../found.ts';
import { problemAt, type Problem } from '../../problem.ts';
import type { DraftRole } from '../draft-access.ts';
import { unknownName } from './unknown-name.ts';

/** People are known by groups of a declared issuer, or by roles of IAM that are nobody else's. */
export const checkRoles: Check = (draft) =>
  draft.access.roles.flatMap((role) => [
    ...groups(draft, role),
    ...nobody(draft, role),
    ...foreignPrincipals(draft, role),
  ]);

const groups = ({ access }: Draft, { at, groups: found = [] }: DraftRole): readonly Problem[] =>
  found.flatMap(({ issuer }, position) =>
    unknownName([...at, 'groups', position, 'issuer'], issuer, {
      what: 'issuer',
      section: 'issuers',
      names: access.names.issuers,
    }),
  );

function nobody({ environment, isLocal }: Draft, role: DraftRole): readonly Problem[] {
  const { at, groups: found, principals } = role;
  if (isLocal || found === undefined || principals === undefined) return [];
  if (found.length > 0 || principals.length > 0) return [];
  return [
    problemAt(at, {
      found: `nobody who has this role in ${environment}`,
      allowed: 'at least one group or one principal',
      mend: 'say who has it, or remove the role',
    }),
  ];
}

function foreignPrincipals(draft: Draft, { at, principals = [] }: DraftRole): readonly Problem[] {
  if (draft.isLocal) return [];
  return principals.flatMap((arn, position) => {
    const wrong = wrongWith(draft, arn);
    if (!wrong) return [];
    return [problemAt([...at, 'principals', position], wrong)];
  });
}

function wrongWith(
  { environment, account, workloads }: Draft,
  arn: string,
): Omit<Problem, 'path'> | undefined {
  const [, , , , owner, resource] = arn.split(':');
  if (account !== undefined && owner !== account)
    return {
      found: `a role of the account ${owner}: people of another account are not supported yet`,
      allowed: `roles of the environment's account ${account}`,
      mend: `name a role of ${account} that they can assume`,
    };
  if (resource?.startsWith(`role${rolePath(environment)}`))
    return {
      found: `a role under ${rolePath(environment)}, where Lockstep keeps its own roles`,
      allowed: 'a role that people assume',
      mend: 'name the role that these people themselves act as',
    };
  const workload = workloads.find(({ principal }) => principal === arn);
  if (!workload) return undefined;
  return {
    found: `the role of the workload ${quoted(workload.name)}`,
    allowed: 'a role that only people assume: who has it would be both',
    mend: 'give these people a role of their own',
  };
}
