import type { Check } from '../draft.ts';
import { problemAt } from '../problem.ts';

/**
 * RDS and Aurora sign their servers' certificates with a CA of their own that no system trusts, so
 * verify-full against the system's roots would refuse every login. RDS Proxy has public certificates.
 */
export const checkDatabaseTrust: Check = ({ credentials, access }) =>
  [...credentials, ...access.leaseAuthorities].flatMap(({ target: { endpoint }, targetPaths }) => {
    const path = targetPaths['endpoint'];
    if (!path || !isEndpoint(endpoint)) return [];
    const host = endpoint.host.toLowerCase();
    const needsBundle = host.endsWith('.rds.amazonaws.com') && !/\.(?:cluster-)?proxy-/.test(host);
    if (!needsBundle || endpoint.ca !== undefined) return [];
    return [
      problemAt([...path, 'ca'], {
        found: 'nothing, for a host of RDS',
        allowed: "the PEM bundle of the region's RDS certificate authority, which no system trusts by itself",
        mend: "read the region's bundle from truststore.pki.rds.amazonaws.com into ca",
      }),
    ];
  });

const isEndpoint = (value: unknown): value is { readonly host: string; readonly ca?: string } =>
  typeof value === 'object' && value !== null && 'host' in value && typeof value.host === 'string';
