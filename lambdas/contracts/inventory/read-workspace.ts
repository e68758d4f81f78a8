import { workloadAccessShape, workloadTokensBound } from './access/access-shapes.ts';
import { ACCESS_SECTIONS, readAccess } from './access/read-access.ts';
import { ownerShape, workloadBound } from './authoring-schema.ts';
import type { Draft, DraftWorkload } from './draft.ts';
import { quoted } from './found.ts';
import { LOCAL, type LocalWorld } from './local-world.ts';
import { listed, meant } from './nearest.ts';
import { problemAt, type Path, type Problem, type Report } from './problem.ts';
import { readCredential, withCopiedFields } from './read-credential.ts';
import { readEnvironment } from './read-environment.ts';
import {
  ownField,
  readBound,
  readFields,
  readObject,
  refuseOthers,
  type Choice,
  type RawObject,
} from './read-fields.ts';

const SECTIONS = ['owners', 'environments', 'workloads', 'credentials'] as const;

/** Reads the whole file for one environment: a draft, and everything that could not be read. */
export function readWorkspace(
  given: unknown,
  environment: string,
  world: LocalWorld | undefined,
): { readonly draft: Draft; readonly problems: readonly Problem[] } {
  const problems: Problem[] = [];
  const report: Report = (problem) => problems.push(problem);
  const raw = readObject(given, [], 'a workspace, as defineWorkspace() makes it', report) ?? {};
  refuseOthers(raw, [], [...SECTIONS, ...ACCESS_SECTIONS], report);
  const sections = {
    owners: {},
    environments: {},
    workloads: {},
    credentials: {},
    ...readSections(raw, report),
  };
  const names = namesOf(sections);
  const declared = readEnvironments(sections.environments, environment, report);
  readOwners(sections.owners, report);
  const choice: Choice = { environment, environments: names.environments, report };
  const reading = { ...choice, world, isFast: declared?.isFast ?? false };
  const workloads = entries(sections.workloads, 'workloads').flatMap(
    ({ name, at, value }) => readWorkload(name, value, at, choice) ?? [],
  );
  const credentials = entries(sections.credentials, 'credentials').flatMap(
    ({ name, at, value }) => readCredential(name, value, at, reading) ?? [],
  );
  const draft: Draft = {
    environment,
    isLocal: environment === LOCAL,
    isFast: reading.isFast,
    account: declared?.account,
    region: declared?.region,
    trail: declared?.trail,
    onCallEmail: declared?.onCallEmail,
    freezes: declared?.freezes ?? [],
    names,
    workloads,
    credentials: withCopiedFields(credentials),
    access: readAccess({ raw, workloads: sections.workloads, credentials: sections.credentials }, reading),
  };
  return { draft, problems };
}

/** The names of the environments that a file declares, broken ones included. */
export function environmentNames(given: unknown): readonly string[] {
  const raw = readObject(given, [], '', () => undefined);
  const environments = raw && readObject(ownField(raw, 'environments'), [], '', () => undefined);
  return Object.keys(environments ?? {});
}

type Sections = Readonly<Record<(typeof SECTIONS)[number], RawObject>>;

function readSections(raw: RawObject, report: Report): Partial<Sections> {
  const read = SECTIONS.flatMap((section) => {
    const value = readObject(ownField(raw, section), [section], `a map from names to ${section}`, report);
    return value ? [[section, value] as const] : [];
  });
  return Object.fromEntries(read);
}

const namesOf = (sections: Sections): Draft['names'] => ({
  owners: new Set(Object.keys(sections.owners)),
  environments: new Set(Object.keys(sections.environments)),
  workloads: new Set(Object.keys(sections.workloads)),
  credentials: new Set(Object.keys(sections.credentials)),
});

const entries = (section: RawObject, title: string) =>
  Object.entries(section).map(([name, value]) => ({ name, value, at: [title, name] as const }));

function readEnvironments(section: RawObject, environment: string, report: Report) {
  const read = new Map(
    entries(section, 'environments').map(({ name, at, value }) => [
      name,
      readEnvironment(name, value, at, report),
    ]),
  );
  if (!read.has(environment))
    report(
      problemAt(['environments'], {
        found: `no environment ${quoted(environment)}`,
        allowed: listed(read.keys()),
        mend: meant(environment, read.keys(), 'declare it, or ask for one that is declared'),
      }),
    );
  return read.get(environment);
}

function readOwners(section: RawObject, report: Report): void {
  for (const { at, value } of entries(section, 'owners')) {
    const raw = readObject(value, at, '{ contact }', report);
    if (!raw) continue;
    refuseOthers(raw, at, Object.keys(ownerShape), report);
    readFields(raw, at, ownerShape, report);
  }
}

const WORKLOAD_FIELDS = Object.keys({ ...workloadBound, ...workloadTokensBound, ...workloadAccessShape });

function readWorkload(name: string, given: unknown, at: Path, choice: Choice): DraftWorkload | undefined {
  const raw = readObject(given, at, '{ role?, tokens?, owner? }', choice.report);
  if (!raw) return undefined;
  refuseOthers(raw, at, WORKLOAD_FIELDS, choice.report);
  const role = readBound(ownField(raw, 'role'), [...at, 'role'], workloadBound.role, choice);
  if (choice.environment === LOCAL)
    return { at, name, principal: `embedded:${name}`, principalAt: at, isDeclared: true };
  return { at, name, principal: role.value, principalAt: role.at, isDeclared: role.isWritten };
}
