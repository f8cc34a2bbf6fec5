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
import { environmentFinding, type Settings, usableSettings } from '../doctor/settings.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { flag } from '../fields.ts';
import { plain } from '../output.ts';
import { issuerOf } from '../settings.ts';

const NAME_WIDTH = 13;

/** Adds the command. */
export function doctorCommand(parent: Command, run: Run): void {
  define(parent, run, {
    usage: 'doctor',
    summary: 'say what is wrong with a running product, and what to do',
    description:
      'Looks at the settings, the policy, the signing keys, Postgres, Redis and the three programs. Changes nothing. ' +
      'Exit code 1 if something is wrong.',
    examples: ['sallyport doctor'],
    given: z.object({ json: flag }),
    act: (_, shell) => examine(shell),
  });
}

async function examine({ env, out, clock }: Shell): Promise<ExitCode> {
  const findings = await Promise.all([environmentFinding(env), ...looks(usableSettings(env), instant(clock()))]);
  const bad = findings.filter((finding) => finding.state === 'wrong');
  const mark = { ok: out.good('ok     '), wrong: out.bad('wrong  '), skipped: out.dim('skipped') };
  out.result({ ok: bad.length === 0, findings }, [
    ...findings.map(({ name, state, said, next }) => {
      const line = `${mark[state]}  ${name.padEnd(NAME_WIDTH)}  ${plain(said)}`;
      return next === undefined ? line : `${line}  ${out.bold(`→ ${plain(next)}`)}`;
    }),
    bad.length === 0 ? 'nothing is wrong' : `${bad.length} of ${findings.length} need attention`,
  ]);
  return bad.length === 0 ? EXIT.done : EXIT.problem;
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
