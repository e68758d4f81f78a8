import { Secret } from '../../core/secret.ts';
import type { Exchange } from './target.ts';

/** What a service is sent: where, and what. The holder's token is in the body and nowhere else. */
export interface ExchangeRequest {
  readonly url: string;
  /** The field of the inventory that the address comes from. */
  readonly field: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: { readonly contentType: string; readonly text: Secret };
}

const TOKEN_EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';
const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token';
const JWT = 'urn:ietf:params:oauth:token-type:jwt';

/** The narrowest scope that may ask for a token of a service account (IAM Service Account Credentials API). */
const IMPERSONATE = 'https://www.googleapis.com/auth/iam';

/** The Anthropic API sends a request to its federation by these. */
const ANTHROPIC_BETA = 'oauth-2025-04-20,oidc-federation-2026-04-01';

/** The request by which a service is asked, in its own form. Pure: what is asked for depends on the inventory and the token alone. */
export function exchangeRequest(exchange: Exchange, token: Secret): ExchangeRequest {
  switch (exchange.service) {
    case 'google':
      return json('https://sts.googleapis.com/v1/token', {
        grantType: TOKEN_EXCHANGE,
        audience: exchange.provider,
        scope: exchange.serviceAccount === undefined ? exchange.scopes.join(' ') : IMPERSONATE,
        requestedTokenType: ACCESS_TOKEN,
        subjectTokenType: JWT,
        subjectToken: token.reveal(),
      });
    case 'entra':
      return form(
        `https://login.microsoftonline.com/${encodeURIComponent(exchange.tenant)}/oauth2/v2.0/token`,
        {
          grant_type: 'client_credentials',
          client_id: exchange.client,
          scope: exchange.scope,
          client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
          client_assertion: token.reveal(),
        },
      );
    case 'anthropic':
      return {
        ...json('https://api.anthropic.com/v1/oauth/token', {
          grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
          federation_rule_id: exchange.rule,
          organization_id: exchange.organization,
          service_account_id: exchange.serviceAccount,
          workspace_id: exchange.workspace,
          assertion: token.reveal(),
        }),
        headers: { 'anthropic-beta': ANTHROPIC_BETA },
      };
    case 'openai':
      return json('https://auth.openai.com/oauth/token', {
        grant_type: TOKEN_EXCHANGE,
        subject_token_type: JWT,
        identity_provider_id: exchange.identityProvider,
        service_account_id: exchange.serviceAccount,
        subject_token: token.reveal(),
      });
    case 'rfc8693':
      return form(exchange.tokenUrl, {
        grant_type: TOKEN_EXCHANGE,
        requested_token_type: ACCESS_TOKEN,
        subject_token_type: exchange.tokenType,
        audience: exchange.targetAudience,
        resource: exchange.resource,
        scope: exchange.scopes?.join(' '),
        client_id: exchange.client,
        subject_token: token.reveal(),
      });
  }
}

type Fields = Readonly<Record<string, string | undefined>>;

const json = (url: string, fields: Fields): ExchangeRequest => ({
  url,
  field: 'exchange',
  body: { contentType: 'application/json', text: new Secret(JSON.stringify(fields)) },
});

/** Escaped field by field: nothing that a token or a name holds begins another. */
const form = (url: string, fields: Fields): ExchangeRequest => ({
  url,
  field: 'exchange.tokenUrl',
  body: {
    contentType: 'application/x-www-form-urlencoded',
    text: new Secret(
      new URLSearchParams(
        Object.entries(fields).filter((entry): entry is [string, string] => entry[1] !== undefined),
      ).toString(),
    ),
  },
});
