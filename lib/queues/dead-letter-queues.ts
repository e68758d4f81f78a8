import { deadLetterQueueName, queueName, type FunctionName } from '../../lambdas/contracts/names.ts';
import {
  ACCESS_EVENT_ROUTES,
  ACCESS_SCHEDULED_ROUTES,
  EVENT_ROUTES,
  FOREIGN_ROUTES,
  SCHEDULED_ROUTES,
} from '../../lambdas/contracts/routes.ts';
import { hasLeases } from '../access/lease-kinds.ts';
import type { Right } from '../rights/right.ts';
import { arnAt, type Site } from '../site.ts';

/** Every function of an environment that a queue feeds: whoever a route names. */
export function queueFed({ inventory }: Site): readonly FunctionName[] {
  const ofLeases = hasLeases(inventory) ? [...ACCESS_EVENT_ROUTES, ...ACCESS_SCHEDULED_ROUTES] : [];
  const routes = [...EVENT_ROUTES, ...FOREIGN_ROUTES, ...SCHEDULED_ROUTES, ...ofLeases];
  return [...new Set(routes.map(({ handler }) => handler))];
}

/**
 * The variable that tells a function where all queues are. By name, since some are in stacks that come later; and by
 * what their addresses share, since Lambda takes 4 KB for all variables of a function.
 */
export const deadLetterQueues = (site: Site): string =>
  JSON.stringify({
    urlPrefix: `https://sqs.${site.deployment.region}.amazonaws.com/${site.deployment.account}/`,
    arnPrefix: arnAt(site, 'sqs', ''),
    handlers: queueFed(site),
  });

const deadLetterArns = (site: Site): readonly string[] =>
  queueFed(site).map((handler) =>
    arnAt(site, 'sqs', deadLetterQueueName(site.inventory.environment, handler)),
  );

/** To see what was given up. SQS shows a message by receiving it, and the looker puts it back. */
export const mayLookAtDeadLetters = (site: Site): Right => ({
  actions: ['sqs:ReceiveMessage', 'sqs:ChangeMessageVisibility'],
  resources: deadLetterArns(site),
});

/** To have what was given up delivered again. SQS moves letters as whoever asks for it. */
export const mayRedrive = (site: Site): readonly Right[] => [
  {
    actions: [
      'sqs:ReceiveMessage',
      'sqs:ChangeMessageVisibility',
      'sqs:DeleteMessage',
      'sqs:GetQueueAttributes',
      'sqs:StartMessageMoveTask',
      'sqs:ListMessageMoveTasks',
    ],
    resources: deadLetterArns(site),
  },
  {
    actions: ['sqs:SendMessage'],
    resources: queueFed(site).map((handler) =>
      arnAt(site, 'sqs', queueName(site.inventory.environment, handler)),
    ),
  },
];
