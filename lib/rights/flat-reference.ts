/**
 * A resource as cdk-nag names it in its findings: `<Table.Arn>/stream/*`. An acknowledgement has to repeat that name
 * to the letter, and covers nothing else.
 *
 * @param resolved what `Stack.resolve` made of a resource
 */
export function flatReference(resolved: unknown): string {
  if (typeof resolved === 'string') return resolved;
  if (isRecord(resolved)) {
    const { 'Fn::Join': join, 'Fn::GetAtt': attribute, Ref: ref } = resolved;
    if (Array.isArray(join)) return (join[1] as readonly unknown[]).map(flatReference).join(String(join[0]));
    if (Array.isArray(attribute)) return `<${attribute.map(flatReference).join('.')}>`;
    if (typeof ref === 'string') return `<${ref}>`;
  }
  return JSON.stringify(resolved);
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;
