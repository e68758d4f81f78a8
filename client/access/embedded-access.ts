import { readFileSync } from 'node:fs';
import { ACTING_FOR_HEADER } from '../../lambdas/contracts/access-wire.ts';
import { parseJson, fit, record, text } from '../../lambdas/contracts/check.ts';
import { foreignName, LockstepError } from '../../lambdas/core/errors.ts';
import type { AccessConnection } from './access-connection.ts';
import { askOver } from './ask-over.ts';
import type { TokenSource } from './token-source.ts';
import { workloadProof } from './workload-proof.ts';

/** What asking in the embedded world needs. */
export interface EmbeddedPlace {
  /** A workload, or `person:<name>`. */
  readonly subject: string;
  readonly environment: string;
  /** The file with its private key, made by the runtime. */
  readonly identity: string;
  /** The file that says where the runtime's endpoint is now. */
  readonly runtime: string;
  readonly actingFor?: TokenSource;
}

const runtimeRecord = record<{ readonly endpoint: string }>({ endpoint: text });

/** The broker of the embedded world, asked by a proof of possession. Both files are read anew for each ask. */
export const embeddedAccess = (place: EmbeddedPlace): AccessConnection =>
  askOver({
    broker: () => new URL(endpointOf(place.runtime)),
    prove: async ({ method, url, body }) => {
      const actingFor = (await place.actingFor?.())?.reveal();
      const proof = await workloadProof({
        subject: place.subject,
        environment: place.environment,
        identity: readText(place.identity, `the identity of ${place.subject}`),
        method,
        target: url.pathname + url.search,
        body,
        ...(actingFor === undefined ? {} : { actingFor }),
      });
      return {
        authorization: `Bearer ${proof}`,
        ...(actingFor === undefined ? {} : { [ACTING_FOR_HEADER]: actingFor }),
      };
    },
  });

const endpointOf = (path: string): string =>
  fit(
    runtimeRecord,
    parseJson(readText(path, 'the record of the runtime'), 'NOTHING_REACHABLE', `the record ${path}`),
    'NOTHING_REACHABLE',
    `the record ${path}`,
  ).endpoint;

function readText(path: string, what: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new LockstepError(
      'NOTHING_REACHABLE',
      `${what} could not be read from ${path} (${foreignName(error)}); start the runtime with npm start`,
    );
  }
}
