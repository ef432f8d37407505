/** Alerts to a syslog receiver: RFC 5424 over UDP (RFC 5426), TCP with octet counting (RFC 6587) or TLS (RFC 5425). */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type Socket, connect as connectTcp, isIP } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';
import type { AlertChannel } from '../../../contract/alert.ts';
import type { SyslogConfig } from './config.ts';
import { reasonOf } from './post.ts';
import { syslogMessage } from './syslog-message.ts';

/** RFC 5426, section 3.2: so much every receiver should take. */
const MOST_DATAGRAM_BYTES = 2048;
/** RFC 5425, section 4.3.1: so much every receiver should take. */
const MOST_FRAME_BYTES = 8192;
/** Within which a host that has no receiver says so (ICMP port unreachable). */
const UNREACHABLE_MS = 100;

export function createSyslog(config: SyslogConfig): AlertChannel {
  const { name, host, port, transport, facility, enterpriseNumber, timeoutMs } = config;
  const mostBytes = transport === 'udp' ? MOST_DATAGRAM_BYTES : MOST_FRAME_BYTES;
  return {
    name,
    async send(notices, signal) {
      const messages = notices.map((notice) => syslogMessage(notice, { facility, enterpriseNumber, mostBytes }));
      const timed = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
      try {
        await (transport === 'udp' ? sendDatagrams(messages, config, timed) : sendStream(messages, config, timed));
      } catch (error) {
        const why = signal.aborted ? 'broken off' : timed.aborted ? `${reasonOf(error)} within ${timeoutMs} ms` : reasonOf(error);
        throw new Error(`syslog ${transport} ${host}:${port}: ${why}`, { cause: error });
      }
    },
    close: () => Promise.resolve(),
  };
}

/** Nothing is acknowledged: all that is known is that the host has not refused them. */
async function sendDatagrams(messages: readonly Buffer[], { host, port }: SyslogConfig, signal: AbortSignal): Promise<void> {
  const socket = createSocket(isIP(host) === 6 ? 'udp6' : 'udp4');
  const failed = Promise.withResolvers<never>();
  failed.promise.catch(() => undefined);
  socket.on('error', failed.reject);
  signal.addEventListener('abort', () => { failed.reject(new Error('not sent')); }, { once: true });
  try {
    socket.connect(port, host);
    await Promise.race([once(socket, 'connect'), failed.promise]);
    for (const message of messages) {
      await Promise.race([new Promise<void>((resolve, reject) => { socket.send(message, (error) => { if (error === null) resolve(); else reject(error); }); }), failed.promise]);
    }
    await Promise.race([sleep(UNREACHABLE_MS), failed.promise]);
  } finally {
    socket.close();
  }
}

/**
 * A connection for each sending: the receiver closes its end when it has read ours to the end, which is all the
 * acknowledgement that syslog has (a kernel would take the bytes of a frozen daemon too).
 */
async function sendStream(messages: readonly Buffer[], config: SyslogConfig, signal: AbortSignal): Promise<void> {
  const socket = await open(config, signal);
  const closed = new Promise<void>((resolve, reject) => {
    socket.once('error', reject).once('close', (hadError) => { if (!hadError) resolve(); });
  });
  closed.catch(() => undefined);
  try {
    // RFC 6587, section 3.4.1: length in bytes, a space, the message.
    socket.resume().end(Buffer.concat(messages.flatMap((message) => [Buffer.from(`${message.length} `), message])));
    await Promise.race([closed, aborted(signal, 'the receiver does not read: it has not closed its end')]);
  } finally {
    socket.destroy();
  }
}

async function open({ host, port, transport, caFile }: SyslogConfig, signal: AbortSignal): Promise<Socket> {
  const isTls = transport === 'tls';
  const name = isIP(host) === 0 ? { servername: host } : {};
  const socket = isTls ? connectTls({ host, port, ...name, ...(caFile === undefined ? {} : { ca: readFileSync(caFile) }) }) : connectTcp({ host, port });
  try {
    await once(socket, isTls ? 'secureConnect' : 'connect', { signal });
    return socket;
  } catch (error) {
    socket.on('error', () => undefined).destroy();
    throw signal.aborted ? new Error('no connection', { cause: error }) : error;
  }
}

function aborted(signal: AbortSignal, why: string): Promise<never> {
  return new Promise((_, reject) => {
    const give = (): void => { reject(new Error(why)); };
    if (signal.aborted) give();
    else signal.addEventListener('abort', give, { once: true });
  });
}
