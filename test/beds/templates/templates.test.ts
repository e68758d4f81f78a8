import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import workspace from '../../../lockstep.config.ts';
import { aBucket, accessWith } from '../../contracts/inventory/access/an-access-workspace.ts';
import { ACKNOWLEDGED, covers } from './acknowledged.ts';
import { tellFinding, type Finding } from './finding.ts';
import { guardFindings } from './guard-rules.ts';
import { largeWorkspace } from './large-workspace.ts';
import { lintFindings } from './lint-rules.ts';
import { synthesizedFiles, type SynthesizedFiles } from './synthesized-files.ts';

// The rules of CloudFormation and cdk-nag are asked at every synthesis (lib/checked-app.ts); these two besides.

const LONG = { timeout: 300_000 };
const found: Finding[] = [];

describe.each([
  ['the example', () => workspace],
  ['a large workspace', largeWorkspace],
  ['a workspace with issuers and a role that is leased', () => accessWith({ 'leases.documents': aBucket() })],
] as const)('%s', LONG, (_name, declared) => {
  let synthesized: SynthesizedFiles | undefined;
  beforeAll(() => {
    synthesized = synthesizedFiles(declared());
  }, 300_000);
  afterAll(() => synthesized?.dispose());

  it.each([
    ['cfn-guard', guardFindings],
    ['cfn-lint', lintFindings],
  ] as const)('%s has no error, and no warning that nobody acknowledged', (_ruleSet, findings) => {
    const files = synthesized?.files ?? [];
    expect(files.length).toBeGreaterThan(5);
    const findingsNow = findings(files);
    found.push(...findingsNow);
    const open = findingsNow.filter((finding) => !ACKNOWLEDGED.some((each) => covers(each, finding)));
    expect(open.map(tellFinding)).toEqual([]);
  });
});

it('has no acknowledgement of a warning that is not there any more', () => {
  expect(found.length).toBeGreaterThan(0);
  const idle = ACKNOWLEDGED.filter((each) => !found.some((finding) => covers(each, finding)));
  expect(idle.map(({ rule, type }) => `${rule} ${type}`)).toEqual([]);
});
