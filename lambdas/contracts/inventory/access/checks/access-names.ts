import { secretName } from '../../../../core/credential.ts';
import { heartbeatSecret } from '../../../names.ts';
import { malformedNames } from '../../checks/names.ts';
import type { Check, Draft } from '../../draft.ts';
import { quoted } from '../../found.ts';
import { problemAt, type Problem } from '../../problem.ts';

/** Names of access become names of secrets, of roles and words of the audit, and must not collide there. */
export const checkAccessNames: Check = (draft) => [
  ...Object.entries(draft.access.names).flatMap(([section, names]) => malformedNames(section, names)),
  ...sharedSecrets(draft),
  ...leasesCalledLikeSecrets(draft),
  ...rolesCalledLikeWorkloads(draft),
];

/** The value of a lease authority is a secret of the vault, as that of a credential is. */
const sharedSecrets = ({ environment, names, access }: Draft): readonly Problem[] =>
  [...access.names.leaseAuthorities].flatMap((name) => {
    const isHeartbeat = secretName(environment, name) === heartbeatSecret(environment);
    if (!names.credentials.has(name) && !isHeartbeat) return [];
    const whose = isHeartbeat ? 'which Lockstep keeps for its heartbeat read' : 'which a credential has';
    return [
      problemAt(['leaseAuthorities', name], {
        found: `the name ${quoted(name)}, ${whose}`,
        allowed: 'a name of its own: each is the name of a secret',
        mend: 'rename the lease authority',
      }),
    ];
  });

/** `lockstep revoke` and the policies name both: one word for two things would end the wrong one. */
const leasesCalledLikeSecrets = ({ names, access }: Draft): readonly Problem[] =>
  [...access.names.leases].flatMap((name) => {
    const twin = names.credentials.has(name)
      ? 'a credential'
      : access.names.leaseAuthorities.has(name)
        ? 'a lease authority'
        : undefined;
    if (twin === undefined) return [];
    return [
      problemAt(['leases', name], {
        found: `the name ${quoted(name)}, which ${twin} has`,
        allowed: 'a name of its own',
        mend: 'name it after what it gives: vector-reader, model-session',
      }),
    ];
  });

/** In the embedded world both have an identity by name. */
const rolesCalledLikeWorkloads = ({ isLocal, names, access }: Draft): readonly Problem[] =>
  isLocal
    ? [...access.names.roles]
        .filter((name) => names.workloads.has(name))
        .map((name) =>
          problemAt(['roles', name], {
            found: `the name ${quoted(name)}, which a workload has`,
            allowed: 'a name that no workload has: in the embedded world each has one identity by its name',
            mend: 'rename the role',
          }),
        )
    : [];
