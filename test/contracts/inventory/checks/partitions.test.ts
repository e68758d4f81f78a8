import { expect, it } from 'vitest';
import { problemsWith } from '../a-workspace.ts';

it.each(['cn-north-1', 'us-gov-west-1', 'us-iso-east-1', 'us-isob-east-1', 'eusc-de-east-1'])(
  'refuses %s by name',
  (region) => {
    expect(problemsWith({ 'environments.staging.region': region })).toMatchObject([
      {
        path: 'environments.staging.region',
        found: `${region}: regions outside the partition aws are not supported yet`,
      },
    ]);
  },
);

it.each(['eu-central-1', 'us-east-1', 'ap-southeast-7', 'mx-central-1'])('takes %s', (region) => {
  expect(problemsWith({ 'environments.staging.region': region })).toEqual([]);
});
