// Pages about logging on with Kerberos. Source: wsman.md section 4 (headers, service names, what goes wrong in the field).
import { act, here, server, type Page } from './page.ts';

const tickets = here('list the tickets of this user', 'klist');
const login = here('get a ticket (on Windows: log on with an account of the domain)', 'kinit USER@CORP.EXAMPLE');
const config = here('see the realms and KDCs of this machine', 'cat /etc/krb5.conf');
const ntlm = act('or use auth: ntlm');

export const kerberosPages = {
  'auth/kerberos-library': {
    meaning: 'The Kerberos library of the system could not be loaded.',
    causes: [
      'the library is not installed on this machine, or the optional package koffi is not',
      'it is built for another processor or C library',
      'this system is not supported: Kerberos works on Linux, on Windows, and on Macs with Apple silicon and MIT Kerberos',
    ],
    cures: [
      here('install it on Debian or Ubuntu', 'sudo apt-get install libgssapi-krb5-2 krb5-user'),
      here('install it on Red Hat and similar systems', 'sudo dnf install krb5-libs krb5-workstation'),
      here('install it on a Mac', 'brew install krb5'),
      ntlm,
    ],
    see: ['auth/unsupported'],
  },
  'auth/kerberos-ticket': {
    meaning: 'There is no valid ticket, and the password did not get one.',
    causes: [
      'the ticket has expired',
      'the password is wrong or has been changed',
      'another ticket cache is in use (KRB5CCNAME)',
      'the keytab has no key of the account, or of the service',
    ],
    cures: [tickets, login, here('see the password source of a host', 'fencepost inventory --host HOST')],
    see: ['auth/refused', 'secret/missing'],
  },
  'auth/kerberos-clock': {
    meaning:
      'The clocks of this machine and of the domain differ by more than Kerberos allows, five minutes by default.',
    causes: ['the clock of this machine is not synchronized by NTP', 'the clock of the server or of the KDC is wrong'],
    cures: [
      here('check the clock of this machine', 'timedatectl'),
      server('check the clock of the server', 'w32tm /query /status'),
      server('synchronize it with the domain', 'w32tm /resync'),
    ],
    see: ['auth/kerberos-ticket'],
  },
  'auth/kerberos-service': {
    meaning: 'The domain has no service with the requested name (HTTP/HOST), or the server cannot read the ticket.',
    causes: [
      'the host is reached by its address or an alias instead of its full name',
      'the service name is registered for another account, or twice',
      'a load balancer sends the request to another server',
    ],
    cures: [
      here('request the ticket yourself', 'kvno HTTP/HOST'),
      server('see which account has the service name', 'setspn -Q HTTP/HOST'),
      server('find duplicate service names', 'setspn -X'),
    ],
    see: ['connect/name', 'auth/kerberos-realm'],
  },
  'auth/kerberos-realm': {
    meaning: 'The realm of the account or of the server is unknown or misspelt.',
    causes: ['the realm is not in capitals: user@CORP.EXAMPLE', 'the servers are in another domain without a trust'],
    cures: [config, login, tickets],
    see: ['auth/kerberos-kdc', 'auth/kerberos-service'],
  },
  'auth/kerberos-kdc': {
    meaning: 'No KDC (domain controller) of the realm could be reached.',
    causes: ['the DNS server of this machine does not know the domain', 'a firewall blocks port 88'],
    cures: [
      here('ask DNS for the KDCs', 'dig +short SRV _kerberos._tcp.CORP.EXAMPLE'),
      here('try the port', 'nc -vz KDC 88'),
      config,
    ],
    see: ['auth/kerberos-realm', 'connect/name'],
  },
  'auth/kerberos-failed': {
    meaning: 'Kerberos failed for another reason; the message has the text of the library.',
    causes: ['the account may not log on to this server', 'the encryption type is not allowed by the domain'],
    cures: [
      here('see each step of the library', 'KRB5_TRACE=/dev/stderr fencepost collect --limit HOST'),
      tickets,
      ntlm,
    ],
    see: ['auth/kerberos-ticket', 'auth/kerberos-service'],
  },
} as const satisfies Readonly<Record<string, Page>>;
