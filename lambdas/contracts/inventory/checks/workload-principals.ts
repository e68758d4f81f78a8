import { rolePath } from '../../names.ts';
import type { Check, Draft, DraftWorkload } from '../draft.ts';
import { quoted } from '../found.ts';
import { problemAt, type Problem } from '../problem.ts';

/** On AWS every workload that may read has a role of its own, in the environment's account, that is none of Lockstep's. */
export const checkWorkloadPrincipals: Check = (draft) =>
  draft.isLocal
    ? []
    : draft.workloads.flatMap((workload) => [
        ...withoutPrincipal(draft, workload),
        ...wrongAccount(draft, workload),
        ...sharedPrincipal(draft, workload),
        ...lockstepsOwn(draft, workload),
      ]);

function withoutPrincipal(
  draft: Draft,
  { name, principalAt, isDeclared }: DraftWorkload,
): readonly Problem[] {
  const bound = draft.credentials.filter(({ boundTo }) => boundTo?.includes(name));
  if (isDeclared || bound.length === 0) return [];
  const readers = bound.map((credential) => quoted(credential.name)).join(', ');
  return [
    problemAt(principalAt, {
      found: `no role for the environment ${draft.environment}, and the workload is bound to ${readers}`,
      allowed: "the ARN of the workload's IAM role in this environment",
      mend: 'add its role, or take it out of boundTo',
    }),
  ];
}

/** The parts of `arn:<partition>:iam::<account>:role/<path and name>`. */
function partsOf(principal: string | undefined) {
  const [, partition, , , account, resource] = principal?.split(':') ?? [];
  return { partition, account, resource };
}

function wrongAccount({ account }: Draft, { principal, principalAt }: DraftWorkload): readonly Problem[] {
  if (principal === undefined) return [];
  const role = partsOf(principal);
  if (role.partition !== 'aws')
    return [
      problemAt(principalAt, {
        found: `a role of the partition ${quoted(role.partition ?? '')}, which is not supported yet`,
        allowed: 'a role of the partition aws',
        mend: 'name a role of the partition aws',
      }),
    ];
  if (account === undefined || role.account === account) return [];
  return [
    problemAt(principalAt, {
      found: `a role of the account ${role.account}: workloads of another account are not supported yet`,
      allowed: `a role of the environment's account ${account}`,
      mend: `run the workload under a role of ${account}, or correct the account`,
    }),
  ];
}

/** An acknowledgement proves who by the role: two workloads with one role could acknowledge for each other. */
function sharedPrincipal(draft: Draft, workload: DraftWorkload): readonly Problem[] {
  const { principal, name, principalAt } = workload;
  const twin = draft.workloads.find(
    (other) => other.name !== name && principal !== undefined && other.principal === principal,
  );
  if (!twin || twin.name > name) return [];
  return [
    problemAt(principalAt, {
      found: `the same role as the workload ${quoted(twin.name)}`,
      allowed: 'a role of its own: an acknowledgement proves by the role which workload speaks',
      mend: 'give each workload its own role, or make them one workload',
    }),
  ];
}

function lockstepsOwn({ environment }: Draft, { principal, principalAt }: DraftWorkload): readonly Problem[] {
  const isOwn = partsOf(principal).resource?.startsWith(`role${rolePath(environment)}`);
  if (!isOwn) return [];
  return [
    problemAt(principalAt, {
      found: `a role under ${rolePath(environment)}, where Lockstep keeps its own roles`,
      allowed: 'a role of the workload',
      mend: 'name the role that the workload itself runs under',
    }),
  ];
}
