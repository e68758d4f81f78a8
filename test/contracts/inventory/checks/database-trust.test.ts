import { expect, it } from 'vitest';
import { problemsWith } from '../a-workspace.ts';

const at = (host: string, ca?: string) => ({
  'credentials.db-admin.endpoint.staging': { host, ...(ca === undefined ? {} : { ca }) },
});
const CA = '-----BEGIN CERTIFICATE-----\nTWFkZSB1cA==\n-----END CERTIFICATE-----\n';

it.each(['rag.abc123.eu-central-1.rds.amazonaws.com', 'RAG.cluster-abc123.eu-central-1.RDS.amazonaws.com'])(
  'refuses %s without the bundle that no system trusts by itself',
  (host) => {
    expect(problemsWith(at(host))).toEqual([
      {
        path: 'credentials.db-admin.endpoint.staging.ca',
        found: 'nothing, for a host of RDS',
        allowed: "the PEM bundle of the region's RDS certificate authority, which no system trusts by itself",
        mend: "read the region's bundle from truststore.pki.rds.amazonaws.com into ca",
      },
    ]);
  },
);

it('takes it with a bundle, and a proxy or another host without', () => {
  expect(problemsWith(at('rag.abc123.eu-central-1.rds.amazonaws.com', CA + CA))).toEqual([]);
  expect(problemsWith(at('rag.proxy-abc123.eu-central-1.rds.amazonaws.com'))).toEqual([]);
  expect(problemsWith(at('db.staging.example.com'))).toEqual([]);
});
