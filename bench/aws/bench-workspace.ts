import {
  days,
  defineWorkspace,
  hours,
  openai,
  openaiAuthority,
  postgres,
  postgresAuthority,
  random,
  seconds,
  webhook,
  type DependentDeclaration,
  type Workspace,
} from '../../lambdas/contracts/inventory/index.ts';
import { CROWD, type CrowdName } from '../../test/beds/deployed/bed-principals.ts';
import { ADMINISTRATOR, BED_ENVIRONMENT, type BedPlaces } from '../../test/beds/deployed/bed-workspace.ts';
import { BED_ACCOUNT, BED_REGION } from '../../test/beds/launch/ministack.ts';

/** How many dependents the credentials have that are alike in everything else. */
export const FANS = [1, 2, 4, 8] as const;
export const fanName = (dependents: number): string => `fan-${dependents}`;
const hookName = (dependent: CrowdName): string => `${dependent}-hook`;

const owner = 'platform';
const role = (name: string) => ({ [BED_ENVIRONMENT]: `arn:aws:iam::${BED_ACCOUNT}:role/${name}` });
const adopters = { [BED_ENVIRONMENT]: [ADMINISTRATOR] };
const retire = { afterAdoption: seconds(5), soak: seconds(5), deadline: hours(1) } as const;

type Tell = (dependent: CrowdName) => DependentDeclaration;

/** A database credential for times, and keys with one to eight dependents for what grows with them. */
export const benchWorkspace = (places: BedPlaces): Workspace => {
  const told: Tell = (dependent) => {
    const url = `${places.hook('crowd')}/${dependent}`;
    return webhook(dependent, {
      cacheTtl: seconds(5),
      signingKey: hookName(dependent),
      url: { [BED_ENVIRONMENT]: url },
      allowHosts: { [BED_ENVIRONMENT]: [new URL(url).hostname] },
    });
  };
  return defineWorkspace({
    owners: { [owner]: { contact: '#platform' } },
    environments: { [BED_ENVIRONMENT]: { account: BED_ACCOUNT, region: BED_REGION, trail: 'create' } },
    workloads: Object.fromEntries(CROWD.map((name) => [name, { role: role(name) }])),
    credentials: { ...database(places, told), ...keys(places, told), ...hooks(told) },
  });
};

const database = (places: BedPlaces, told: Tell) => ({
  'rag-db-admin': postgresAuthority({
    owner,
    adopters,
    rotateEvery: days(30),
    role: 'rag_db_admin',
    endpoint: { [BED_ENVIRONMENT]: places.database },
  }),
  'vector-store': postgres({
    owner,
    authority: 'rag-db-admin',
    database: 'rag',
    ownerRole: 'rag_owner',
    slots: ['rag_a', 'rag_b'],
    rotateEvery: days(7),
    boundTo: [CROWD[0]],
    dependents: [told(CROWD[0])],
    retire,
  }),
});

const keys = (places: BedPlaces, told: Tell) => ({
  'openai-admin': openaiAuthority({
    owner,
    adopters,
    rotateEvery: days(30),
    retire,
    apiUrl: { [BED_ENVIRONMENT]: places.openai.apiUrl },
  }),
  ...Object.fromEntries(
    FANS.map((count) => [
      fanName(count),
      openai({
        owner,
        authority: 'openai-admin',
        rotateEvery: days(7),
        retire,
        project: { [BED_ENVIRONMENT]: places.openai.project },
        boundTo: CROWD.slice(0, count),
        dependents: CROWD.slice(0, count).map(told),
      }),
    ]),
  ),
});

const hooks = (told: Tell) =>
  Object.fromEntries(
    CROWD.map((name) => [
      hookName(name),
      random({ owner, rotateEvery: days(30), boundTo: [name], dependents: [told(name)], retire }),
    ]),
  );
