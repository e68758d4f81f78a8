import type { Check, DraftDependent } from '../draft.ts';
import { describeFound } from '../found.ts';
import { reachOf } from '../network-names.ts';
import { problemAt } from '../problem.ts';

/** Nobody may open the way to loopback or to the metadata address on AWS: credentials are served there. */
export const checkAllowedHosts: Check = ({ isLocal, credentials }) =>
  isLocal ? [] : credentials.flatMap(({ dependents }) => dependents.flatMap(refused));

function refused({ at, settings, settingsPaths }: DraftDependent) {
  const hosts = Array.isArray(settings['allowHosts']) ? (settings['allowHosts'] as readonly string[]) : [];
  return hosts.flatMap((host, position) => {
    const reach = reachOf(host);
    if (reach !== 'loopback' && reach !== 'link-local') return [];
    return [
      problemAt([...(settingsPaths['allowHosts'] ?? at), position], {
        found: `the ${reach} host ${describeFound(host)}`,
        allowed: 'hosts with a public or a private address: never loopback, link-local or metadata addresses',
        mend: 'remove it',
      }),
    ];
  });
}
