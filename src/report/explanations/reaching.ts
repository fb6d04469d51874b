// Pages about the way to a host: name, TCP, TLS, logon. Causes: wsman.md sections 2.13 and 6, and Node's and OpenSSL's error names.
import { act, here, server, type Page } from './page.ts';

const doctor = here('see how far one gets', 'fencepost doctor --limit HOST');
const listeners = server('see what WinRM listens on', 'winrm enumerate winrm/config/listener');
const showCertificate = here(
  'look at the certificate',
  'openssl s_client -connect HOST:5986 -servername HOST </dev/null | openssl x509 -noout -subject -issuer -dates -ext subjectAltName',
);
const showAuth = server('see which ways to log on are on', 'winrm get winrm/config/service/auth');

export const reachingPages = {
  'connect/name': {
    meaning: 'The name of the host could not be turned into an address on this machine.',
    causes: [
      'the name is misspelt, or a range in the inventory makes a name that no server has',
      'this machine asks a DNS server that does not know the domain of the servers',
      'a short name is used where the search domain is missing',
    ],
    cures: [
      here('ask the resolver of this machine', 'getent hosts HOST'),
      here('on a Windows jump host', 'Resolve-DnsName HOST'),
      act('write the full name, or an address: winrm: { address: 192.0.2.12 }'),
    ],
    see: ['connect/refused', 'tls/wrong-name'],
  },
  'connect/refused': {
    meaning: 'The host, or something before it, said at once that nothing is to be had on this port.',
    causes: [
      'WinRM does not run or has no listener on this port',
      'the port in the inventory is wrong: 5985 is http, 5986 is https',
      'a firewall rejects the connection',
    ],
    cures: [
      here('try the port from here', 'nc -vz HOST 5985'),
      here('on a Windows jump host', 'Test-NetConnection HOST -Port 5985'),
      listeners,
      server('start WinRM and make its listener and firewall rule', 'winrm quickconfig'),
    ],
    see: ['connect/timeout', 'connect/no-route', 'http/not-winrm'],
  },
  'connect/no-route': {
    meaning: 'This machine, or a router on the way, knows no way to the address of the host.',
    causes: [
      'the VPN or the line to the site of the host is down',
      'the host is down, and the router of its network says so',
      'the name resolves to an address of a network that is not reached from here, or to IPv6 where there is none',
      'a firewall on this machine forbids the connection',
    ],
    cures: [
      here('see which way would be taken', 'ip route get $(getent ahostsv4 HOST | head -1 | cut -d" " -f1)'),
      here('on a Windows jump host', 'Test-NetConnection HOST -Port 5985 -InformationLevel Detailed'),
      act('several hosts of one network at once: look at the way there first, not at the hosts'),
    ],
    see: ['connect/timeout', 'connect/name'],
  },
  'connect/timeout': {
    meaning: 'No connection came about within the connect timeout, and nobody said why.',
    causes: [
      'the host is down or restarting',
      'a firewall on the way drops the packets silently',
      'the name resolves to an old address, or to an IPv6 address that does not work',
    ],
    cures: [
      here('try the port from here', 'nc -vz -w 10 HOST 5985'),
      here('on a Windows jump host', 'Test-NetConnection HOST -Port 5985'),
      server('let WinRM through the firewall', 'netsh advfirewall firewall show rule name=all dir=in | findstr 5985'),
      act('give it longer where the line is slow: winrm: { connect_timeout_s: 30 }'),
    ],
    see: ['connect/refused', 'deadline/host'],
  },
  'connect/lost': {
    meaning:
      'The connection broke before the answer was complete. A question is asked again; a change never is: the host is read instead.',
    causes: [
      'the host or its WinRM service is restarting',
      'a firewall or load balancer closed the connection',
      'the host hung up in the middle of an overload',
    ],
    cures: [
      doctor,
      server(
        'see when WinRM last started and why it stopped',
        'wevtutil qe System /q:"*[System[Provider[@Name=\'Service Control Manager\']]]" /c:20 /rd:true /f:text',
      ),
      here('see every request and how long it took', 'fencepost collect --limit HOST --trace'),
    ],
    see: ['wire/shell-gone', 'deadline/request'],
  },
  'connect/proxy': {
    meaning: 'The way to the host leads through a proxy, and the proxy did not make the connection.',
    causes: [
      'the proxy is not reachable, or its address is misspelt',
      'it wants a login, or does not allow connections to this port',
      'it can not reach the host itself',
    ],
    cures: [
      here('see which proxies this environment names', 'env | grep -i proxy'),
      doctor,
      act('WinRM inside a company network rarely needs a proxy: reach the host without it'),
    ],
    see: ['connect/refused', 'connect/timeout'],
  },
  'tls/untrusted': {
    meaning:
      'The certificate of the https listener is not signed by a CA that this machine trusts. No password was sent.',
    causes: [
      'the CA of the company is not known to this machine',
      'the listener uses a certificate that it signed itself',
      'the server does not send the certificate of an intermediate CA',
    ],
    cures: [
      showCertificate,
      act('name the CA in the inventory: winrm: { ca_file: corp-ca.pem }; a self-signed certificate is its own CA'),
      server('see which certificate the listener uses', 'winrm enumerate winrm/config/listener'),
    ],
    see: ['tls/wrong-name', 'tls/expired'],
  },
  'tls/wrong-name': {
    meaning: 'The certificate is good, but for another name than the one the host is reached by. No password was sent.',
    causes: [
      'the host is reached by its address or short name, and the certificate bears the full one',
      'the name resolves to another server',
      'the certificate was made before the server was renamed',
    ],
    cures: [
      showCertificate,
      act('say which name the certificate bears: winrm: { tls_server_name: ex01.corp.example }'),
    ],
    see: ['tls/untrusted', 'connect/name'],
  },
  'tls/expired': {
    meaning: 'The certificate of the https listener is not valid today. No password was sent.',
    causes: [
      'it has expired, or the listener still points at the old one after a renewal',
      'the clock of this machine or of the server is wrong',
    ],
    cures: [
      showCertificate,
      here('look at the clock of this machine', 'date -u'),
      server(
        'give the listener the new certificate',
        'winrm set winrm/config/Listener?Address=*+Transport=HTTPS @{CertificateThumbprint="THUMBPRINT"}',
      ),
    ],
    see: ['tls/untrusted'],
  },
  'tls/failed': {
    meaning: 'No TLS connection came about at all.',
    causes: [
      'the port is not that of the https listener',
      'the listener has lost its certificate',
      'the server does not allow TLS 1.2, which is the least that is spoken here',
    ],
    cures: [
      here('see what the port says', 'openssl s_client -connect HOST:5986 -tls1_2 </dev/null'),
      listeners,
      act('without https: scheme: http with auth: ntlm encrypts every message too'),
    ],
    see: ['connect/refused', 'tls/untrusted'],
  },
  'auth/refused': {
    meaning:
      'The server saw the proof of the password and refused the logon. It is not tried again, so that no account is locked.',
    causes: [
      'the password is wrong or has been changed',
      'the account is locked, disabled or expired, or may not log on over the network',
      'the domain is missing or wrong: CORP\\user, user@corp.example, or .\\user for an account of the server',
      'over https: a proxy opens TLS on the way, and the server demands channel binding',
    ],
    cures: [
      here('see which account and which source of the password a host has', 'fencepost inventory --host HOST'),
      server(
        'see why Windows refused (event 4625, the status says which)',
        'wevtutil qe Security /q:"*[System[EventID=4625]]" /c:3 /rd:true /f:text',
      ),
      server('see whether the account is locked', 'net user USER /domain'),
    ],
    see: ['auth/unsupported', 'wire/access-denied', 'secret/missing'],
  },
  'auth/unsupported': {
    meaning: 'The server does not offer the way to log on that the inventory asks for.',
    causes: [
      'Negotiate or Basic is turned off in the settings of WinRM',
      'a policy restricts NTLM on the server or in the domain',
      'a proxy stands between and answers in its place',
    ],
    cures: [
      showAuth,
      server('turn Negotiate on', 'winrm set winrm/config/service/auth @{Negotiate="true"}'),
      server(
        'see whether a policy restricts NTLM',
        'reg query HKLM\\SYSTEM\\CurrentControlSet\\Control\\Lsa\\MSV1_0 /v RestrictReceivingNTLMTraffic',
      ),
    ],
    see: ['auth/refused', 'auth/unsafe'],
  },
  'auth/unsafe': {
    meaning:
      'What was asked for would send a password in clear or take a proof that proves nothing. It was refused before anything was sent.',
    causes: [
      'auth: basic together with scheme: http',
      'the server answered the logon with weaker protection than was agreed',
    ],
    cures: [
      act('use auth: ntlm (http is fine: messages are encrypted), or scheme: https'),
      here('see what a host is reached with', 'fencepost inventory --host HOST'),
    ],
    see: ['auth/unsupported', 'wire/unsealed'],
  },
  'auth/server': {
    meaning:
      'The server did not keep to the rules of the logon: a token of it could not be read, or it did not prove what it must.',
    causes: [
      'a proxy or load balancer changes or swaps the messages of the logon',
      'it is not Windows that answers, or a very old one',
    ],
    cures: [
      here('see each step of the logon', 'fencepost collect --limit HOST --trace'),
      act('reach the host without the proxy or load balancer'),
    ],
    see: ['auth/refused', 'http/not-winrm'],
  },
} as const satisfies Readonly<Record<string, Page>>;
