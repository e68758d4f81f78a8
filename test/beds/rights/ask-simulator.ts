import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Verdict } from '../../rights/evaluate.ts';
import { accountOf, serviceOf, type Request } from '../../rights/request.ts';
import { SIMULATOR_FOLDER } from '../launch/install-beds.ts';
import type { Ask, Opinion, Question } from './opinion.ts';

const SCRIPT = fileURLToPath(new URL('simulator/ask.mjs', import.meta.url));

/** Asks `@cloud-copilot/iam-simulate`. */
export const askSimulator: Ask = (questions) => {
  const { stdout, stderr, status } = spawnSync(process.execPath, [SCRIPT, SIMULATOR_FOLDER], {
    input: JSON.stringify(questions.map(asSimulation)),
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  if (status !== 0) throw new Error(`the simulator ended with ${String(status)}: ${stderr.slice(-1000)}`);
  return (JSON.parse(stdout) as readonly Answer[]).map(asOpinion);
};

function asSimulation({ request, policies: { identity, boundary, resource } }: Question) {
  const { principal, action, resource: arn, resourceAccount } = request;
  return {
    request: {
      principal: serviceOf(principal) ?? principal,
      action,
      resource: { resource: arn, accountId: resourceAccount },
      contextVariables: { ...spoken(request), ...derived(principal) },
    },
    identityPolicies: identity.map(({ name, document }) => ({ name, policy: document })),
    serviceControlPolicies: [],
    resourceControlPolicies: [],
    ...(resource ? { resourcePolicy: resource.document } : {}),
    ...(boundary ? { permissionBoundaryPolicies: [{ name: boundary.name, policy: boundary.document }] } : {}),
  };
}

/** What a request carries; a key that it does not carry is left out. */
const spoken = ({ context = {} }: Request): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(context).filter(([, value]) => value !== null));

/** The simulator is told what follows from the principal. */
function derived(principal: string): Readonly<Record<string, string>> {
  const account = accountOf(principal);
  return account === undefined ? {} : { 'aws:PrincipalArn': principal, 'aws:PrincipalAccount': account };
}

interface Answer {
  readonly verdict?: string;
  readonly ignored?: readonly string[];
  readonly error?: unknown;
}

const VERDICTS: Readonly<Record<string, Verdict>> = {
  Allowed: 'allowed',
  ImplicitlyDenied: 'implicitly-denied',
  ExplicitlyDenied: 'explicitly-denied',
};

function asOpinion({ verdict = '', ignored = [], error }: Answer): Opinion {
  const known = VERDICTS[verdict];
  // A key that it leaves out of the request would make its verdict one about another request.
  if (ignored.length > 0) return { refusal: `it does not know ${ignored.join(', ')} for this action` };
  return known === undefined ? { refusal: JSON.stringify(error ?? verdict) } : { verdict: known };
}
