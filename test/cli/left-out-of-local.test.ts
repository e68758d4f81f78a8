import { beforeEach, expect, it } from 'vitest';
import example from '../../lockstep.config.ts';
import { awsSessionLease } from '../../lambdas/contracts/inventory/index.ts';
import { CommandLine, EXAMPLE_FOLDER } from './a-command-line.ts';

const LEFT_OUT =
  'Remark: left out of local, whose world serves leases of postgres and openai alone: documents (aws-session).';

const documents = awsSessionLease({
  owner: 'retrieval-team',
  role: {
    staging: 'arn:aws:iam::111111111111:role/documents-reader',
    production: 'arn:aws:iam::222222222222:role/documents-reader',
  },
  allow: [{ actions: ['s3:GetObject'], resources: ['arn:aws:s3:::documents/*'] }],
  purposes: ['answer-questions', 'investigate'],
});

let line: CommandLine;
beforeEach(() => {
  line = new CommandLine();
  line.workingFolder = EXAMPLE_FOLDER;
  line.workspace = { ...example, leases: { ...example.leases, documents } };
});

it.each(['inventory check', 'policy check'])(
  '%s finds a session of AWS beside local sound, and says that it is left out there',
  { timeout: 60_000 },
  async (command) => {
    expect(await line.run(command), line.said).toBe(0);
    expect(line.output).toContain(LEFT_OUT);
    await line.run(`${command} --json`);
    expect(line.json).toMatchObject({ ok: true, leftOut: [{ name: 'documents', kind: 'aws-session' }] });
    expect(line.json['environments']).toContain('local');
  },
);

it('nothing is said of it where another environment is meant', { timeout: 60_000 }, async () => {
  expect(await line.run('policy check --stage production'), line.said).toBe(0);
  expect(line.output).not.toContain('left out');
});

it('nothing is said where nothing is left out', { timeout: 60_000 }, async () => {
  line.workspace = example;
  expect(await line.run('inventory check')).toBe(0);
  expect(line.output).not.toContain('left out');
});
