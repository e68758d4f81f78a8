import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GetSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { accessOf } from '../../../lambdas/core/access/access-inventory.ts';
import { secretName } from '../../../lambdas/core/credential.ts';
import { expectTheWholeWay } from '../../live/expect-the-whole-way.ts';
import { theWholeWayRound } from '../../live/the-whole-way-round.ts';
import { judge } from '../rights/judge.ts';
import { BED_ENVIRONMENT } from './bed-workspace.ts';
import { openStage, type DeployedStage, type Services } from './open-stage.ts';
import { actingForStories } from './stories/acting-for.ts';
import { agentStories } from './stories/agent.ts';
import { approvalStories } from './stories/approvals.ts';
import { brokenGlassStory } from './stories/broken-glass.ts';
import { storiesOfNothing } from './stories/come-to-nothing.ts';
import { databaseStories } from './stories/database.ts';
import { supplyStories } from './stories/lease-supply.ts';
import { leaseStories } from './stories/leases.ts';
import { modelKeyStories } from './stories/model-key.ts';
import { untilPhase } from './stories/rotation-of.ts';
import { signingKeyStories } from './stories/signing-keys.ts';
import { tokenStories } from './stories/tokens.ts';
import { watchStories } from './stories/watch.ts';
import { whatIsLeft } from './what-is-left.ts';

/*
 * Everything that is synthesized, deployed onto MiniStack with the pinned toolkit and driven through what was
 * deployed: handlers run, rules and queues and streams and schedules carry. What stands in for what the bed lacks is
 * named in deviations.md. The stories share one deployment and run side by side, since drains are timed by the minute.
 */

let opened: DeployedStage | undefined;
let started: Services | undefined;
const stage = (): DeployedStage => {
  if (opened) return opened;
  throw new TypeError('nothing is deployed');
};
const services = (): Services => {
  if (started) return started;
  throw new TypeError('no service runs');
};
const say = (text: string): void => console.log(`deployed: ${text}`);

beforeAll(async () => {
  opened = await openStage(say);
}, 300_000);
afterAll(() => opened?.close(), 300_000);

describe('what was deployed', () => {
  it('is all that was synthesized, but for types that the bed does not take', () => {
    const { counts, declared } = stage().synthesized;
    const { credentials } = declared.inventory;
    const { leaseAuthorities } = accessOf(declared.inventory);
    say(`${counts.deployed} of ${counts.synthesized} resources; left out: ${JSON.stringify(counts.leftOut)}`);
    expect(counts.leftOut).toEqual({
      'AWS::SecretsManager::ResourcePolicy': credentials.length + leaseAuthorities.length + 1,
      'AWS::CloudTrail::Trail': 1,
    });
    expect(stage().physicalIds.size).toBeGreaterThanOrEqual(counts.deployed);
  });

  it('rotates nothing and has no value until somebody adopts', async () => {
    const admin = stage().as('platform-admin');
    const { credentials } = await admin.query('status', {});
    expect(credentials.every(({ adopted, current }) => !adopted && current === undefined)).toBe(true);
    await expect(
      admin.order({ order: 'rotate', credential: 'vector-store', reason: 'too early' }),
    ).rejects.toMatchObject({
      code: 'NOT_ADOPTED',
    });
  });

  it('adopts every credential, each with a test run of its function and no rotation', async () => {
    const admin = stage().as('platform-admin');
    for (const [name, value] of Object.entries(stage().targets.firstValues)) {
      await admin.putFirst(name, value);
      await admin.order({ order: 'adopt', credential: name, value: 'stored' });
    }
    for (const name of ['vector-store', 'openai-agents', 'rag-api-hook', 'summariser-hook', 'spare-hook'])
      await admin.order({ order: 'adopt', credential: name, value: 'issue' });
    await stage().rotations.driver.idle();
    const reports = stage().rotations.reports.map(({ event }) => event);
    expect(reports.filter((event) => event === 'TestRotationSucceeded')).toHaveLength(7);
    expect(reports.filter((event) => !event.startsWith('TestRotation'))).toEqual([]);
    started = await stage().startServices();
  }, 120_000);

  supplyStories(stage);
});

