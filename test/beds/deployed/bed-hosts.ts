import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BED_REGION } from '../launch/ministack.ts';
import { ISSUERS, type IssuerName } from './bed-identities.ts';
import { openIssuer } from './bed-issuers.ts';
import { DATABASE_HOST, OPENAI_HOST, OPENAI_PROJECT, openTargets, type BedTargets } from './bed-targets.ts';
import type { Preparation } from './prepare-assembly.ts';
import type { BedPlaces } from './bed-workspace.ts';
import { openTlsFront } from './tls-front.ts';
import type { TokenIssuer } from '../../fakes/token-issuer.ts';

/** The hosts of the bed: names that mean something only here, each behind a certificate that the functions trust. */
export interface BedHosts {
  readonly targets: BedTargets;
  /** Whoever signs tokens. */
  readonly issuers: Readonly<Record<IssuerName, TokenIssuer>>;
  /** What the workspace is synthesized with. */
  readonly places: BedPlaces;
  /** What functions need in order to find and trust these places. */
  readonly preparation: Omit<Preparation, 'leaveOut'>;
  /** Whose HTTP server answers for a receiver from now on. */
  readonly serve: (dependent: string, port: number) => void;
  /** Nobody reaches a host by TLS any more, or everybody again. */
  readonly cutOff: (host: string, isCutOff: boolean) => void;
  close(): Promise<void>;
}

const RECEIVERS = ['rag-api', 'summariser', 'crowd'] as const;
const hostOf = (name: string): string => `${name}.beds.example`;

/** Opens targets and the front before them. Queues too have a name of AWS's, since their URLs are in the templates. */
export async function openHosts(folder: string, proxyUrl: string, bedUrl: string): Promise<BedHosts> {
  const targets = await openTargets();
  const queues = `sqs.${BED_REGION}.amazonaws.com`;
  const behind = new Map<string, number>([
    [OPENAI_HOST, targets.openai.port],
    [queues, portOf(proxyUrl)],
  ]);
  const unreachable = new Set<string>();
  const front = await openTlsFront(
    [OPENAI_HOST, queues, ...[...RECEIVERS, ...ISSUERS].map(hostOf)],
    (host) => (unreachable.has(host) ? undefined : behind.get(host)),
  );
  const trust = join(folder, 'trust.pem');
  writeFileSync(trust, front.trust);
  const issuer = (name: IssuerName): string => `https://${hostOf(name)}:${front.port}`;
  const [people, builds] = [
    await openIssuer('people', issuer('people')),
    await openIssuer('builds', issuer('builds')),
  ];
  for (const { host, port } of [people, builds]) behind.set(host, port);
  return {
    targets,
    issuers: { people: people.issuer, builds: builds.issuer },
    places: {
      database: { host: DATABASE_HOST, port: targets.database.port, ca: targets.database.ca },
      openai: {
        apiUrl: `https://${OPENAI_HOST}:${front.port}/v1`,
        project: OPENAI_PROJECT,
        host: OPENAI_HOST,
        port: front.port,
        ca: front.certificateOf(OPENAI_HOST),
      },
      hook: (name) => `https://${hostOf(name)}:${front.port}/lockstep`,
      issuer,
    },
    preparation: {
      variables: {
        AWS_ENDPOINT_URL: proxyUrl,
        NODE_EXTRA_CA_CERTS: trust,
        LOCKSTEP_BED_PORTS: JSON.stringify({
          [`*:${portOf(bedUrl)}`]: portOf(proxyUrl),
          [`${queues}:443`]: front.port,
        }),
      },
      nodeOptions: `--require ${join(import.meta.dirname, 'bed-names.cjs')}`,
      maxReceiveCount: 5,
    },
    serve: (dependent, port) => void behind.set(hostOf(dependent), port),
    cutOff: (host, isCutOff) => void (isCutOff ? unreachable.add(host) : unreachable.delete(host)),
    close: async () => {
      await front.close();
      await Promise.all([people.close(), builds.close()]);
      await targets.close();
    },
  };
}

const portOf = (url: string): number => Number(new URL(url).port);
