/** Owns what a credential is: a place that gives subject tokens, and what a look for one is told. */
import { err, ok, type Result } from '@sallyport/core';
import { type Environment, type Secret, secret } from '@sallyport/platform';
import { EXIT } from '../exit-codes.ts';
import { isTokenText } from '../settings.ts';
import type { Surroundings } from '../surroundings.ts';
import type { Trouble } from '../trouble.ts';

export interface Credential {
  /** How people are told which one it is: `GitHub Actions`. */
  readonly source: string;
  /** A token of it, asked for or read anew each time: what it gives may rotate. */
  token(): Promise<Result<Secret<string>, Trouble>>;
}

/** What was said on the command line about it; at most one of the three. */
export interface SaidCredential {
  /** The token itself, or `-`: it comes on stdin. */
  readonly subjectToken?: string | undefined;
  readonly subjectTokenFile?: string | undefined;
  /** The name of an environment variable. */
  readonly subjectTokenEnv?: string | undefined;
}

export interface Look extends Pick<Surroundings, 'env' | 'root' | 'stdin' | 'sleep'> {
  readonly said: SaidCredential;
  /** The audience to ask for, where a source makes tokens on demand. */
  readonly audience: string;
  /** Gives up what is under way. */
  readonly signal: AbortSignal;
}

/** One place to look. Undefined: nothing here, look on. Trouble: this is the place, and it cannot be used. */
export type Place = (look: Look) => Promise<Result<Credential, Trouble> | undefined>;

/** A text as a token, without white space around it. @param where how the place is called if it is none; never its content */
export function tokenIn(text: string, where: string): Result<Secret<string>, Trouble> {
  const token = text.trim();
  return isTokenText(token)
    ? ok(secret(token))
    : err(unusable(`${where} holds no token: one line of visible characters`));
}

/** A credential that cannot be used as it is configured. */
export function unusable(message: string, next?: string): Trouble {
  return { exit: EXIT.configuration, code: 'credential_unusable', message, ...(next === undefined ? {} : { next }) };
}

/** Whether a variable is set to something. */
export function isSet(env: Environment, name: string): boolean {
  return env[name] !== undefined && env[name] !== '';
}
