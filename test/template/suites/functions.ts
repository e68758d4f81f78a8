import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it } from 'vitest';
import { readInventoryFile } from '../../../lambdas/adapters/inventory-file/inventory-file.ts';
import { FUNCTION_ENVIRONMENTS } from '../../../lambdas/contracts/function-environments.ts';
import {
  APPEND_AUDIT_TIMEOUT_SECONDS,
  LEASE_TIMEOUT_SECONDS,
  TARGET_TIMEOUT_SECONDS,
} from '../../../lambdas/contracts/function-timeouts.ts';
import { sealInventory } from '../../../lambdas/contracts/inventory/serialized.ts';
import { functionEntry, type FunctionName } from '../../../lambdas/contracts/names.ts';
import { accessOf, NO_ACCESS } from '../../../lambdas/core/access/access-inventory.ts';
import type { Inventory } from '../../../lambdas/core/credential.ts';
import { deploymentMark } from '../../../lambdas/core/deployment-mark.ts';
import { readEnvironment } from '../../../lambdas/shell/read-environment.ts';
import { handlersFor } from '../../../lib/bundles/handlers.ts';
import { everyFunction, functionsIn } from '../deployed-functions.ts';
import { mayByIdentity } from '../../rights/one-policy.ts';
import { roleOf } from '../roles.ts';
import { example } from '../the-example.ts';

/** What a runtime would be told besides the handler’s own variables. */
const FOR_THE_RUNTIME = ['NODE_OPTIONS'];

// Each function is what the tables say: its code, its variables, its limits, its log.

it('functions: there is each function of the tables once, in its stack; target and lease functions for what is declared', () => {
  for (const environment of example().environments) {
    const families = new Set(
      environment.declared.inventory.credentials.map(({ family }) => `target-${family}`),
    );
    const handlers = handlersFor([environment.declared.inventory]);
    const expected = handlers
      .map(({ name }) => name)
      .filter((name) => !name.startsWith('target-') || families.has(name));
    const found = functionsIn(environment);
    expect(found.map(({ name }) => name).sort()).toEqual([...expected].sort());
    for (const { name, resource } of found) expect(resource.stack).toBe(functionEntry(name).stack);
  }
});

it('functions: runs on Node.js 24 and arm64, with limits of its own', () => {
  for (const { resource, name } of everyFunction(example())) {
    const {
      Runtime: runtime,
      Architectures: architectures,
      Handler: handler,
      MemorySize: memory,
      Timeout: timeout,
    } = resource.properties;
    expect({ name, runtime, architectures, handler }).toEqual({
      name,
      runtime: 'nodejs24.x',
      architectures: ['arm64'],
      handler: 'index.handler',
    });
    expect([Number(memory) >= 256, Number(timeout) >= 30, Number(timeout) <= 900]).toEqual([
      true,
      true,
      true,
    ]);
  }
});

it('functions: is given every variable that its handler reads, readable as that handler reads it, and no other', () => {
  for (const { key, variables, name } of everyFunction(example())) {
    const shape = FUNCTION_ENVIRONMENTS[key];
    expect(Object.keys(variables).sort(), `of ${name}`).toEqual(
      [...Object.keys(shape), ...FOR_THE_RUNTIME].sort(),
    );
    expect(() => readEnvironment(variables, shape)).not.toThrow();
    expect(variables['LOCKSTEP_FUNCTION']).toBe(name);
    // Lambda takes 4 KB for all of them, names included.
    expect(Object.entries(variables).join('').length).toBeLessThan(3500);
  }
});

it('functions: knows the mark of its deployment where it makes names at targets, one for each account, region and environment', () => {
  const marks = example().environments.map((environment) => {
    const { account, region, name } = environment;
    const marked = functionsIn(environment).flatMap(({ variables, key }) =>
      variables['DEPLOYMENT_MARK'] === undefined ? [] : [[key, variables['DEPLOYMENT_MARK']] as const],
    );
    expect(new Set(marked.map(([key]) => key))).toEqual(new Set(['target', 'lease', 'grant-lease']));
    expect(new Set(marked.map(([, mark]) => mark))).toEqual(
      new Set([deploymentMark('aws', account, region, name)]),
    );
    return marked[0]?.[1];
  });
  expect(marks.length).toBeGreaterThan(1);
  expect(new Set(marks).size).toBe(marks.length);
});

