import { canonicalJson, sha256Hex } from '../core/digest.ts';
import { fit, mapOf, parseJson, record, text, textUpTo } from '../contracts/check.ts';

/** One policy: its text, and the file that it stands in. */
export interface PolicyText {
  readonly file: string;
  readonly text: string;
}

/** The policies of a workspace, by their ids, with the schema that they were written for: what goes into a function's bundle. */
export interface PolicyBundle {
  readonly schema: string;
  readonly policies: Readonly<Record<string, PolicyText>>;
}

/** The name of the file that synthesis puts beside the broker. */
export const POLICY_FILE = 'policies.json';

/** No policy and no schema is longer, in characters. */
const LONGEST = 262_144;

const bundle = record<PolicyBundle>({
  schema: textUpTo(LONGEST),
  policies: mapOf(record<PolicyText>({ file: text, text: textUpTo(LONGEST) })),
});

/** The bundle as it lies beside a function. Throws `POLICY_INVALID`. */
export const parsePolicyBundle = (json: string): PolicyBundle =>
  fit(bundle, parseJson(json, 'POLICY_INVALID', POLICY_FILE), 'POLICY_INVALID', POLICY_FILE);

/** The text of a bundle: equal bundles have equal texts. */
export const serializePolicyBundle = (policies: PolicyBundle): string => canonicalJson(policies);

/** What the audit tells one text of all policies from another by. */
export const policiesDigest = (policies: PolicyBundle): string => sha256Hex(serializePolicyBundle(policies));
