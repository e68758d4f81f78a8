import type { Check } from '../draft.ts';
import { quoted } from '../found.ts';
import { listed, meant } from '../nearest.ts';
import { problemAt } from '../problem.ts';

/** Whoever may read is a declared workload, and is named once. */
export const checkBoundWorkloads: Check = ({ credentials, names }) =>
  credentials.flatMap(({ at, boundTo = [] }) =>
    boundTo.flatMap((workload, position) => {
      const path = [...at, 'boundTo', position];
      if (!names.workloads.has(workload))
        return [
          problemAt(path, {
            found: `the workload ${quoted(workload)}, which is not declared`,
            allowed: listed(names.workloads),
            mend: meant(workload, names.workloads, 'declare the workload in workloads'),
          }),
        ];
      if (boundTo.indexOf(workload) === position) return [];
      return [
        problemAt(path, {
          found: `the workload ${quoted(workload)}, for the second time`,
          allowed: 'each workload once',
          mend: 'remove this item',
        }),
      ];
    }),
  );
