import type { Inventory } from '../../core/credential.ts';
import { instant } from '../../core/time.ts';
import type { LeftOut } from './access/draft-access.ts';
import { wholeAccess } from './access/whole-access.ts';
import { CHECKS } from './checks.ts';
import { wholeCredential, type Draft } from './draft.ts';
import { LOCAL, type LocalWorld } from './local-world.ts';
import { distinctProblems, pathText, type Problem } from './problem.ts';
import { environmentNames, readWorkspace } from './read-workspace.ts';
import { sealInventory } from './serialized.ts';

/** Where an environment on AWS is deployed, and what its stacks need to know of it besides the inventory. */
export interface Deployment {
  readonly account: string;
  readonly region: string;
  readonly trail: 'existing' | 'create';
  readonly onCallEmail?: string;
}

/** The checked inventory of one environment, or everything that is wrong with it. Never both. */
export type Resolution =
  | {
      readonly inventory: Inventory;
      readonly deployment?: Deployment;
      /** What can be leased elsewhere and not in `local`. Absent where nothing is left out. */
      readonly leftOut?: readonly LeftOut[];
      readonly problems?: undefined;
    }
  | {
      readonly problems: readonly Problem[];
      readonly inventory?: undefined;
      readonly deployment?: undefined;
      readonly leftOut?: undefined;
    };

/** What resolving may need besides the file. */
export interface ResolveOptions {
  /** For `local`: the world that gives everything which differs by environment. */
  readonly localWorld?: LocalWorld;
}

/**
 * Checks a workspace (what `defineWorkspace` made, or the same as parsed JSON) for one environment and
 * resolves it. Reports every problem at once; throws nothing about the file.
 */
export function resolveInventory(
  workspace: unknown,
  environment: string,
  { localWorld }: ResolveOptions = {},
): Resolution {
  const { draft, problems } = examine(workspace, environment, localWorld);
  const all = [...withoutWorld(draft, localWorld), ...problems];
  if (all.length > 0) return { problems: told(workspace, all) };
  const deployment = deploymentOf(draft);
  const { leftOut } = draft.access;
  return {
    inventory: inventoryOf(draft),
    ...(deployment ? { deployment } : {}),
    ...(leftOut.length > 0 ? { leftOut } : {}),
  };
}

/**
 * Checks a workspace for all its environments: what `lockstep inventory check` does. Without its world,
 * `local` is checked as far as the file alone tells.
 */
export function checkWorkspace(workspace: unknown, { localWorld }: ResolveOptions = {}): readonly Problem[] {
  const names = environmentNames(workspace);
  // A file without environments has no environment to ask for, and problems all the same.
  const asked = names.length > 0 ? names : [''];
  return told(
    workspace,
    asked.flatMap((name) => examine(workspace, name, localWorld).problems),
  );
}

/** Of something that is no workspace at all, nothing else is worth telling. */
function told(workspace: unknown, problems: readonly Problem[]): readonly Problem[] {
  const distinct = distinctProblems(problems);
  const isOne = typeof workspace === 'object' && workspace !== null && !Array.isArray(workspace);
  return isOne ? distinct : distinct.filter(({ path }) => path === pathText([]));
}

/** Reads and checks the file for one environment. */
function examine(workspace: unknown, environment: string, localWorld: LocalWorld | undefined) {
  const { draft, problems } = readWorkspace(workspace, environment, localWorld);
  const others = environmentNames(workspace)
    .filter((name) => name !== environment && name !== LOCAL)
    .map((name) => readWorkspace(workspace, name, undefined).draft);
  return { draft, problems: [...problems, ...CHECKS.flatMap((check) => check(draft, others))] };
}

const withoutWorld = ({ isLocal }: Draft, world: LocalWorld | undefined): readonly Problem[] =>
  isLocal && !world
    ? [
        {
          path: pathText(['environments', LOCAL]),
          found: 'no embedded world to ask',
          allowed: `${LOCAL} inside the embedded world, which gives endpoints, projects and URLs by name`,
          mend: 'start it with `npm start`, or name an environment on AWS',
        },
      ]
    : [];

function inventoryOf(draft: Draft): Inventory {
  const { environment, isFast, freezes, workloads, credentials } = draft;
  return sealInventory({
    environment,
    ...(isFast ? { cadence: 'fast' } : {}),
    workloads: workloads.flatMap(({ name, principal }) =>
      principal === undefined ? [] : [{ name, principal }],
    ),
    freezes: freezes.map(({ from, until, reason }) => ({
      from: instant(new Date(from)),
      until: instant(new Date(until)),
      reason,
    })),
    credentials: credentials.map((credential) => {
      const whole = wholeCredential(credential);
      // A hole that nobody reported would drop a credential from the inventory without a word.
      if (!whole)
        throw new TypeError(`the credential ${credential.name} was read with holes and without problems`);
      return whole;
    }),
    ...(draft.access.isDeclared ? { access: wholeAccess(draft.access, credentials) } : {}),
  });
}

function deploymentOf({ isLocal, account, region, trail, onCallEmail }: Draft): Deployment | undefined {
  if (isLocal || account === undefined || region === undefined || trail === undefined) return undefined;
  return { account, region, trail, ...(onCallEmail === undefined ? {} : { onCallEmail }) };
}
