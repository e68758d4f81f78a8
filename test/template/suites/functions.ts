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
  TARGET_TIMEOUT_SECONDS,
} from '../../../lambdas/contracts/function-timeouts.ts';
import { sealInventory } from '../../../lambdas/contracts/inventory/serialized.ts';
import { functionEntry } from '../../../lambdas/contracts/names.ts';
import { readEnvironment } from '../../../lambdas/shell/read-environment.ts';
import { HANDLERS } from '../../../lib/bundles/handlers.ts';
import { everyFunction, functionsIn } from '../deployed-functions.ts';
import { mayByIdentity } from '../../rights/one-policy.ts';
import { roleOf } from '../roles.ts';
import { example } from '../the-example.ts';

/** What a runtime would be told besides the handler’s own variables. */
const FOR_THE_RUNTIME = ['NODE_OPTIONS'];

// Each function is what the tables say: its code, its variables, its limits, its log.

it('functions: there is each function of the tables once, in its stack; target functions for the families that are declared', () => {
  for (const environment of example().environments) {
    const families = new Set(
      environment.declared.inventory.credentials.map(({ family }) => `target-${family}`),
    );
    const expected = HANDLERS.map(({ name }) => name).filter(
      (name) => !name.startsWith('target-') || families.has(name),
    );
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
  for (const { resource } of of('append-audit'))
    expect(resource.properties['Timeout']).toBe(APPEND_AUDIT_TIMEOUT_SECONDS);
});

it('functions: is reserved only where that protects something: targets, and the audit', () => {
  for (const environment of example().environments) {
    const reserved = functionsIn(environment).flatMap(({ key, resource }) =>
      resource.properties['ReservedConcurrentExecutions'] === undefined
        ? []
        : [[key, resource.properties['ReservedConcurrentExecutions']]],
    );
    expect(Object.fromEntries(reserved)).toEqual({ target: 5, 'append-audit': 20 });
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

it('functions: has its inventory beside it: a target function only its family, the others the whole, those that read none none', () => {
  for (const { name, folder, environment } of everyFunction(example())) {
    const reads = example().bundles.get(name)?.readsInventory === true;
    expect(readdirSync(folder).sort()).toEqual([
      'index.mjs',
      'index.mjs.map',
      ...(reads ? ['inventory.json'] : []),
    ]);
    if (!reads) continue;
    const whole = environment.declared.inventory;
    const beside = readInventoryFile(pathToFileURL(join(folder, 'index.mjs')));
    const { digest, ...body } = beside;
    expect(sealInventory(body).digest).toBe(digest);
    const expected = name.startsWith('target-')
      ? whole.credentials.filter(({ family }) => `target-${family}` === name)
      : whole.credentials;
    expect(beside.credentials).toEqual(expected);
    expect(beside.freezes).toEqual(whole.freezes);
  }
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
