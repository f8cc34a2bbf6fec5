/** Owns listening on a port, and the clear message when that cannot be. */
import type { AddressInfo, Server } from 'node:net';
import { ConfigProblems } from './config-problems.ts';
import { errorCode } from './thrown.ts';

export interface ListenOptions {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  /** The variable that chooses the port, for the message. */
  readonly setting?: string;
}

/**
 * Starts listening.
 * @returns the port listened on
 * @throws ConfigProblems when the port is taken, forbidden, or the host is not of this machine
 */
export function listen(server: Server, options: ListenOptions): Promise<number> {
  return new Promise((resolve, reject) => {
    const failed = (thrown: Error) => reject(explainListenError(thrown, options));
    server.once('error', failed);
    server.listen({ host: options.host, port: options.port }, () => {
      server.off('error', failed);
      resolve((server.address() as AddressInfo).port);
    });
  });
}

/** Turns what `listen` of any server threw into ConfigProblems, where it is one; gives everything else back. */
export function explainListenError(thrown: unknown, options: ListenOptions): unknown {
  const code = errorCode(thrown);
  const problem = code === undefined ? undefined : listenProblem(code, options);
  return problem === undefined ? thrown : new ConfigProblems([problem]);
}

function listenProblem(
  code: string,
  { host, port, setting }: ListenOptions,
): { name: string; problem: string } | undefined {
  const name = setting ?? 'listen';
  const another = setting === undefined ? 'choose another' : `set ${setting} to another`;
  switch (code) {
    case 'EADDRINUSE':
      return { name, problem: `port ${port} is taken; stop what uses it or ${another}` };
    case 'EACCES':
      return { name, problem: `port ${port} needs rights this user does not have; ${another} (1024 or above)` };
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return {
        name: 'SALLYPORT_HOST',
        problem: `this machine has no address ${host}; set SALLYPORT_HOST to one it has`,
      };
    default:
      return undefined;
  }
}
