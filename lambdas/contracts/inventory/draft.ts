import type { Credential, EvidencePolicy, Freeze, RetirePolicy } from '../../core/credential.ts';
import type { CredentialKind, DependentKind } from '../kinds.ts';
import type { DraftAccess } from './access/draft-access.ts';
import { quoted } from './found.ts';
import type { FieldPaths, Path, Problem } from './problem.ts';

/**
 * The file as one environment sees it, with holes where something could not be read. Checks work on
 * drafts, so that a hole hides no problem elsewhere: what they need and do not find they pass over, because
 * whoever read it has reported it.
 */
export interface Draft {
  readonly environment: string;
  /** True in the embedded world. */
  readonly isLocal: boolean;
  /** True where short times stand in place of the file's. */
  readonly isFast: boolean;
  readonly account: string | undefined;
  readonly region: string | undefined;
  readonly trail: 'existing' | 'create' | undefined;
  readonly onCallEmail: string | undefined;
  readonly freezes: readonly Freeze[];
  /** Every name that the file declares, those of broken entries included. */
  readonly names: {
    readonly owners: ReadonlySet<string>;
    readonly environments: ReadonlySet<string>;
    readonly workloads: ReadonlySet<string>;
    readonly credentials: ReadonlySet<string>;
  };
  readonly workloads: readonly DraftWorkload[];
  readonly credentials: readonly DraftCredential[];
  readonly access: DraftAccess;
}

/** A workload, and its principal where it has one in this environment. */
export interface DraftWorkload {
  readonly at: Path;
  readonly name: string;
  readonly principal: string | undefined;
  readonly principalAt: Path;
  /** A principal is written, whether or not it could be read. */
  readonly isDeclared: boolean;
}

/** A credential as far as it could be read. */
export interface DraftCredential {
  readonly at: Path;
  readonly name: string;
  readonly kind: CredentialKind | undefined;
  readonly owner: string | undefined;
  readonly authority: string | undefined;
  readonly rotateEverySeconds: number | undefined;
  readonly boundTo: readonly string[] | undefined;
  readonly adopters: readonly string[] | undefined;
  readonly retire: Partial<RetirePolicy>;
  readonly target: Readonly<Record<string, unknown>>;
  readonly targetPaths: FieldPaths;
  readonly dependents: readonly DraftDependent[];
}

/** A dependent as far as it could be read. */
export interface DraftDependent {
  readonly at: Path;
  readonly kind: DependentKind | undefined;
  readonly name: string | undefined;
  readonly workload: string | undefined;
  readonly cacheTtlSeconds: number | undefined;
  /** `undefined` where it declares none; with holes where it could not be read. */
  readonly evidence: (Partial<EvidencePolicy> & { readonly at: Path }) | undefined;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly settingsPaths: FieldPaths;
}

/** Finds what is wrong with a draft; `others` are the drafts of the other environments on AWS. Pure. */
export type Check = (draft: Draft, others: readonly Draft[]) => readonly Problem[];

/** What a dependent is called in a sentence, whether or not its name could be read. */
export const titleOf = (dependent: DraftDependent, position: number): string =>
  dependent.name === undefined ? `the dependent at position ${position}` : quoted(dependent.name);

/** The credential without holes, where there are none. */
export function wholeCredential(draft: DraftCredential): Credential | undefined {
  const { name, kind, owner, authority, rotateEverySeconds, boundTo, adopters } = draft;
  const retire = wholeRetire(draft.retire);
  const dependents = draft.dependents.flatMap((dependent) => wholeDependent(dependent) ?? []);
  if (!kind || owner === undefined || rotateEverySeconds === undefined || !boundTo || !adopters || !retire)
    return undefined;
  if (dependents.length < draft.dependents.length || (kind.authorityKind && authority === undefined))
    return undefined;
  const target = kind.target.safeParse(draft.target);
  if (!target.success) return undefined;
  return {
    name,
    kind: kind.name,
    family: kind.family,
    strategy: kind.strategy,
    owner,
    ...(authority === undefined ? {} : { authority }),
    rotateEverySeconds,
    boundTo,
    adopters,
    dependents,
    retire,
    target: target.data,
  };
}

function wholeRetire(retire: Partial<RetirePolicy>): RetirePolicy | undefined {
  const { drainSeconds, soakSeconds, deadlineSeconds, onDeadline } = retire;
  if (drainSeconds === undefined || soakSeconds === undefined) return undefined;
  if (deadlineSeconds === undefined || onDeadline === undefined) return undefined;
  return { drainSeconds, soakSeconds, deadlineSeconds, onDeadline };
}

function wholeDependent(draft: DraftDependent): Credential['dependents'][number] | undefined {
  const { kind, name, workload, cacheTtlSeconds } = draft;
  if (!kind || name === undefined || workload === undefined || cacheTtlSeconds === undefined)
    return undefined;
  const evidence = wholeEvidence(draft.evidence);
  const settings = kind.settings.safeParse(draft.settings);
  if (!settings.success || (draft.evidence && !evidence)) return undefined;
  return {
    name,
    kind: kind.name,
    workload,
    cacheTtlSeconds,
    ...(evidence ? { evidence } : {}),
    settings: settings.data,
  };
}

function wholeEvidence(draft: DraftDependent['evidence']): EvidencePolicy | undefined {
  const { applicationName, clientAddress, poolLifetimeSeconds, suffices } = draft ?? {};
  if (applicationName === undefined || poolLifetimeSeconds === undefined || suffices === undefined)
    return undefined;
  return {
    applicationName,
    ...(clientAddress === undefined ? {} : { clientAddress }),
    poolLifetimeSeconds,
    suffices,
  };
}
