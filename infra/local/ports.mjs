/** Ports: whether those we are told to use are free, and finding one nobody uses. */
import { connect, createServer } from 'node:net';
import { EXIT, Stop } from './stop.mjs';

const CONNECT_MS = 300;

/** Why a server could not listen there: an errno code, or undefined when it can. */
function cannotListen(port, host) {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error) => resolve(error.code ?? 'EADDRINUSE'));
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(undefined)));
  });
}

/** Whether somebody answers there; catches listeners on a wildcard address that do not stop us from listening. */
function answers(port, host) {
  return new Promise((resolve) => {
    const socket = connect({ port, host });
    const done = (yes) => {
      socket.destroy();
      resolve(yes);
    };
    socket.setTimeout(CONNECT_MS, () => done(false));
    socket.once('connect', () => done(true));
    socket.once('error', () => done(false));
  });
}

async function problemWith({ port, variable, program }, host) {
  const code = await cannotListen(port, host);
  if (code === 'EACCES')
    return `${program} may not use port ${port} (too low for an ordinary user). Choose another with ${variable}.`;
  if (code === 'EADDRNOTAVAIL') return `SALLYPORT_HOST: this machine has no address ${host}.`;
  const taken = code !== undefined || (await answers(port, '127.0.0.1')) || (await answers(port, '::1'));
  if (!taken) return undefined;
  return `Port ${port}, for the ${program}, is taken by another program. End that one, or choose another port: ${variable}=${port + 1000 > 65_535 ? port - 1000 : port + 1000} npm start`;
}

/** Stops with one message that names every taken port and the variable to set. */
export async function requireFreePorts(wanted, host) {
  const problems = await Promise.all(wanted.map((one) => problemWith(one, host)));
  const found = [...new Set(problems.filter((problem) => problem !== undefined))];
  if (found.length > 0) throw new Stop(found.join('\n'), EXIT.configuration);
}

/** A loopback port nobody uses; `preferred` if that one is free. */
export async function freePort(preferred) {
  if (preferred !== undefined && (await cannotListen(preferred, '127.0.0.1')) === undefined) return preferred;
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen({ port: 0, host: '127.0.0.1' }, () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
