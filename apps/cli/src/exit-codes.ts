/** Owns the exit codes of the command line: a promise to scripts and pipelines. */

export const EXIT = {
  done: 0,
  /** A check found a problem: policy, audit, doctor. */
  problem: 1,
  usage: 2,
  /** Nobody has decided yet; with `--wait`: the time ran out. */
  pending: 3,
  denied: 4,
  expired: 5,
  nobodyCanApprove: 6,
  notAllowed: 7,
  /** Broker or database cannot be reached, or say "not now" (EX_UNAVAILABLE of sysexits.h). */
  unreachable: 69,
  bug: 70,
  configuration: 78,
  /** Ctrl-C or SIGTERM, as a shell reports it: 128 + SIGINT. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
