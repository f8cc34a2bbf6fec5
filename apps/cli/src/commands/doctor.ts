/** `sallyport doctor`: looks at everything a running product needs, and says for each what to do next. */
import { type Instant, instant } from '@sallyport/core';
import type { Command } from 'commander';
import { z } from 'zod';
import { define, type Run, type Shell } from '../define.ts';
import { keysFinding, policyFinding } from '../doctor/files.ts';
import { type Finding, skipped, wrong } from '../doctor/finding.ts';
import { postgresFinding } from '../doctor/postgres.ts';
import { jwksFinding, programFinding } from '../doctor/programs.ts';
import { redisFinding } from '../doctor/redis.ts';
import { report } from '../doctor/report.ts';
import { environmentFinding, type Settings, usableSettings } from '../doctor/settings.ts';
import { slackFindings } from '../doctor/slack.ts';
import { slackSettings } from '../doctor/slack-settings.ts';
import type { ExitCode } from '../exit-codes.ts';
import { flag } from '../fields.ts';
import { issuerOf } from '../settings.ts';

/** Adds the command. */
export function doctorCommand(parent: Command, run: Run): void {
  define(parent, run, {
    usage: 'doctor [part]',
    summary: 'say what is wrong with a running product, and what to do',
    description:
      'Looks at the settings, the policy, the signing keys, Postgres, Redis and the three programs. Changes nothing. ' +
      'Exit code 1 if something is wrong. `doctor slack` looks closer at Slack: token, team and scopes, how Slack ' +
      'reaches us, and the channels of the policy.',
    examples: ['sallyport doctor', 'sallyport doctor slack'],
    given: z.object({ part: z.enum(['slack'], { error: 'must be slack, or nothing' }).optional(), json: flag }),
    act: ({ part }, shell) => (part === 'slack' ? examineSlack(shell) : examine(shell)),
  });
}

async function examine({ env, out, clock }: Shell): Promise<ExitCode> {
  const findings = await Promise.all([environmentFinding(env), ...looks(usableSettings(env), instant(clock()))]);
  return report(findings, out);
}

async function examineSlack({ env, out, sleep }: Shell): Promise<ExitCode> {
  return report(await slackFindings(slackSettings(env), sleep), out);
}

function looks(settings: Settings, now: Instant): readonly (Finding | Promise<Finding>)[] {
  const {
    SALLYPORT_POLICY: policy,
    SALLYPORT_SIGNING_KEYS: keys,
    SALLYPORT_KEY_ENCRYPTION_KEY: encryptionKey,
    DATABASE_URL: database,
    REDIS_URL: redis,
    SALLYPORT_HOST: host = '127.0.0.1',
    SALLYPORT_BROKER_PORT: brokerPort = 8080,
  } = settings;
  const allowHttp = settings.SALLYPORT_ALLOW_HTTP_ISSUERS ?? settings.SALLYPORT_ENV === 'development';
  return [
    policy === undefined ? skipped('policy', 'SALLYPORT_POLICY is not set here') : policyFinding(policy, allowHttp),
    keys === undefined
      ? skipped('signing keys', 'SALLYPORT_SIGNING_KEYS is not set here')
      : keysFinding({ path: keys, encryptionKey, now }),
    database === undefined
      ? wrong('postgres', 'DATABASE_URL is not set', 'Set it, or run npm start, which brings a Postgres along.')
      : postgresFinding(database.reveal(), settings.SALLYPORT_AUDIT_KEY?.reveal()),
    redis === undefined ? skipped('redis', 'REDIS_URL is not set here') : redisFinding(redis.reveal()),
    programFinding('broker', host, brokerPort),
    jwksFinding(issuerOf(settings)),
    programFinding('slack', host, settings.SALLYPORT_SLACK_PORT ?? 8081),
    programFinding('worker', host, settings.SALLYPORT_WORKER_PORT ?? 8082),
  ];
}
