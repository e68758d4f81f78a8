/** A request as it came to a service. */
export interface ServiceRequest {
  readonly url: URL;
  readonly headers: Headers;
  readonly body: string;
}

/** What a request asks for, once its form was right. */
export interface ExchangeAsk {
  readonly token: string;
  readonly scope?: string;
  /** Whether everything that it names is what the service knows. */
  readonly isKnown: boolean;
}

/** What a service knows: everything else that is asked for is refused. */
export const KNOWN = {
  provider:
    '//iam.googleapis.com/projects/123456789/locations/global/workloadIdentityPools/agents/providers/cluster',
  googleAccount: 'reader@acme.iam.gserviceaccount.com',
  tenant: '11111111-2222-4333-8444-555555555555',
  client: '66666666-7777-4888-9999-aaaaaaaaaaaa',
  rule: 'fdrl_double',
  organization: 'bbbbbbbb-cccc-4ddd-8eee-ffffffffffff',
  serviceAccount: 'svac_double',
  workspace: 'wrkspc_double',
  identityProvider: 'idp_double',
  openaiAccount: 'sa_double',
  tokenUrl: 'https://sts.acme.test/token',
  resource: 'https://vectors.acme.test',
} as const;

const EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';
const ACCESS = 'urn:ietf:params:oauth:token-type:access_token';
const JWT = 'urn:ietf:params:oauth:token-type:jwt';

/** An offence: a field that the service's documentation does not have, one that is missing, or one with a wrong value. */
const offence = (what: string): Error => new Error(`an exchange ${what}`);

type Fields = Readonly<Record<string, unknown>>;

/** A field that has been found to be a text. */
const textIn = (fields: Fields, name: string): string => {
  const value = fields[name];
  return typeof value === 'string' ? value : '';
};

/** Takes exactly these fields: `required` with a text each, `optional` with one or none. */
function only(fields: Fields, required: readonly string[], optional: readonly string[] = []): Fields {
  for (const [name, value] of Object.entries(fields)) {
    if (!required.includes(name) && !optional.includes(name)) throw offence(`has the field ${name}`);
    if (typeof value !== 'string' || value === '') throw offence(`has no text in ${name}`);
  }
  for (const name of required) if (!(name in fields)) throw offence(`has no ${name}`);
  return fields;
}

function is(fields: Fields, wanted: Fields): void {
  for (const [name, value] of Object.entries(wanted))
    if (fields[name] !== value) throw offence(`has another ${name} than the documentation`);
}

function jsonOf({ headers, body }: ServiceRequest): Fields {
  if (headers.get('content-type') !== 'application/json') throw offence('is not JSON');
  return JSON.parse(body) as Fields;
}

function formOf({ headers, body }: ServiceRequest): Fields {
  if (headers.get('content-type') !== 'application/x-www-form-urlencoded') throw offence('is no form');
  const form = new URLSearchParams(body);
  const names = [...form.keys()];
  if (new Set(names).size !== names.length) throw offence('has a field twice');
  return Object.fromEntries(form);
}

/** Reads a request by the place that it came to. Throws for what its documentation does not have. */
export function readExchange(request: ServiceRequest): ExchangeAsk {
  const { url, headers } = request;
  if (url.search !== '') throw offence('has a query');
  if (headers.has('authorization')) throw offence('authenticates: nobody has a secret here');
  switch (`${url.origin}${url.pathname}`) {
    case 'https://sts.googleapis.com/v1/token':
      return google(jsonOf(request));
    case `https://login.microsoftonline.com/${KNOWN.tenant}/oauth2/v2.0/token`:
      return entra(formOf(request));
    case 'https://api.anthropic.com/v1/oauth/token':
      return anthropic(jsonOf(request), headers);
    case 'https://auth.openai.com/oauth/token':
      return openai(jsonOf(request));
    case KNOWN.tokenUrl:
      return rfc8693(formOf(request));
    default:
      throw offence('came to another place');
  }
}

/** https://cloud.google.com/iam/docs/reference/sts/rest/v1/TopLevel/token */
function google(fields: Fields): ExchangeAsk {
  const names = ['grantType', 'audience', 'scope', 'requestedTokenType', 'subjectToken', 'subjectTokenType'];
  only(fields, names);
  is(fields, { grantType: EXCHANGE, requestedTokenType: ACCESS, subjectTokenType: JWT });
  return {
    token: textIn(fields, 'subjectToken'),
    scope: textIn(fields, 'scope'),
    isKnown: fields['audience'] === KNOWN.provider,
  };
}

/** "Third case: Access token request with a federated credential" of Microsoft's page on the client credentials flow. */
function entra(fields: Fields): ExchangeAsk {
  only(fields, ['client_id', 'scope', 'client_assertion_type', 'client_assertion', 'grant_type']);
  is(fields, {
    grant_type: 'client_credentials',
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
  });
  return { token: textIn(fields, 'client_assertion'), isKnown: fields['client_id'] === KNOWN.client };
}

/** As Anthropic's own client sends it (sdk-typescript 1.12.0, oidc-federation). */
function anthropic(fields: Fields, headers: Headers): ExchangeAsk {
  const names = ['grant_type', 'assertion', 'federation_rule_id', 'organization_id'];
  only(fields, names, ['service_account_id', 'workspace_id']);
  is(fields, { grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer' });
  if (headers.get('anthropic-beta') !== 'oauth-2025-04-20,oidc-federation-2026-04-01')
    throw offence('is not sent to the federation');
  const token = textIn(fields, 'assertion');
  if (token.length > 16 * 1024) throw offence('has an assertion of more than 16 KiB');
  const { rule, organization, serviceAccount, workspace } = KNOWN;
  const isKnown =
    fields['federation_rule_id'] === rule &&
    fields['organization_id'] === organization &&
    fields['service_account_id'] === serviceAccount &&
    [undefined, workspace].includes(fields['workspace_id'] as typeof workspace | undefined);
  return { token, isKnown };
}

/** As OpenAI's own client sends it (openai-node 7, workload identity). */
function openai(fields: Fields): ExchangeAsk {
  const names = [
    'grant_type',
    'subject_token',
    'subject_token_type',
    'identity_provider_id',
    'service_account_id',
  ];
  only(fields, names, ['client_id']);
  is(fields, { grant_type: EXCHANGE, subject_token_type: JWT });
  return {
    token: textIn(fields, 'subject_token'),
    isKnown:
      fields['identity_provider_id'] === KNOWN.identityProvider &&
      fields['service_account_id'] === KNOWN.openaiAccount,
  };
}

/** RFC 8693 §2.1. */
function rfc8693(fields: Fields): ExchangeAsk {
  const required = ['grant_type', 'subject_token', 'subject_token_type'];
  only(fields, required, ['resource', 'audience', 'scope', 'requested_token_type', 'client_id']);
  is(fields, { grant_type: EXCHANGE });
  if (![ACCESS, undefined].includes(fields['requested_token_type'] as string | undefined))
    throw offence('asks for another type of token');
  return {
    token: textIn(fields, 'subject_token'),
    ...(fields['scope'] === undefined ? {} : { scope: textIn(fields, 'scope') }),
    isKnown: [undefined, KNOWN.resource].includes(fields['resource'] as typeof KNOWN.resource | undefined),
  };
}
