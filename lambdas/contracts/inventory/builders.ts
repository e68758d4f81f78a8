import type {
  CredentialDeclaration,
  DependentDeclaration,
  OpenaiAuthorityOptions,
  OpenaiOptions,
  PollerOptions,
  PostgresAuthorityOptions,
  PostgresOptions,
  RandomOptions,
  WebhookOptions,
  Workspace,
} from './declarations.ts';

/**
 * Declares a workspace: what `lockstep.config.ts` exports by default. It checks nothing yet, so that a
 * tool can show all problems at once: see `resolveInventory`.
 */
export const defineWorkspace = (workspace: Workspace): Workspace => workspace;

/** A database login with two slots, so that the old and the new one work side by side. */
export const postgres = (options: PostgresOptions): CredentialDeclaration => ({
  kind: 'postgres',
  ...options,
});

/** The database login that may change the slots of `postgres` credentials. */
export const postgresAuthority = (options: PostgresAuthorityOptions): CredentialDeclaration => ({
  kind: 'postgres-authority',
  ...options,
});

/** A key of one project at OpenAI: the new one is minted beside the old one. */
export const openai = (options: OpenaiOptions): CredentialDeclaration => ({ kind: 'openai', ...options });

/** The admin key that mints the keys of `openai` credentials, and its own successor. */
export const openaiAuthority = (options: OpenaiAuthorityOptions): CredentialDeclaration => ({
  kind: 'openai-authority',
  ...options,
});

/** A signing secret that sender and receiver share: both old and new are good while it rotates. */
export const random = (options: RandomOptions): CredentialDeclaration => ({ kind: 'random', ...options });

/** A dependent that is told by a signed HTTP request and then acknowledges by itself. */
export const webhook = (name: string, options: WebhookOptions): DependentDeclaration => ({
  kind: 'webhook',
  name,
  ...options,
});

/** A dependent that nobody tells: it reads again every cacheTtl, and asks what is expected of it. */
export const poller = (name: string, options: PollerOptions): DependentDeclaration => ({
  kind: 'poller',
  name,
  ...options,
});
