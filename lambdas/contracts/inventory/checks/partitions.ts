import type { Check } from '../draft.ts';
import { problemAt } from '../problem.ts';

/** Regions of the other partitions: their ARNs and services differ from what the stacks are written for. */
const OTHER_PARTITION = /^(?:cn|us-gov|us-iso[a-z]*|eu-isoe)-|^eusc-/;

/** The environment lies in the partition `aws`. */
export const checkPartitions: Check = ({ environment, region }) =>
  region === undefined || !OTHER_PARTITION.test(region)
    ? []
    : [
        problemAt(['environments', environment, 'region'], {
          found: `${region}: regions outside the partition aws are not supported yet`,
          allowed: 'a region of the partition aws',
          mend: 'name a region such as eu-central-1',
        }),
      ];
