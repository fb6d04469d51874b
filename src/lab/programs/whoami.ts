// `whoami` and `whoami /groups [/fo csv] [/nh]` for the account of a network logon. SIDs stand in every language; names, types and
// attributes are translated, of which German and French are here (general knowledge, no recording in the facts).
// Layout: four quoted fields a row, the label without attributes, as test data of public tools has it.
import type { AccountRights } from '../machine/machine.ts';
import { printError, joinLines, printOut, quoteFields } from './program.ts';
import type { ProgramCall, ProgramResult } from './program.ts';

interface GroupWords {
  readonly heads: readonly string[];
  readonly wellKnown: string;
  readonly alias: string;
  readonly label: string;
  readonly member: string;
  readonly owner: string;
  readonly everyone: string;
  readonly administrators: string;
  readonly users: string;
  readonly network: string;
  readonly denyOnly: string;
  readonly remoteManagement: string;
  readonly authenticated: string;
  readonly high: string;
  readonly medium: string;
}

const english: GroupWords = {
  heads: ['Group Name', 'Type', 'SID', 'Attributes'],
  wellKnown: 'Well-known group',
  alias: 'Alias',
  label: 'Label',
  member: 'Mandatory group, Enabled by default, Enabled group',
  owner: ', Group owner',
  everyone: 'Everyone',
  administrators: 'BUILTIN\\Administrators',
  users: 'BUILTIN\\Users',
  network: 'NT AUTHORITY\\NETWORK',
  denyOnly: 'Group used for deny only',
  remoteManagement: 'BUILTIN\\Remote Management Users',
  authenticated: 'NT AUTHORITY\\Authenticated Users',
  high: 'Mandatory Label\\High Mandatory Level',
  medium: 'Mandatory Label\\Medium Mandatory Level',
};

const translated: Readonly<Record<string, GroupWords>> = {
  de: {
    heads: ['Gruppenname', 'Typ', 'SID', 'Attribute'],
    wellKnown: 'Bekannte Gruppe',
    alias: 'Alias',
    label: 'Bezeichnung',
    member: 'Verbindliche Gruppe, Standardmäßig aktiviert, Aktivierte Gruppe',
    owner: ', Gruppenbesitzer',
    everyone: 'Jeder',
    administrators: 'VORDEFINIERT\\Administratoren',
    users: 'VORDEFINIERT\\Benutzer',
    network: 'NT-AUTORITÄT\\NETZWERK',
    denyOnly: 'Gruppe, die nur zum Verweigern verwendet wird',
    remoteManagement: 'VORDEFINIERT\\Remoteverwaltungsbenutzer',
    authenticated: 'NT-AUTORITÄT\\Authentifizierte Benutzer',
    high: 'Verbindliche Beschriftung\\Hohe Verbindlichkeitsstufe',
    medium: 'Verbindliche Beschriftung\\Mittlere Verbindlichkeitsstufe',
  },
  fr: {
    heads: ['Nom du groupe', 'Type', 'SID', 'Attributs'],
    wellKnown: 'Groupe bien connu',
    alias: 'Alias',
    label: 'Nom',
    member: 'Groupe obligatoire, Activé par défaut, Groupe activé',
    owner: ', Propriétaire du groupe',
    everyone: 'Tout le monde',
    administrators: 'BUILTIN\\Administrateurs',
    users: 'BUILTIN\\Utilisateurs',
    network: 'AUTORITE NT\\RESEAU',
    denyOnly: 'Groupe utilisé pour les refus uniquement',
    remoteManagement: 'BUILTIN\\Utilisateurs de gestion à distance',
    authenticated: 'AUTORITE NT\\Utilisateurs authentifiés',
    high: 'Étiquette obligatoire\\Niveau obligatoire élevé',
    medium: 'Étiquette obligatoire\\Niveau obligatoire moyen',
  },
};

export function whoami(call: ProgramCall): ProgramResult {
  const flags = call.words.map((word) => word.toLowerCase());
  if (flags.length === 0) return printOut(joinLines(call.elevated ? 'corp\\administrator' : 'corp\\operator'));
  // Other forms are not simulated.
  if (!flags.includes('/groups') || flags[flags.indexOf('/fo') + 1] !== 'csv') {
    return printError(joinLines('ERROR: Invalid argument/option.', 'Type "WHOAMI /?" for usage.'));
  }
  const words = translated[call.machine.language] ?? english;
  const rows = listGroups(words, call.elevated ? 'administrator' : call.machine.rights);
  return printOut(joinLines(...(flags.includes('/nh') ? rows : [words.heads, ...rows]).map(quoteFields)));
}

/**
 * A network logon of a plain account is not filtered and has high integrity all the same: the rows of
 * console-samples/whoami-groups-en-1-nonadmin-over-winrm. That a filtered one has Administrators to deny only and medium integrity is
 * UAC's documented way; no recording.
 */
function listGroups(words: GroupWords, rights: AccountRights): readonly (readonly string[])[] {
  const alias = (name: string, sid: string, attributes = words.member) => [name, words.alias, sid, attributes];
  const wellKnown = (name: string, sid: string) => [name, words.wellKnown, sid, words.member];
  const attributes = rights === 'filtered' ? words.denyOnly : words.member + words.owner;
  return [
    wellKnown(words.everyone, 'S-1-1-0'),
    ...(rights === 'user' ? [] : [alias(words.administrators, 'S-1-5-32-544', attributes)]),
    alias(words.users, 'S-1-5-32-545'),
    ...(rights === 'administrator' ? [] : [alias(words.remoteManagement, 'S-1-5-32-580')]),
    wellKnown(words.network, 'S-1-5-2'),
    wellKnown(words.authenticated, 'S-1-5-11'),
    rights === 'filtered'
      ? [words.medium, words.label, 'S-1-16-8192', '']
      : [words.high, words.label, 'S-1-16-12288', ''],
  ];
}