describe.concurrent('through what was deployed', { timeout: 1_200_000 }, () => {
  // first, because the others rotate what it works with
  agentStories(stage, services);
  databaseStories(stage, services);
  modelKeyStories(stage, services);
  signingKeyStories(stage, services);
  storiesOfNothing(stage);
  watchStories(stage);
  leaseStories(stage);
  tokenStories(stage);
  approvalStories(stage);
  brokenGlassStory(stage);
  actingForStories(stage);

  it('a throw-away credential goes the way that it would go on a real account', async () => {
    const { as, doorOf } = stage();
    // while its authority changes its own login, what it has authority over is locked
    await untilPhase(as('platform-admin'), 'rag-db-admin', ['retired']);
    const seen = await theWholeWayRound({
      operator: as('platform-admin'),
      dependent: doorOf('live-test'),
      say,
      sleep: (milliseconds) => sleep(milliseconds),
    });
    expectTheWholeWay(seen);
    expect(seen.audited.length).toBeGreaterThan(20);
  });
});

describe('after all of it', () => {
  it('the audit lies in DynamoDB and verifies as a whole', async () => {
    const report = await stage().as('platform-admin').query('audit-verify', {});
    say(`the audit: ${report.records} records in ${report.chains} chains under ${report.heads} signed heads`);
    expect(report).toMatchObject({ ok: true, faults: [] });
    expect(report.chains).toBeGreaterThanOrEqual(7);
  });

  it('the command line shows it to a person, as a process of its own', async () => {
    const { as, cli, synthesized } = stage();
    const compared = await as('platform-admin').query('inventory', {});
    expect(compared.credentials).toHaveLength(synthesized.declared.inventory.credentials.length);
    expect(compared.undeclared).toEqual([]);
    const status = await cli.run('platform-admin', 'status');
    expect(status.errors).toBe('');
    expect(status.code).toBe(0);
    for (const name of ['vector-store', 'openai-agents', 'rag-db-admin'])
      expect(status.output).toContain(name);
    const verified = await cli.run('platform-admin', 'audit', 'verify');
    expect(verified).toMatchObject({ code: 0, errors: '' });
    const redriven = await cli.run('platform-admin', 'redrive', '--reason', 'nothing is left there');
    expect(redriven.errors).toBe('');
    say(`what a person sees:\n${status.output}${verified.output}${redriven.output}`);
  });

  it('no value is found outside the vault and the targets', async () => {
    const { canaries, clients, emf, onCall, recorder } = stage();
    await emf.carry();
    const places = new Map([
      ...(await whatIsLeft(clients)),
      ['logs', JSON.stringify([...emf.said, ...emf.measured])],
      ['on call', JSON.stringify(await onCall.listen())],
      ['recorded calls', JSON.stringify(recorder.calls)],
    ]);
    say(`${canaries.count} values are searched for in ${places.size} places`);
    expect(canaries.count).toBeGreaterThan(10);
    expect(places.size).toBeGreaterThan(20);
    expect(canaries.found(places)).toEqual([]);
    // the search finds one where one is
    const { SecretString = '' } = await clients.secrets.send(
      new GetSecretValueCommand({ SecretId: secretName(BED_ENVIRONMENT, 'vector-store') }),
    );
    expect(canaries.found(new Map([['planted', `x${SecretString}x`]]))).toEqual(['planted']);
  }, 300_000);

  it('every call was allowed by the role that made it, and every grant was used', () => {
    const { recorder, synthesized, physicalIds } = stage();
    const calls = recorder.ofFunctions();
    say(`${calls.length} calls by functions are judged`);
    const judged = judge({ calls, environment: synthesized.deployedAs(physicalIds) });
    expect(judged).toEqual({ lacking: [], unused: [], groundless: [], notUnderstood: [] });
  });
});
