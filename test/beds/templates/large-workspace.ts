import {
  days,
  defineWorkspace,
  minutes,
  random,
  webhook,
} from '../../../lambdas/contracts/inventory/index.ts';

const ACCOUNT = '111111111111';
const role = (name: string) => ({ large: `arn:aws:iam::${ACCOUNT}:role/${name}` });

/** More credentials than a role has room for by name, so that what is written differently for many is looked at, too. */
const CREDENTIALS = 80;

/** A workspace with many credentials in one environment. */
export const largeWorkspace = () => {
  const names = Array.from({ length: CREDENTIALS }, (_, index) => `key-${index}`);
  return defineWorkspace({
    owners: { platform: { contact: '#platform' } },
    environments: { large: { account: ACCOUNT, region: 'eu-central-1', trail: 'create' } },
    workloads: Object.fromEntries(
      names.map((name) => [`reader-of-${name}`, { role: role(`reader-of-${name}`) }]),
    ),
    credentials: Object.fromEntries(
      names.map((name) => [
        name,
        random({
          owner: 'platform',
          rotateEvery: days(30),
          boundTo: [`reader-of-${name}`],
          dependents: [
            webhook(`reader-of-${name}`, {
              cacheTtl: minutes(5),
              signingKey: name,
              url: { large: `https://${name}.example.com/lockstep` },
            }),
          ],
        }),
      ]),
    ),
  });
};
