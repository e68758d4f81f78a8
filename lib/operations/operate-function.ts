import { Construct } from 'constructs';
import { GUARDED_ORDERS } from '../../lambdas/contracts/orders.ts';
import { FunctionDoor } from '../functions/function-door.ts';
import { LockstepFunction } from '../functions/lockstep-function.ts';
import { deadLetterQueues, mayRedrive } from '../queues/dead-letter-queues.ts';
import { ledgerAccess } from '../rights/ledger-access.ts';
import { mayInvoke, type Right } from '../rights/right.ts';
import { vaultAccess } from '../rights/vault-access.ts';
import { mayPublish } from '../rotation/may-publish.ts';
import type { RotationStack } from '../rotation/rotation-stack.ts';
import { arnAt, functionArn, type Site } from '../site.ts';

/** Properties of an `OperateFunction`. */
export interface OperateFunctionProps {
  readonly site: Site;
  readonly rotation: RotationStack;
}

/** The ways into `operate`: one for ordinary orders, and one for each order that is a permission of its own. */
const DOORS = ['live', ...GUARDED_ORDERS] as const;
export type OperateDoor = (typeof DOORS)[number];

/** The function that carries out orders, with an alias and a URL for each permission. */
export class OperateFunction extends Construct {
  readonly #doors: ReadonlyMap<OperateDoor, FunctionDoor>;

  constructor(scope: Construct, id: string, { site, rotation }: OperateFunctionProps) {
    super(scope, id);
    const { ledger, bus } = rotation;
    const operate = new LockstepFunction(this, 'Operate', {
      site,
      name: 'operate',
      environment: {
        ...rotation.ledgerVariables,
        BUS: bus.eventBusName,
        TARGET_ARN_PREFIX: arnAt(site, 'lambda', 'function:'),
        DEAD_LETTER_QUEUES: deadLetterQueues(site),
      },
      rights: [
        ...ledgerAccess('operate', ledger.table.tableArn),
        ...vaultAccess(site, 'operate'),
        mayInvoke(functionArn(site, 'append-audit')),
        rotation.mayRunTargets(),
        mayPublish(bus.eventBusArn, 'page.requested'),
        ...mayRedrive(site),
      ],
    });
    this.#doors = new Map(
      DOORS.map((name) => {
        const alias = operate.function.addAlias(name);
        const arn = `${functionArn(site, 'operate')}:${name}`;
        return [
          name,
          new FunctionDoor(this, `Door-${name}`, { to: alias, arn, output: outputOf(name) }),
        ] as const;
      }),
    );
  }

  /** To give the orders that come in by one door. */
  mayOrder(door: OperateDoor): readonly Right[] {
    return this.#doors.get(door)?.mayCall() ?? [];
  }
}

/** `roll-back` as `OperateRollBackUrl`: CloudFormation takes letters and digits. */
const outputOf = (door: string): string =>
  `Operate${door
    .split('-')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('')}Url`;
