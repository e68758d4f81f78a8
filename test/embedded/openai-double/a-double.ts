import { answer, type DoubleAnswer } from '../../../embedded/openai-double/api.ts';
import { createFaults, type FaultControl } from '../../../embedded/openai-double/faults.ts';
import { Organization } from '../../../embedded/openai-double/organization.ts';
import { EMPTY, type Limits, type StoredOrganization } from '../../../embedded/openai-double/stored.ts';
import { countedBytes } from '../../fakes/counted-ids.ts';

export const ADMIN = 'sk-admin-not-a-real-key-of-anybody';
export const PROJECT = 'proj_agents';
export const ACCOUNTS = `/v1/organization/projects/${PROJECT}/service_accounts`;
export const KEYS = `/v1/organization/projects/${PROJECT}/api_keys`;
export const ADMIN_KEYS = '/v1/organization/admin_api_keys';

/** One call, with the admin key and as JSON where nothing else is said. */
interface Asking {
  readonly authorization?: string | undefined;
  readonly contentType?: string | undefined;
  /** An object is sent as JSON; a text as it is. */
  readonly body?: unknown;
}

/** The double's API without a server, in a time of its own. */
export interface TestDouble {
  readonly faults: FaultControl;
  readonly saved: StoredOrganization[];
  readonly organization: Organization;
  ask(method: string, target: string, asking?: Asking): DoubleAnswer;
  /** Makes a service account and answers with its key's value. */
  key(name?: string): { readonly account: string; readonly keyId: string; readonly value: string };
  pass(seconds: number): void;
}

export function aDouble(limits: Partial<Limits> = {}, stored: StoredOrganization = EMPTY): TestDouble {
  let now = Date.parse('2026-01-01T00:00:00.000Z');
  const clock = (): Date => new Date(now);
  const faults = createFaults();
  const saved: StoredOrganization[] = [];
  const organization = new Organization({
    clock,
    randomBytes: countedBytes(),
    faults,
    limits,
    stored,
    save: (state) => saved.push(state),
  });
  organization.seed({ projects: [PROJECT, 'proj_other'], adminKeys: [{ id: 'key_first', value: ADMIN }] });
  const ask: TestDouble['ask'] = (method, target, asking = {}) => {
    const { body, authorization = `Bearer ${ADMIN}`, contentType = 'application/json' } = asking;
    return answer(
      { organization, faults, clock },
      {
        method,
        target,
        authorization: authorization === '' ? undefined : authorization,
        contentType: contentType === '' ? undefined : contentType,
        body: body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body),
      },
    );
  };
  return {
    faults,
    saved,
    organization,
    ask,
    key(name = 'a service account') {
      const { body } = ask('POST', ACCOUNTS, { body: { name } });
      const { id, api_key } = body as { id: string; api_key: { id: string; value: string } };
      return { account: id, keyId: api_key.id, value: api_key.value };
    },
    pass: (seconds) => (now += seconds * 1000),
  };
}

/** The `error` of a refusal. */
export const errorOf = ({ body }: DoubleAnswer): Record<string, unknown> =>
  (body as { error: Record<string, unknown> }).error;

/** `data` of a list. */
export const dataOf = ({ body }: DoubleAnswer): readonly Record<string, unknown>[] =>
  (body as { data: Record<string, unknown>[] }).data;
