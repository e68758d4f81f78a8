import type { AccessConnection } from '../../../client/access/access-connection.ts';
import type { Secret } from '../../../lambdas/core/secret.ts';
import type { TokenParts } from '../../fakes/token-issuer.ts';
import { AUDIENCES, BUILD, PEOPLE, type PersonName } from './bed-identities.ts';
import type { DeployedStage } from './open-stage.ts';

/** How somebody comes: with a second factor, unless something else is said; the rest as in any token. */
export type Coming = TokenParts & { readonly mfa?: boolean };

/** A token of the identity provider, for a person. It is searched for with all values in the end. */
export function tokenOf(
  stage: DeployedStage,
  person: PersonName,
  { mfa = true, claims, ...parts }: Coming = {},
): Promise<Secret> {
  const amr = mfa ? ['pwd', 'mfa'] : ['pwd'];
  const said = { groups: PEOPLE[person], amr, ...claims };
  return kept(stage, stage.issuers.people.token({ subject: person, ...parts, claims: said }));
}

/** The broker, asked by a person: by a new token each time, as their client gets one. */
export const asPerson = (stage: DeployedStage, person: PersonName, coming?: Coming): AccessConnection =>
  stage.brokerBy(() => tokenOf(stage, person, coming));

/** The broker, asked by the agent that acts for people: it signs, and shows the token of whom it acts for. */
export const asNotebookFor = (
  stage: DeployedStage,
  person: PersonName,
  coming: Coming = {},
): AccessConnection =>
  stage.brokerOf('notebook', () =>
    tokenOf(stage, person, { audience: AUDIENCES['people-for-agents'], ...coming }),
  );

/** The broker, asked by a build of the CI system. */
export const asBuild = (stage: DeployedStage, parts: TokenParts = {}): AccessConnection =>
  stage.brokerBy(() => kept(stage, stage.issuers.builds.token({ subject: BUILD, ...parts })));

/** The broker, asked by this very token, however often it is asked. */
export const byToken = (stage: DeployedStage, token: Secret): AccessConnection =>
  stage.brokerBy(() => Promise.resolve(token));

/** What a person is called in leases, approvals and the audit. */
export const nameOf = ({ issuers }: DeployedStage, person: PersonName): string =>
  `${issuers.people.declared.issuer}|${person}`;

async function kept({ canaries }: DeployedStage, signing: Promise<Secret>): Promise<Secret> {
  const token = await signing;
  canaries.keepToken(token);
  return token;
}
