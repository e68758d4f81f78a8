/** What people of AWS IAM Identity Center are known by. */
export const IDENTITY_CENTER = {
  /** In the ARN of its roles: only AWS makes them, and names their sessions after the person who signed in. */
  roles: ':role/aws-reserved/sso.amazonaws.com/',
  /** The directory that its people are named in. */
  people: 'identity-center',
} as const;