it('functions: is given no secret: no variable is named for one, holds one, or is resolved from one', () => {
  for (const { variables, name } of everyFunction(example()))
    for (const [variable, value] of Object.entries(variables)) {
      expect(variable, `of ${name}`).not.toMatch(/PASSWORD|TOKEN|API_KEY|PRIVATE|CREDENTIAL/);
      expect(value, `${name} ${variable}`).not.toMatch(/resolve:|whsec_|sk-|BEGIN|secret:lockstep/);
    }
});

it('functions: is waited for longer than it may take', () => {
  const of = (wanted: string) => everyFunction(example()).filter(({ key }) => key === wanted);
  for (const { resource, variables } of of('target')) {
    expect(resource.properties['Timeout']).toBe(TARGET_TIMEOUT_SECONDS);
    // A lock outlives the invocation that took it.
    expect(Number(variables['LOCK_SECONDS'])).toBeGreaterThan(TARGET_TIMEOUT_SECONDS);
  }
  for (const { resource } of of('lease')) expect(resource.properties['Timeout']).toBe(LEASE_TIMEOUT_SECONDS);
  for (const { resource } of of('append-audit'))
    expect(resource.properties['Timeout']).toBe(APPEND_AUDIT_TIMEOUT_SECONDS);
});

it('functions: is reserved only where that protects something: targets, the audit, and the account from whoever asks the broker', () => {
  for (const environment of example().environments) {
    const reserved = functionsIn(environment).flatMap(({ key, resource }) =>
      resource.properties['ReservedConcurrentExecutions'] === undefined
        ? []
        : [[key, resource.properties['ReservedConcurrentExecutions']]],
    );
    expect(Object.fromEntries(reserved)).toEqual({
      target: 5,
      lease: 10,
      'append-audit': 20,
      'grant-lease': 50,
    });
  }
});

it('functions: writes to a log of its own that is forgotten after a while, and to no other', () => {
  for (const environment of example().environments) {
    const groups = environment.ofType('AWS::Logs::LogGroup');
    for (const { name, resource } of functionsIn(environment)) {
      const fullName = `/aws/lambda/lockstep-${environment.name}-${name}`;
      const group = groups.find(({ properties }) => properties['LogGroupName'] === fullName);
      expect(group?.properties['RetentionInDays']).toBe(90);
      expect(resource.raw.Properties?.['LoggingConfig']).toEqual({ LogGroup: { Ref: group?.id } });
      const { statements } = roleOf(environment, name);
      const mayWrite = (to: string): boolean =>
        mayByIdentity(statements, {
          action: 'logs:PutLogEvents',
          resource: `arn:aws:logs:${environment.region}:${environment.account}:log-group:${to}:log-stream:a`,
        });
      expect([mayWrite(fullName), mayWrite('/aws/lambda/somebody-elses')]).toEqual([true, false]);
    }
  }
});

it('functions: acts as the role that is its own', () => {
  for (const environment of example().environments)
    for (const { name, resource } of functionsIn(environment))
      expect(resource.properties['Role']).toBe(roleOf(environment, name).arn);
});

it('functions: has beside it what it reads: a target function its family, a lease function its kind, the others the whole', () => {
  for (const { name, folder, environment } of everyFunction(example())) {
    const { readsInventory = false, files = {} } = example().bundles.get(name) ?? {};
    expect(readdirSync(folder).sort()).toEqual(
      [
        'index.mjs',
        'index.mjs.map',
        ...(readsInventory ? ['inventory.json'] : []),
        ...(name === 'grant-lease' ? ['policies.json'] : []),
        ...Object.keys(files),
      ].sort(),
    );
    if (!readsInventory) continue;
    const beside = readInventoryFile(pathToFileURL(join(folder, 'index.mjs')));
    const { digest, ...body } = beside;
    expect(sealInventory(body).digest).toBe(digest);
    expect(beside).toMatchObject(known(name, environment.declared.inventory));
  }
});

