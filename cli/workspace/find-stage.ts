import { anyRecord, fit, record, text } from '../../lambdas/contracts/check.ts';
import { LOCAL } from '../../lambdas/contracts/inventory/local-world.ts';
import { nearest } from '../../lambdas/contracts/inventory/nearest.ts';
import { LockstepError } from '../../lambdas/core/errors.ts';

/** Where an environment is deployed. */
export interface Stage {
  readonly environment: string;
  readonly account: string;
  readonly region: string;
}

const where = record<Omit<Stage, 'environment'>>({ account: text, region: text });

/**
 * Account and region of an environment, and nothing else of the file: whoever answers a leak must not be kept
 * from it by a mistake somewhere in the inventory. Throws `COMMAND_INVALID` for a name that is not declared.
 */
export function findStage(workspace: unknown, environment: string): Stage {
  if (environment === LOCAL)
    throw new LockstepError(
      'COMMAND_INVALID',
      `${LOCAL} is the embedded world on this machine, not a stage; leave --stage out`,
    );
  const { environments } = fit(
    record({ environments: anyRecord }),
    workspace,
    'INVENTORY_INVALID',
    'the workspace',
  );
  const declared = Object.keys(environments).filter((name) => name !== LOCAL);
  if (!declared.includes(environment)) {
    const near = nearest(environment, declared);
    const known =
      near === undefined ? `it declares ${declared.join(', ') || 'none'}` : `did you mean ${near}?`;
    throw new LockstepError(
      'COMMAND_INVALID',
      `lockstep.config.ts declares no environment of that name; ${known}`,
    );
  }
  const { account, region } = fit(
    where,
    environments[environment],
    'INVENTORY_INVALID',
    `environments.${environment}`,
  );
  if (!/^\d{12}$/.test(account) || !/^[a-z]{2}(?:-[a-z]+)+-\d$/.test(region))
    throw new LockstepError(
      'INVENTORY_INVALID',
      `environments.${environment} names no account of twelve digits and no region; see: lockstep inventory check`,
    );
  return { environment, account, region };
}
