import { exactly, fit, listOf, oneOf, optional, record, text, type Check } from '../../contracts/check.ts';
import type { Leasable } from '../../core/access/access-inventory.ts';

/** What is asked of a service, by the words of the inventory. As `kind.ts` has checked it. */
export type Exchange = GoogleExchange | EntraExchange | AnthropicExchange | OpenaiExchange | Rfc8693Exchange;

/** Workload Identity Federation of Google Cloud. */
export interface GoogleExchange {
  readonly service: 'google';
  readonly provider: string;
  readonly scopes: readonly string[];
  readonly serviceAccount?: string;
}

/** A federated identity credential of an application in Microsoft Entra. */
export interface EntraExchange {
  readonly service: 'entra';
  readonly tenant: string;
  readonly client: string;
  readonly scope: string;
}

/** A federation rule of an organization at Anthropic. */
export interface AnthropicExchange {
  readonly service: 'anthropic';
  readonly rule: string;
  readonly organization: string;
  readonly serviceAccount: string;
  readonly workspace?: string;
}

/** A workload identity provider of an organization at OpenAI. */
export interface OpenaiExchange {
  readonly service: 'openai';
  readonly identityProvider: string;
  readonly serviceAccount: string;
}

/** A server that exchanges tokens as RFC 8693 has it, for whoever shows one: it asks for no secret of a client. */
export interface Rfc8693Exchange {
  readonly service: 'rfc8693';
  readonly tokenUrl: string;
  readonly tokenType: string;
  readonly targetAudience?: string;
  readonly resource?: string;
  readonly scopes?: readonly string[];
  readonly client?: string;
}

/** What is leased: whose tokens are taken, and what they are exchanged for. */
export interface TokenToExchange {
  readonly issuer: string;
  readonly audience: string;
  readonly exchange: Exchange;
}

const EXCHANGES: { readonly [E in Exchange as E['service']]: Check<E> } = {
  google: record<GoogleExchange>({
    service: exactly('google'),
    provider: text,
    scopes: listOf(text),
    serviceAccount: optional(text),
  }),
  entra: record<EntraExchange>({ service: exactly('entra'), tenant: text, client: text, scope: text }),
  anthropic: record<AnthropicExchange>({
    service: exactly('anthropic'),
    rule: text,
    organization: text,
    serviceAccount: text,
    workspace: optional(text),
  }),
  openai: record<OpenaiExchange>({
    service: exactly('openai'),
    identityProvider: text,
    serviceAccount: text,
  }),
  rfc8693: record<Rfc8693Exchange>({
    service: exactly('rfc8693'),
    tokenUrl: text,
    tokenType: text,
    targetAudience: optional(text),
    resource: optional(text),
    scopes: optional(listOf(text)),
    client: optional(text),
  }),
};

const exchange: Check<Exchange> = (value, path) => {
  const { service } = record<{ readonly service: Exchange['service'] }>({
    service: oneOf('google', 'entra', 'anthropic', 'openai', 'rfc8693'),
  })(value, path);
  return EXCHANGES[service](value, path);
};

/** The target of a leasable of this kind. */
export const tokenToExchange = ({ name, target }: Leasable): TokenToExchange =>
  fit(
    record<TokenToExchange>({ issuer: text, audience: text, exchange }),
    target,
    'INVENTORY_INVALID',
    `the target of ${name}`,
  );
