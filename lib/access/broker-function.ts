/* oxlint-disable no-new -- a construct adds itself to its scope */
import { Construct } from 'constructs';
import { ACCESS_ALIASES } from '../../lambdas/contracts/access-wire.ts';
import { accessOf } from '../../lambdas/core/access/access-inventory.ts';
import { FunctionDoor } from '../functions/function-door.ts';
import { LockstepFunction } from '../functions/lockstep-function.ts';
import { ledgerAccess } from '../rights/ledger-access.ts';
import { mayInvoke, type Right } from '../rights/right.ts';
import type { RotationStack } from '../rotation/rotation-stack.ts';
import { Timers } from '../rotation/timers.ts';
import { functionArn, markOf, type Site } from '../site.ts';
import { TokenDoor } from './token-door.ts';

/** Properties of a `BrokerFunction`. */
export interface BrokerFunctionProps {
  readonly site: Site;
  readonly rotation: RotationStack;
  /** To run the lease functions there are. */
  readonly mayRunLeases: Right;
}

/**
 * The broker, `grant-lease`: whoever asks for a lease asks here. By its signature at one URL, which IAM guards; by a token at
 * the other one, which there is only where an issuer's tokens may ask. It reads no secret and reaches no target.
 */
export class BrokerFunction extends Construct {
  /** The door for whoever signs. */
  readonly door: FunctionDoor;

  constructor(scope: Construct, id: string, { site, rotation, mayRunLeases }: BrokerFunctionProps) {
    super(scope, id);
    const { bus, key, ledger } = rotation;
    // A group of its own: its role may say that a lease has expired, and nothing else.
    const expiries = new Timers(this, 'Expiries', {
      site,
      bus,
      key,
      name: 'expiries',
      publishes: 'lease.due',
    });
    const broker = new LockstepFunction(this, 'Broker', {
      site,
      name: 'grant-lease',
      environment: {
        ...rotation.ledgerVariables,
        DEPLOYMENT_MARK: markOf(site),
        BUS_ARN: bus.eventBusArn,
        TIMER_GROUP: expiries.groupName,
        TIMER_ROLE: expiries.role.role.roleArn,
        TIMER_DEAD_LETTERS: expiries.deadLetters.queueArn,
      },
      rights: [
        ...ledgerAccess('grant-lease', ledger.table.tableArn),
        mayInvoke(functionArn(site, 'append-audit')),
        mayRunLeases,
        ...expiries.maySet(),
      ],
    });
    const { signed, tokens } = ACCESS_ALIASES;
    this.door = new FunctionDoor(this, 'SignedDoor', {
      to: broker.function.addAlias(signed),
      arn: `${functionArn(site, 'grant-lease')}:${signed}`,
      output: 'GrantLeaseUrl',
    });
    if (accessOf(site.inventory).issuers.some(({ use }) => use === 'caller'))
      new TokenDoor(this, 'TokenDoor', {
        to: broker.function.addAlias(tokens),
        output: 'GrantLeaseTokensUrl',
      });
  }
}
