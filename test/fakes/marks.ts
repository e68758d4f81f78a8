/** The mark of the deployment that a test is about, and of another one at the same targets. */
export const MARK = '5hm4rk0a';
export const OTHER_MARK = '5hm4rk0b';
