/** Measures what is deployed on the bed that LOCKSTEP_BEDS names, and writes bench/results-aws.md. `run.ts` starts it. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openStage, type DeployedStage } from '../../test/beds/deployed/open-stage.ts';
import { machine, markdown, type Table } from '../results.ts';
import { benchWorkspace } from './bench-workspace.ts';
import { costTable } from './cost.ts';
import { startCrowd } from './crowd.ts';
import { eventsTable, growthOf, unitsTable } from './growth.ts';
import { phaseTable } from './phases.ts';
import { adoptAll, goRound, goRoundFans } from './rotate.ts';

const say = (text: string): void => console.error(`bench: ${text}`);

/** Rotations of the database credential whose medians are told. The first one starts every function cold, and is not among them. */
const ROUNDS = 3;

async function tablesOf(stage: DeployedStage): Promise<readonly Table[]> {
  const names = stage.synthesized.declared.inventory.credentials.map(({ name }) => name);
  say(`adopting ${names.length} credentials`);
  await adoptAll(stage, names);
  say('a first rotation, so that every function has started once');
  await goRound(stage, 'vector-store');
  const rounds = [];
  for (let round = 1; round <= ROUNDS; round += 1) {
    say(`round ${round} of ${ROUNDS}`);
    rounds.push(await goRound(stage, 'vector-store'));
  }
  say('rotations with 1, 2, 4 and 8 dependents');
  const growth = growthOf(stage, await goRoundFans(stage));
  return [
    deployTable(stage),
    phaseTable(stage, rounds),
    unitsTable(growth),
    eventsTable(growth),
    costTable(growth),
  ];
}

function deployTable({ synthesized, times }: DeployedStage): Table {
  const seconds = (milliseconds: number): string => (milliseconds / 1000).toFixed(1);
  const { counts, milliseconds } = synthesized;
  return {
    title: 'Synthesizing and deploying',
    head: ['what', 's'],
    rows: [
      [`synthesize ${counts.synthesized} resources, with all checks`, seconds(milliseconds)],
      ['cdk bootstrap', seconds(times.bootstrap)],
      [`cdk deploy of ${counts.deployed} resources`, seconds(times.deploy)],
    ],
    notes: ['The emulator makes resources at once; CloudFormation takes minutes.'],
  };
}

const stage = await openStage(say, benchWorkspace);
const crowd = await startCrowd(stage);
try {
  const text = [
    '# What a rotation costs on AWS, counted on an emulator',
    '',
    `Measured through the deployed functions on MiniStack, on ${machine()}, on ${new Date().toISOString().slice(0, 10)}, with`,
    '`npm run bench:aws`. Calls, units and events are counted, and are the same on AWS; times are of that machine and its load.',
    '',
    ...(await tablesOf(stage)).map(markdown),
  ].join('\n');
  writeFileSync(join(import.meta.dirname, '..', 'results-aws.md'), text);
  process.stdout.write(text);
} finally {
  await crowd.close();
  await stage.close();
}
process.exit();
