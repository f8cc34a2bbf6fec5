/** What a competitor is told: by a file, so that no secret stands on a command line. */
import { readFileSync } from 'node:fs';
import type { JWK } from 'jose';

export interface CompetitorSettings {
  readonly port: number;
  readonly databaseUrl: string;
  /** As many as the broker has. */
  readonly connectionsMax: number;
  /** Its own issuer identifier. */
  readonly issuer: string;
  /** Whose subject tokens it takes, and with which key. */
  readonly subjectIssuer: string;
  readonly subjectAudience: string;
  readonly subjectKey: JWK;
  /** Signs its tokens: ES256. */
  readonly signingKey: JWK;
  readonly audience: string;
  readonly scope: string;
  readonly clientId: string;
  readonly resourceClientId: string;
  readonly resourceClientSecret: string;
}

/** The settings in the file named by the command line. */
export function competitorSettings(): CompetitorSettings {
  const [, , file = ''] = process.argv;
  return JSON.parse(readFileSync(file, 'utf8')) as CompetitorSettings;
}
