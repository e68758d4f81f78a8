import type { PhysicalIds } from '../../template/synthesized-environment.ts';
import { BED_REGION } from '../launch/ministack.ts';

/** What the resources of these stacks are called, as CloudFormation tells. */
export async function physicalIds(url: string, stacks: readonly string[]): Promise<PhysicalIds> {
  const found = await Promise.all(stacks.map((stack) => resourcesOf(url, stack)));
  return new Map(found.flat());
}

async function resourcesOf(url: string, stack: string): Promise<readonly (readonly [string, string])[]> {
  const day = new Date().toISOString().slice(0, 10).replaceAll('-', '');
  const answer = await fetch(url, {
    method: 'POST',
    headers: {
      authorization: `AWS4-HMAC-SHA256 Credential=test/${day}/${BED_REGION}/cloudformation/aws4_request, SignedHeaders=host, Signature=0`,
    },
    body: new URLSearchParams({ Action: 'DescribeStackResources', Version: '2010-05-15', StackName: stack }),
  });
  const xml = await answer.text();
  if (!answer.ok)
    throw new Error(`the resources of ${stack} were not told (${answer.status}): ${xml.slice(0, 300)}`);
  return [...xml.matchAll(/<member>([\s\S]*?)<\/member>/g)].flatMap(([, member = '']) => {
    const [logical, physical] = ['LogicalResourceId', 'PhysicalResourceId'].map(
      (name) => new RegExp(`<${name}>([^<]*)</${name}>`).exec(member)?.[1],
    );
    return logical === undefined || physical === undefined
      ? []
      : [[`${stack}/${logical}`, physical] as const];
  });
}
