import { sha256 } from '@noble/hashes/sha2.js';
import { utf8ToBytes } from '@noble/hashes/utils.js';
import { areLetters, lettersOf } from './base32.ts';

/**
 * By what a deployment is known at targets that others use as well: 40 bits. A thousand deployments at one target have two
 * alike once in two million times; a longer one would leave less of MySQL's 32 characters to the rest of a lease's id.
 */
export const MARK_LENGTH = 8;

/**
 * The mark of a deployment: eight letters of Crockford's base 32, lower case. Names at targets carry it, so that whoever
 * lists there finds its own and touches nobody else's. Never secret.
 *
 * It follows from what the deployment is, and from nothing that it keeps: with every store lost it is still the same.
 *
 * @param identity what no other deployment has: on AWS account, region and environment
 */
export const deploymentMark = (...identity: readonly string[]): string =>
  // As JSON: no part of it can be taken for the end of another.
  lettersOf(
    sha256(utf8ToBytes(JSON.stringify(['lockstep deployment', ...identity]))).subarray(0, MARK_LENGTH),
  );

/** Whether a text can be the mark of a deployment. */
export const isDeploymentMark = (text: string): boolean => areLetters(text, MARK_LENGTH);
