import type { FunctionName } from '../../lambdas/contracts/names.ts';
import { FOREIGN_ROUTES, type ForeignRoute } from '../../lambdas/contracts/routes.ts';
import type { AwsEvent } from './aws-event.ts';

/** The functions that handle an event of AWS's, by the same table that makes the rules on AWS. */
export function foreignHandlersOf(event: AwsEvent): readonly FunctionName[] {
  return FOREIGN_ROUTES.filter((route) => matches(route, event)).map(({ handler }) => handler);
}

function matches({ sources, detailTypes, eventNames }: ForeignRoute, event: AwsEvent): boolean {
  const name = event.detail['eventName'];
  const isNamed = eventNames === undefined || (typeof name === 'string' && eventNames.includes(name));
  return sources.includes(event.source) && detailTypes.includes(event['detail-type']) && isNamed;
}