/** What a function is told of credentials, and of what is leased. */
function known(name: FunctionName, whole: Inventory): Partial<Inventory> {
  const { credentials, freezes, access } = whole;
  if (name.startsWith('target-'))
    return { freezes, credentials: credentials.filter(({ family }) => `target-${family}` === name) };
  if (!name.startsWith('lease-')) return { freezes, credentials, ...(access ? { access } : {}) };
  const ofKind = ({ kind }: { readonly kind: string }): boolean => `lease-${kind}` === name;
  const { leasables, leaseAuthorities } = accessOf(whole);
  return {
    freezes,
    credentials: [],
    workloads: [],
    access: {
      ...NO_ACCESS,
      leasables: leasables.filter(ofKind),
      leaseAuthorities: leaseAuthorities.filter(ofKind),
    },
  };
}

it('functions: a target function is told nothing of leases, and a lease function nothing of whoever asks', () => {
  const told = everyFunction(example())
    .filter(({ name }) => /^(?:target|lease)-/.test(name))
    .map(({ name, folder }) => ({
      name,
      access: readInventoryFile(pathToFileURL(join(folder, 'index.mjs'))).access,
    }));
  expect(told.length).toBeGreaterThan(6);
  for (const { name, access } of told)
    expect({ name, access: access && { ...access, leasables: [], leaseAuthorities: [] } }).toEqual({
      name,
      access: name.startsWith('lease-') ? NO_ACCESS : undefined,
    });
});

it('functions: has maps that name lines and hold no text', () => {
  for (const { folder } of everyFunction(example())) {
    const map = JSON.parse(readFileSync(join(folder, 'index.mjs.map'), 'utf8')) as {
      readonly sourcesContent?: unknown;
      readonly sources: readonly string[];
    };
    expect(map.sourcesContent).toBeUndefined();
    expect(map.sources.every((source) => !source.startsWith('/'))).toBe(true);
  }
});

it('functions: starts: each bundle is loaded as Lambda would load it, far from this repository, and offers its handler', () => {
  const [environment] = example().environments;
  if (!environment) throw new Error('no environment');
  const away = mkdtempSync(join(tmpdir(), 'lockstep-bundles-'));
  try {
    const functions = functionsIn(environment).map(({ name, folder, variables }) => {
      cpSync(folder, join(away, name), { recursive: true });
      return { name, variables };
    });
    const script = `
      for (const { name, variables } of ${JSON.stringify(functions)}) {
        Object.assign(process.env, variables, { AWS_REGION: ${JSON.stringify(environment.region)} });
        const { handler } = await import(${JSON.stringify(pathToFileURL(away).href)} + '/' + name + '/index.mjs');
        console.log(name, typeof handler);
      }`;
    const said = execFileSync(process.execPath, ['--input-type=module', '--eval', script], {
      cwd: away,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    expect(said.trim().split('\n').sort()).toEqual(functions.map(({ name }) => `${name} function`).sort());
  } finally {
    rmSync(away, { recursive: true, force: true });
  }
});

it('functions: is run by Secrets Manager for secrets of this account alone, and target functions only', () => {
  for (const environment of example().environments) {
    const permissions = environment.ofType('AWS::Lambda::Permission').map(({ properties }) => properties);
    for (const { Principal: principal, SourceAccount: account, Action: action } of permissions)
      expect({ principal, account, action }).toEqual({
        principal: 'secretsmanager.amazonaws.com',
        account: environment.account,
        action: 'lambda:InvokeFunction',
      });
    const targets = functionsIn(environment).filter(({ key }) => key === 'target');
    expect(permissions).toHaveLength(targets.length);
  }
});

it('functions: moves labels only of secrets that name it as their rotation function', () => {
  for (const environment of example().environments)
    for (const { name } of functionsIn(environment).filter(({ key }) => key === 'target')) {
      const { statements } = roleOf(environment, name);
      const move = (rotatedBy: string) =>
        mayByIdentity(statements, {
          action: 'secretsmanager:UpdateSecretVersionStage',
          resource: `arn:aws:secretsmanager:${environment.region}:${environment.account}:secret:lockstep/${environment.name}/vector-store-AbCdEf`,
          context: {
            'secretsmanager:resource/AllowRotationLambdaArn': `arn:aws:lambda:${environment.region}:${environment.account}:function:lockstep-${environment.name}-${rotatedBy}`,
          },
        });
      expect([move(name), move('target-somebody')]).toEqual([true, false]);
    }
});
