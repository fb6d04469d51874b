// Pages about the way to a host: name, TCP, TLS, logon. Causes: wsman.md sections 2.13 and 6, and Node's and OpenSSL's error names.
import { act, here, server, type Page } from './page.ts';

const doctor = here('check each step of the connection', 'fencepost doctor --limit HOST');
const listeners = server('see which ports WinRM listens on', 'winrm enumerate winrm/config/listener');
const showCertificate = here(
  'show the certificate',
  'openssl s_client -connect HOST:5986 -servername HOST </dev/null | openssl x509 -noout -subject -issuer -dates -ext subjectAltName',
);
const showAuth = server('see which authentication methods are enabled', 'winrm get winrm/config/service/auth');

export const reachingPages = {
  'connect/name': {
    meaning: 'This machine could not resolve the name of the host.',
    causes: [
      'the name is misspelt, or a range in the inventory produces a name that does not exist',
      'the DNS server of this machine does not know the domain of the servers',
      'a short name is used, and the search domain is missing',
    ],
    cures: [
      here('ask the resolver of this machine', 'getent hosts HOST'),
      here('on a Windows jump host', 'Resolve-DnsName HOST'),
      act('write the full name, or an address: winrm: { address: 192.0.2.12 }'),
    ],
    see: ['connect/refused', 'tls/wrong-name'],
  },
  'connect/refused': {
    meaning: 'The host, or a firewall in front of it, refused the connection at once.',
    causes: [
      'WinRM is not running or has no listener on this port',
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
    meaning: 'There is no route to the address of the host.',
    causes: [
      'the VPN or the line to the site is down',
      'the host is down, and its router reports that',
      'the name resolves to a network that cannot be reached from here, or to IPv6 without IPv6 here',
      'a firewall on this machine blocks the connection',
    ],
    cures: [
      here('show the route', 'ip route get $(getent ahostsv4 HOST | head -1 | cut -d" " -f1)'),
      here('on a Windows jump host', 'Test-NetConnection HOST -Port 5985 -InformationLevel Detailed'),
      act('if several hosts of one network fail: check the network first, not the hosts'),
    ],
    see: ['connect/timeout', 'connect/name'],
  },
  'connect/timeout': {
    meaning: 'No connection within the connect timeout, and no answer why.',
    causes: [
      'the host is down or restarting',
      'a firewall drops the packets silently',
      'the name resolves to an old address, or to an IPv6 address that does not work',
    ],
    cures: [
      here('try the port from here', 'nc -vz -w 10 HOST 5985'),
      here('on a Windows jump host', 'Test-NetConnection HOST -Port 5985'),
      server(
        'check the firewall rules for WinRM',
        'netsh advfirewall firewall show rule name=all dir=in | findstr 5985',
      ),
      act('on a slow line, give it more time: winrm: { connect_timeout_s: 30 }'),
    ],
    see: ['connect/refused', 'deadline/host'],
  },
  'connect/lost': {
    meaning:
      'The connection was lost before the answer was complete. Questions are asked again; a change is never sent again, the host is checked instead.',
    causes: [
      'the host or its WinRM service is restarting',
      'a firewall or load balancer closed the connection',
      'the host is overloaded and closed the connection',
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
    meaning: 'The proxy did not connect to the host.',
    causes: [
      'the proxy is not reachable, or its address is misspelt',
      'it requires a login, or does not allow connections to this port',
      'it cannot reach the host itself',
    ],
    cures: [
      here('see the proxies set in this environment', 'env | grep -i proxy'),
      doctor,
      act('connect without the proxy; WinRM inside a company network rarely needs one'),
    ],
    see: ['connect/refused', 'connect/timeout'],
  },
  'tls/untrusted': {
    meaning:
      'The certificate of the https listener is not signed by a CA that this machine trusts. No password was sent.',
    causes: [
      'this machine does not know the company CA',
      'the certificate is self-signed',
      'the server does not send the intermediate CA certificate',
    ],
    cures: [
      showCertificate,
      act('set the CA in the inventory: winrm: { ca_file: corp-ca.pem }; a self-signed certificate is its own CA'),
      server('see which certificate the listener uses', 'winrm enumerate winrm/config/listener'),
    ],
    see: ['tls/wrong-name', 'tls/expired'],
  },
  'tls/wrong-name': {
    meaning: 'The certificate is valid, but for another name than the one used to connect. No password was sent.',
    causes: [
      'the inventory has the address or short name, and the certificate has the full name',
      'the name resolves to another server',
      'the certificate was made before the server was renamed',
    ],
    cures: [showCertificate, act('set the name on the certificate: winrm: { tls_server_name: ex01.corp.example }')],
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
      here('check the clock of this machine', 'date -u'),
      server(
        'give the listener the new certificate',
        'winrm set winrm/config/Listener?Address=*+Transport=HTTPS @{CertificateThumbprint="THUMBPRINT"}',
      ),
    ],
    see: ['tls/untrusted'],
  },
  'tls/failed': {
    meaning: 'The TLS connection failed.',
    causes: [
      'the port is not the https listener',
      'the listener has lost its certificate',
      'the server does not allow TLS 1.2, the minimum',
    ],
    cures: [
      here('see what answers on the port', 'openssl s_client -connect HOST:5986 -tls1_2 </dev/null'),
      listeners,
      act('without https: scheme: http with auth: ntlm encrypts every message too'),
    ],
    see: ['connect/refused', 'tls/untrusted'],
  },
  'auth/refused': {
    meaning: 'The server refused the logon. It is not tried again, so that the account is not locked out.',
    causes: [
      'the password is wrong or has been changed',
      'the account is locked, disabled or expired, or may not log on over the network',
      'the domain is missing or wrong: CORP\\user, user@corp.example, or .\\user for an account of the server',
      'over https: a proxy intercepts TLS, and the server requires channel binding',
    ],
    cures: [
      here('see the account and password source of a host', 'fencepost inventory --host HOST'),
      server(
        'see why Windows refused (event 4625, see its status)',
        'wevtutil qe Security /q:"*[System[EventID=4625]]" /c:3 /rd:true /f:text',
      ),
      server('see whether the account is locked', 'net user USER /domain'),
    ],
    see: ['auth/unsupported', 'wire/access-denied', 'secret/missing'],
  },
  'auth/held-back': {
    meaning:
      'No logon was tried: another host refused this account with this password, and every further refusal could lock the account. Nothing was sent to this host.',
    causes: [
      'the password is wrong or has been changed',
      'the account is locked, disabled or expired',
      'the first host alone refuses the account, and no other host has accepted it yet in this command',
    ],
    cures: [
      here('see why the first host refused, alone', 'fencepost doctor --limit HOST'),
      act('correct the password, then run the same command again'),
      act('if only that host refuses the account: leave it out with --limit and run the command again'),
    ],
    see: ['auth/refused', 'secret/missing'],
  },
  'auth/unsupported': {
    meaning: 'The server does not offer the authentication method that the inventory asks for.',
    causes: [
      'Negotiate or Basic is disabled in the WinRM settings',
      'a policy restricts NTLM on the server or in the domain',
      'a proxy in between answers instead',
    ],
    cures: [
      showAuth,
      server('enable Negotiate', 'winrm set winrm/config/service/auth @{Negotiate="true"}'),
      server(
        'see whether a policy restricts NTLM',
        'reg query HKLM\\SYSTEM\\CurrentControlSet\\Control\\Lsa\\MSV1_0 /v RestrictReceivingNTLMTraffic',
      ),
    ],
    see: ['auth/refused', 'auth/unsafe'],
  },
  'auth/unsafe': {
    meaning:
      'These settings would send a password unencrypted, or accept a server that did not prove its identity. Refused before anything was sent.',
    causes: ['auth: basic together with scheme: http', 'the server offered weaker protection than required'],
    cures: [
      act('use auth: ntlm (http is fine: messages are encrypted), or scheme: https'),
      here('see the connection settings of a host', 'fencepost inventory --host HOST'),
    ],
    see: ['auth/unsupported', 'wire/unsealed'],
  },
  'auth/server': {
    meaning: 'The server broke the logon protocol: a token could not be read, or it did not prove its identity.',
    causes: [
      'a proxy or load balancer changes or mixes up logon messages',
      'the server is not Windows, or a very old version',
    ],
    cures: [
      here('see each step of the logon', 'fencepost collect --limit HOST --trace'),
      act('connect without the proxy or load balancer'),
    ],
    see: ['auth/refused', 'http/not-winrm'],
  },
} as const satisfies Readonly<Record<string, Page>>;
