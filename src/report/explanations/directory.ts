// Pages about asking a directory (fencepost discover).
import { here, type Page } from './page.ts';

const otherController = here('ask another controller', 'fencepost discover --domain corp.example --server dc02');

/** `verify --discover`: no host has it, so that it is no finding of a plan. */
export const notInInventoryPage: Page = {
  meaning:
    'The directory has this Exchange server, and no host of the inventory is called so, reached by that name, or short for it. Nobody checked its ports.',
  causes: [
    'the server was installed after the inventory was written',
    'the inventory names it by an alias or an address that the directory does not know',
    'the server is gone, and its object was left in the directory',
  ],
  cures: [
    here('see what the directory says of it', 'fencepost discover --domain corp.example'),
    here(
      'add it to the inventory; what you wrote stays',
      'fencepost discover --domain corp.example --out inventory/exchange.yml --update',
    ),
    here('see what the inventory has', 'fencepost inventory'),
  ],
  see: ['directory/no-exchange', 'inventory/no-match'],
};

export const directoryPages = {
  'directory/no-controller': {
    meaning:
      'No domain controller of the domain was found, or none of those that were found answered. Nothing was written.',
    causes: [
      'the DNS server of this machine does not know the domain (_ldap._tcp.dc._msdcs.DOMAIN, records SRV)',
      'the domain is misspelt',
    ],
    cures: [
      here('see what DNS says', 'nslookup -type=SRV _ldap._tcp.dc._msdcs.corp.example'),
      here('or name a controller', 'fencepost discover --domain corp.example --server dc01.corp.example'),
    ],
    see: ['connect/name', 'directory/silent'],
  },
  'directory/stronger-auth': {
    meaning:
      'The domain controller requires more protection than the logon had: signing, TLS, or channel binding. Nothing was read.',
    causes: [
      'LDAP signing is required (LDAPServerIntegrity), and the connection was neither signed nor in TLS',
      'channel binding is required (LdapEnforceChannelBinding), and the logon was a simple one, or something in between ends TLS',
      'the server takes Kerberos and NTLM inside TLS not at all (Samba without allow_sasl_over_tls)',
    ],
    cures: [
      here('bind the logon to TLS', 'fencepost discover --domain corp.example --tls ldaps --auth negotiate'),
      here('or seal the connection by Kerberos or NTLM itself', 'fencepost discover --domain corp.example --tls none'),
    ],
    see: ['auth/unsafe', 'tls/untrusted'],
  },
  'directory/refused': {
    meaning: 'The domain controller answered a question with an error; its own words are in the message.',
    causes: [
      'the account may not read the configuration partition of the forest',
      'the controller is busy, or is about to be shut down',
      'it does not have that partition and refers to another server, which is named and not followed',
    ],
    cures: [otherController],
    see: ['directory/stronger-auth'],
  },
  'directory/silent': {
    meaning: 'The domain controller took a question and did not answer in time.',
    causes: ['it is overloaded', 'a firewall drops connections that were idle'],
    cures: [here('give it longer', 'fencepost discover --domain corp.example --timeout 60'), otherController],
    see: ['connect/timeout'],
  },
  'directory/unread': {
    meaning: 'What came back is not LDAP, or not whole. Nothing was written.',
    causes: ['another service listens on that port', 'a device in between changes the traffic'],
    cures: [otherController],
    see: ['directory/silent'],
  },
  'directory/no-exchange': {
    meaning: 'The forest has no Exchange organization, or the account cannot see it. Nothing was written.',
    causes: [
      'the domain belongs to another forest than the one Exchange is in',
      'the account may not read CN=Microsoft Exchange,CN=Services,CN=Configuration',
    ],
    cures: [
      here('ask the forest that Exchange is in', 'fencepost discover --domain corp.example --user ops@corp.example'),
    ],
    see: ['directory/refused'],
  },
} satisfies Readonly<Record<string, Page>>;
