import { isIP } from 'node:net';
import type { Circumstances } from '../../lambdas/cedar/review/circumstances.ts';
import type { Asker } from '../../lambdas/cedar/review/askers.ts';
import { accessOf, type Leasable } from '../../lambdas/core/access/access-inventory.ts';
import { purposesOf } from '../../lambdas/core/access/purposes.ts';
import type { Inventory } from '../../lambdas/core/credential.ts';
import { LockstepError } from '../../lambdas/core/errors.ts';
import type { EntityRef, PolicyAction } from '../../lambdas/core/policy/policy-request.ts';
import { examples, secondsOf, wholeNumber, type DefineCommand, type Work } from '../command-tools.ts';
import type { Invocation } from '../invocation.ts';
import { explanationText } from '../output/explanation-text.ts';
import { notAskedOf } from '../not-asked-of.ts';
import { inventoryHere, policiesOf } from '../workspace/policies-here.ts';
import { unknownPrincipal } from './what-can.ts';
import { actionOf } from './who-can.ts';

interface Options {
  readonly for?: string;
  readonly purpose?: string;
  readonly ttl?: number;
  readonly approvals?: number;
  readonly mfa?: boolean;
  readonly breakGlass?: boolean;
  readonly source?: string;
  readonly at?: string;
}

/** `lockstep policy explain`. */
export const definePolicyExplain: DefineCommand = (parent, act) => {
  parent
    .command('explain')
    .summary('why a request is granted or refused, and what would change that')
    .description(
      'Answers one request as the broker would, with the code of its refusal, and says by which policies, what every other one ' +
        'that fits says of it, and the fewest changes that would turn the answer: of the request, or else of the inventory. ' +
        'Nothing is asked for. With --stage for an environment on AWS, else for ' +
        'the embedded world. Exits 0 whatever the answer is.',
    )
    .argument('<principal>', 'workload:<name>, agent:<name>, role:<name>, function:<name>, or a name alone')
    .argument('<action>', 'as of who-can')
    .argument('<credential>', 'a credential, a lease authority, or something that can be leased')
    .option('--for <role>', 'of an agent: whom it acts for')
    .option('--purpose <purpose>', 'of a lease (default: the only one that the principal may state for it)')
    .option('--ttl <duration>', 'of a lease: 90s, 15m or 1h (default: that of the lease)', secondsOf)
    .option('--approvals <count>', 'how many others have approved it', wholeNumber)
    .option('--mfa', 'the person has proved a second factor')
    .option('--break-glass', 'without the approvals that policy wants')
    .option('--source <address>', 'where it comes from')
    .option('--at <instant>', 'when, in ISO 8601 (default: now)')
    .addHelpText(
      'after',
      examples(
        ['lockstep policy explain rag-api lease vector-reader', 'as it stands'],
        [
          'lockstep policy explain role:retrieval lease vector-owner --stage production --mfa --approvals 1',
          'what is missing there',
        ],
      ),
    )
    .action(act(explainRequest));
};

const explainRequest: Work<Options> = async (invocation, principal = '', word, name = '') => {
  const action = actionOf(word);
  const inventory = await inventoryHere(invocation);
  const bundle = await policiesOf(invocation.place.folder);
  const [
    { explain },
    { factorOf },
    { askersNamed, principalNames },
    { appliesTo, isAsked, resourcesOf },
    { roleSetsOf },
  ] = await Promise.all([
    import('../../lambdas/cedar/review/explain.ts'),
    import('../../lambdas/cedar/review/broker-answer.ts'),
    import('../../lambdas/cedar/review/askers.ts'),
    import('../../lambdas/cedar/review/asks-of.ts'),
    import('../../lambdas/cedar/review/role-sets.ts'),
  ]);
  const askers = askersNamed(inventory, principal, roleSetsOf([bundle], inventory));
  if (!askers) throw unknownPrincipal(principal, principalNames(inventory));
  const asker = oneOf(askers, invocation.options.for);
  const fits = appliesTo(bundle.schema)(action);
  const able = resourcesOf(inventory).filter(
    (each) => fits.resources.includes(each.type) && (action === 'renew' || isAsked(inventory, action, each)),
  );
  const resource = able.find(({ id }) => id === name);
  if (!resource) throw notAskedOf(inventory, { action, name, names: able.map(({ id }) => id) });
  if (!asker.parts.every(({ principal: { type } }) => fits.principals.includes(type)))
    throw new LockstepError(
      'COMMAND_INVALID',
      `${action} is nothing that ${asker.name} can ask for, whatever policy says`,
    );
  const circumstances = circumstancesOf(invocation, {
    inventory,
    asker,
    action,
    resource,
    factor: factorOf(asker),
  });
  const explanation = explain(bundle, inventory, { asker, action, resource, circumstances });
  const result = {
    environment: inventory.environment,
    principal: asker.name,
    action,
    resource: name,
    circumstances,
    ...explanation,
  };
  return invocation.answer(result, () => explanationText(result, invocation));
};

