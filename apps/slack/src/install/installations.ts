/** Owns what installing needs of the outside: where installations are kept, what seals their tokens, what happens only once. */
import type { Attribution, Instant, OnceKey } from '@sallyport/core';
import type { KeyWrapping, SealedBox } from '@sallyport/tokens/seal';

export interface Installation {
  readonly team: string;
  /** Rises with every installation in this team. */
  readonly version: number;
  readonly botUserId: string;
  /** The bot token, encrypted and bound to the team. */
  readonly sealedToken: string;
}

export interface NewInstallation extends Omit<Installation, 'version'> {
  readonly appId: string;
  /** The Slack account that installed it. */
  readonly installedBy: string;
}

export type RemovedWhy = 'app_uninstalled' | 'tokens_revoked';

export interface Installations {
  /** Those that have not ended. */
  live(): Promise<readonly Installation[]>;
  /** Takes the place of whatever there was for the team. @returns its version */
  put(made: NewInstallation, by: Attribution): Promise<number>;
  /** Ends this version and forgets its token. False: it had ended, or a later one took its place. */
  end(ended: Pick<Installation, 'team' | 'version'>, why: RemovedWhy, by: Attribution): Promise<boolean>;
}

export interface Installing {
  readonly installations: Installations;
  /** Under SALLYPORT_KEY_ENCRYPTION_KEY. */
  readonly wrapping: KeyWrapping;
  /** Seals what a browser keeps while somebody is at Slack. */
  readonly box: SealedBox;
  /** Whether this is the first time. */
  readonly first: (once: OnceKey) => Promise<boolean>;
  readonly now: () => Instant;
}
