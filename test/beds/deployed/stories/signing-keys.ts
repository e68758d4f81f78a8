import { ReceiveMessageCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { EVENT_SOURCE } from '../../../../lambdas/contracts/bus-envelope.ts';
import { deadLetterQueueName, queueName } from '../../../../lambdas/contracts/names.ts';
import { bedQueueUrl } from '../bed-clients.ts';
import { BED_ENVIRONMENT } from '../bed-workspace.ts';
import type { DeployedStage, Services } from '../open-stage.ts';
import { backstopIsRefused, askByEvent } from './asking.ts';
import { rotate, statusOf, until, untilPhase } from './rotation-of.ts';

/** Keys that sign what is told: a dead letter that is driven again, and a dependent that never answers. */
export function signingKeyStories(stage: () => DeployedStage, services: () => Services): void {
  deadLetterStory(stage, services);
  deadlineStory(stage, services);
  poisonStory(stage);
}

/** Dead letters about a credential, looked at and left where they are. */
async function lettersAbout({ clients }: DeployedStage, credential: string): Promise<readonly string[]> {
  const { Messages = [] } = await clients.sqs.send(
    new ReceiveMessageCommand({
      QueueUrl: bedQueueUrl(deadLetterQueueName(BED_ENVIRONMENT, 'tell-webhook')),
      MaxNumberOfMessages: 10,
      VisibilityTimeout: 0,
    }),
  );
  return Messages.map(({ Body = '' }) => Body).filter((body) => body.includes(`"${credential}"`));
}

function deadLetterStory(stage: () => DeployedStage, services: () => Services): void {
  it('what nobody could be told becomes a dead letter, and is delivered when it is driven again', async () => {
    const { as, cutOff } = stage();
    const admin = as('platform-admin');
    // after rag-api has been told of the database's new login: nothing else has to reach it meanwhile
    await until(
      'rag-api has moved',
      () => statusOf(admin, 'vector-store'),
      ({ rotation }) => rotation?.adopted.some(({ dependent }) => dependent === 'rag-api') === true,
      400,
    );
    cutOff('rag-api.beds.example', true);
    await askByEvent(stage(), 'rag-api-hook');
    await until(
      'there is a dead letter',
      () => lettersAbout(stage(), 'rag-api-hook'),
      (letters) => letters.length > 0,
      400,
    );
    await until(
      'a person is told of it',
      () => admin.query('status', {}),
      ({ deadLetters }) => deadLetters > 0,
    );
    expect((await statusOf(admin, 'rag-api-hook')).rotation).toMatchObject({
      phase: 'adopting',
      missing: [{ dependent: 'rag-api' }],
    });

    cutOff('rag-api.beds.example', false);
    const redrive = { order: 'redrive', credential: 'rag-api-hook', reason: 'the receiver is back' } as const;
    expect((await admin.order(redrive)).facts).toMatchObject({ redriven: 1 });
    const { rotation } = await untilPhase(admin, 'rag-api-hook', ['retired'], 600);
    expect(rotation?.adopted).toMatchObject([{ dependent: 'rag-api', by: 'acknowledgement' }]);
    expect(services()['rag-api'].notices.map(({ type }) => type)).toContain('credential.disabled');
  });
}

function deadlineStory(stage: () => DeployedStage, services: () => Services): void {
  it('a dependent that never answers is waited for until the deadline, then somebody is paged, and nothing is retired', async () => {
    const { as, onCall } = stage();
    const admin = as('platform-admin');
    const { summariser } = services();
    summariser.stall('summariser-hook', true);
    await rotate(admin, 'summariser-hook');
    await untilPhase(admin, 'summariser-hook', ['adopting']);
    expect(await backstopIsRefused(stage(), 'summariser-hook')).toBe(true);
    await until(
      'on-call hears of the deadline',
      () => onCall.listen(),
      (heard) => heard.some(({ text }) => text.includes('summariser-hook') && text.includes('deadline')),
      400,
    );
    const held = await until(
      'what is late is held',
      () => statusOf(admin, 'summariser-hook'),
      ({ hold }) => hold !== undefined,
    );
    expect(held).toMatchObject({ hold: { by: 'deadline policy' }, rotation: { phase: 'adopting' } });

    // who was late moves, and the hold keeps the old key until a person has looked
    summariser.stall('summariser-hook', false);
    await untilPhase(admin, 'summariser-hook', ['adopted'], 400);
    await admin.order({ order: 'release', credential: 'summariser-hook', reason: 'it has moved' });
    await untilPhase(admin, 'summariser-hook', ['retired'], 600);
  });
}

function poisonStory(stage: () => DeployedStage): void {
  it('a message that is none of ours is dropped and counted, and holds nobody up', async () => {
    const { clients, emf } = stage();
    const poison = `poison-${randomUUID()}`;
    for (const name of ['advance-rotation', 'tell-webhook', 'request-rotation'] as const)
      await clients.sqs.send(
        new SendMessageCommand({
          QueueUrl: bedQueueUrl(queueName(BED_ENVIRONMENT, name)),
          MessageBody: JSON.stringify({ source: EVENT_SOURCE, detail: poison }),
        }),
      );
    const said = await until(
      'each function has dropped it',
      async () => {
        await emf.carry();
        return emf.said.filter(({ line }) => line.includes('message dropped'));
      },
      (lines) => new Set(lines.map(({ group }) => group)).size >= 3,
    );
    expect(said.map(({ line }) => line).join()).not.toContain(poison);
  });
}
