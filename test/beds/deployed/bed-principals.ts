import { roleArn, type FunctionName } from '../../../lambdas/contracts/names.ts';
import { BED_ACCOUNT } from '../launch/ministack.ts';
import { ADMINISTRATOR, BED_ENVIRONMENT } from './bed-workspace.ts';

/** Somebody with keys of his own, as IAM and STS would give them. */
export interface BedPrincipal {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** The role behind the session. */
  readonly role: string;
  /** What a function URL is told. */
  readonly userArn: string;
}

const principal = (name: string, role = `arn:aws:iam::${BED_ACCOUNT}:role/${name}`): BedPrincipal => ({
  accessKeyId: `BED${name.toUpperCase().replaceAll('-', '')}`,
  secretAccessKey: `a fake secret access key of ${name}`,
  role,
  userArn: `arn:aws:sts::${BED_ACCOUNT}:assumed-role/${role.split('/').at(-1)}/bed`,
});

/** Dependents of whom there may be many. */
export const CROWD = [
  'dependent-1',
  'dependent-2',
  'dependent-3',
  'dependent-4',
  'dependent-5',
  'dependent-6',
  'dependent-7',
  'dependent-8',
] as const;
export type CrowdName = (typeof CROWD)[number];

const NAMED = {
  'rag-api': principal('rag-api'),
  embedder: principal('embedder'),
  'research-agent': principal('research-agent'),
  summariser: principal('summariser'),
  'live-test': principal('live-test'),
  notebook: principal('notebook'),
  'platform-admin': principal('platform-admin', ADMINISTRATOR),
} as const;

export type PrincipalName = keyof typeof NAMED | CrowdName;

/** Everybody who calls from outside. */
export const PRINCIPALS: Readonly<Record<PrincipalName, BedPrincipal>> = {
  ...NAMED,
  ...(Object.fromEntries(CROWD.map((name) => [name, principal(name)])) as Record<CrowdName, BedPrincipal>),
};

/** The principal that an access key belongs to. */
export const byAccessKey = (accessKeyId: string | undefined): BedPrincipal | undefined =>
  Object.values(PRINCIPALS).find((each) => each.accessKeyId === accessKeyId);

/** The role that a function of ours acts as. */
export const functionRole = (name: string): string =>
  roleArn(BED_ACCOUNT, BED_ENVIRONMENT, name as FunctionName);