/** An agent that acts for people is asked about with one of them. */
function oneOf(askers: readonly Asker[], role: string | undefined): Asker {
  const [first, ...others] = askers;
  const roles = askers.flatMap(({ name }) => name.split(' for role:')[1] ?? []);
  const found = roles.length === 0 ? first : askers.find((_, at) => roles[at] === role);
  if (found && (roles.length > 0 || (others.length === 0 && role === undefined))) return found;
  throw new LockstepError(
    'COMMAND_INVALID',
    roles.length === 0
      ? 'this principal acts for nobody; leave --for out'
      : `this agent acts for people; say for whom with --for: ${roles.join(', ')}`,
  );
}

interface Asked {
  readonly inventory: Inventory;
  readonly asker: Asker;
  readonly action: PolicyAction;
  readonly resource: EntityRef;
  /** Whether it proves a second factor, where the inventory says so. */
  readonly factor: boolean | undefined;
}

function circumstancesOf({ options, surroundings }: Invocation<Options>, asked: Asked): Circumstances {
  const { inventory, action, resource } = asked;
  const { purpose, ttl, approvals = 0, mfa = false, breakGlass = false, source, at } = options;
  const now = at === undefined ? surroundings.clock().getTime() : Date.parse(at);
  if (Number.isNaN(now))
    throw new LockstepError('COMMAND_INVALID', '--at is no instant; write one like 2026-11-28T12:00:00Z');
  const leasable =
    action === 'lease' || action === 'renew'
      ? accessOf(inventory).leasables.find(({ name }) => name === resource.id)
      : undefined;
  const meant = leasable ? purposeOf(inventory, asked.asker, leasable, purpose) : undefined;
  if (source !== undefined && isIP(source) === 0)
    throw new LockstepError(
      'COMMAND_INVALID',
      '--source is no address; write one like 10.0.0.1 or 2001:db8::1',
    );
  if (mfa && asked.factor === false)
    throw new LockstepError(
      'COMMAND_INVALID',
      'these people prove no second factor, says the inventory, so --mfa cannot be: where the trust policy of their role demands one, ' +
        'say secondFactorProved of the role',
    );
  return {
    ...(leasable && meant !== undefined
      ? { purpose: meant, ttlSeconds: ttl ?? leasable.ttl.defaultSeconds }
      : {}),
    approvals,
    mfa: asked.factor ?? mfa,
    breakGlass,
    ...(source === undefined ? {} : { source }),
    now,
  };
}

/** As the broker takes it: the one that is named, else the only one that may be stated. */
function purposeOf(inventory: Inventory, { caller }: Asker, leasable: Leasable, named?: string): string {
  if (named !== undefined && leasable.purposes.includes(named)) return named;
  const allowed = caller ? purposesOf(accessOf(inventory), caller) : [];
  const able = allowed.filter((each) => leasable.purposes.includes(each));
  const [only, ...others] = able.length === 0 ? leasable.purposes.slice(0, 1) : able;
  if (named === undefined && only !== undefined && others.length === 0) return only;
  throw new LockstepError(
    'COMMAND_INVALID',
    `say what it is leased for with --purpose: ${leasable.purposes.join(', ')}`,
  );
}
