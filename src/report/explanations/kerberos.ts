// Pages about logging on with Kerberos. Source: wsman.md section 4 (headers, service names, what goes wrong in the field).
import { act, here, server, type Page } from './page.ts';

const tickets = here('see the tickets of this user', 'klist');
const login = here('get a ticket (on Windows: log on with an account of the domain)', 'kinit USER@CORP.EXAMPLE');
const config = here('see which realms and KDCs this machine knows', 'cat /etc/krb5.conf');
const ntlm = act('or log on with auth: ntlm');

export const kerberosPages = {
  'auth/kerberos-library': {
    meaning: 'Kerberos needs a library of the system, and it could not be loaded.',
    causes: [
      'the library is not installed on this machine, or the optional package koffi is not',
      'it is built for another processor or another C library',
      'this system has none that is used: Kerberos runs on Linux, on Windows, and on Macs with Apple silicon and MIT Kerberos',
    ],
    cures: [
      here('install it on Debian or Ubuntu', 'sudo apt-get install libgssapi-krb5-2 krb5-user'),
      here('install it on Red Hat and its kin', 'sudo dnf install krb5-libs krb5-workstation'),
      here('install it on a Mac', 'brew install krb5'),
      ntlm,
    ],
    see: ['auth/unsupported'],
  },
  'auth/kerberos-ticket': {
    meaning: 'There is no valid ticket, and none could be had with the password.',
    causes: [
      'the ticket has expired',
      'the password is wrong or has been changed',
      'another ticket cache is in use (KRB5CCNAME)',
      'the keytab has no key of the account, or of the service',
    ],
    cures: [tickets, login, here('see where the password of a host is looked for', 'fencepost inventory --host HOST')],
    see: ['auth/refused', 'secret/missing'],
  },
  'auth/kerberos-clock': {
    meaning:
      'The clocks of this machine and of the domain differ by more than Kerberos allows, five minutes by default.',
    causes: ['the clock of this machine is not kept by NTP', 'the clock of the server or of the KDC is wrong'],
    cures: [
      here('look at the clock of this machine', 'timedatectl'),
      server('look at the clock of the server', 'w32tm /query /status'),
      server('set it by its domain', 'w32tm /resync'),
    ],
    see: ['auth/kerberos-ticket'],
  },
  'auth/kerberos-service': {
    meaning:
      'The domain knows no service of the name that was asked for (HTTP/HOST), or the server can not read the ticket.',
    causes: [
      'the host is reached by its address or an alias instead of its full name',
      'the service name is registered for another account, or twice',
      'a load balancer sends the request to another server',
    ],
    cures: [
      here('ask for the ticket yourself', 'kvno HTTP/HOST'),
      server('see who bears the service name', 'setspn -Q HTTP/HOST'),
      server('find service names that are there twice', 'setspn -X'),
    ],
    see: ['connect/name', 'auth/kerberos-realm'],
  },
  'auth/kerberos-realm': {
    meaning: 'The realm of the account or of the server is not known, or its spelling is wrong.',
    causes: [
      'the realm is not written in capitals: user@CORP.EXAMPLE',
      'the servers are in another domain, without trust',
    ],
    cures: [config, login, tickets],
    see: ['auth/kerberos-kdc', 'auth/kerberos-service'],
  },
  'auth/kerberos-kdc': {
    meaning: 'No KDC (domain controller) of the realm could be reached.',
    causes: ['DNS of this machine does not know the domain', 'a firewall keeps port 88 from this machine'],
    cures: [
      here('ask DNS for the KDCs', 'dig +short SRV _kerberos._tcp.CORP.EXAMPLE'),
      here('try the port', 'nc -vz KDC 88'),
      config,
    ],
    see: ['auth/kerberos-realm', 'connect/name'],
  },
  'auth/kerberos-failed': {
    meaning: 'Kerberos failed for a reason that has no page of its own; the message has the words of the library.',
    causes: ['the account may not log on to this server', 'the encryption type is not allowed by the domain'],
    cures: [
      here('see each step of the library', 'KRB5_TRACE=/dev/stderr fencepost collect --limit HOST'),
      tickets,
      ntlm,
    ],
    see: ['auth/kerberos-ticket', 'auth/kerberos-service'],
  },
} as const satisfies Readonly<Record<string, Page>>;
