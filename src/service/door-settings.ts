import { hostname as machineName } from 'node:os';
import { peerMatcher } from '../account/cidr.js';
import type { Config } from '../config/schema.js';
import type { ListenerSettings, SmtpSettings } from '../door/smtp/settings.js';

type Listen = Config['listen'][number];

export function smtpSettings({ smtp, relay, hostname }: Config): SmtpSettings {
  return {
    hostname: hostname ?? machineName(),
    maxMessageSize: smtp.maxMessageSize,
    inspectWindow: smtp.inspectWindow,
    bareNewline: smtp.bareNewline,
    longLines: smtp.longLines,
    received: smtp.received,
    maxErrors: smtp.maxErrors,
    commandTimeoutMs: smtp.timeouts.command,
    dataTimeoutMs: smtp.timeouts.data,
    envelope: relay.envelope,
  };
}

export function listenerSettings(listen: Listen): ListenerSettings {
  const { certificate, clientCertificates, proxyProtocol, xclient } = listen;
  return {
    name: listen.name,
    address: listen.address,
    tls: listen.tls,
    certificate: certificate ?? null,
    clientCertificates: clientCertificates ?? null,
    auth: listen.auth,
    authInClear: listen.authInClear,
    greetingDelayMs: listen.greetingDelay,
    isProxy: peerMatcher(proxyProtocol?.trusted ?? []),
    isXclientPeer: peerMatcher(xclient?.trusted ?? []),
    maxSessions: listen.maxSessions,
  };
}
