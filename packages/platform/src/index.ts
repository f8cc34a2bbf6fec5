/** Owns the face of the package: configuration, secrets, log, metrics, life and health of a program. */
export {
  type ConfigProblem,
  ConfigProblems,
  EXIT_CONFIG,
  type ExitDoor,
  exitWithProblems,
  loadOrExit,
} from './config-problems.ts';
export { equalBytes, randomToken, secureBytes, sha256Hex } from './crypto.ts';
export { DeadlinePassed, withDeadline } from './deadline.ts';
export { type Environment, type ParseEnvOptions, parseEnv } from './env.ts';
export {
  auditKey,
  boolean01,
  databaseUrl,
  host,
  int,
  keyEncryptionKey,
  type LogLevel,
  list,
  logLevel,
  logLevels,
  port,
  redisUrl,
  sallyportEnv,
  secretText,
  secretUrl,
  url,
} from './env-fragments.ts';
export { sallyportNames } from './env-names.ts';
export { closeServer, createHttpServer, httpLimits, securityHeaders, setSecurityHeaders } from './http-server.ts';
export { createLifecycle, EXIT_BUG, type HostProcess, type Lifecycle, type Part } from './lifecycle.ts';
export { explainListenError, type ListenOptions, listen } from './listen.ts';
export type { LogFields } from './log-fields.ts';
export { createLogger, type LogContext, type Logger, type LoggerOptions } from './logger.ts';
export { createMetrics, type Metrics, type MetricsOptions } from './metrics.ts';
export {
  type OpsOptions,
  type OpsRoutes,
  type OpsServer,
  type OpsServerOptions,
  opsRoutes,
  type Readiness,
  type ReadinessCheck,
  startOpsServer,
} from './ops-server.ts';
export { makeRecent, type Recent } from './recent.ts';
export { Secret, secret } from './secret.ts';
export {
  type ScopeDifference,
  SLACK_API_URL,
  SLACK_BOT_SCOPES,
  SLACK_EVENTS_PATH,
  slackScopeDifference,
} from './slack-app.ts';
export { errorCode, isError } from './thrown.ts';
export { printableJson, visibleText } from './visible-text.ts';
