// `whoami` and `whoami /groups [/fo csv] [/nh]` for the account of a network logon. SIDs stand in every language; names, types and
// attributes are translated, of which German and French are here (general knowledge, no recording in the facts).
// Layout: four quoted fields a row, the label without attributes, as test data of public tools has it.
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
  const rows = listGroups(words, call.elevated);
  return printOut(joinLines(...(flags.includes('/nh') ? rows : [words.heads, ...rows]).map(quoteFields)));
}

function listGroups(words: GroupWords, elevated: boolean): readonly (readonly string[])[] {
  const administrators = [words.administrators, words.alias, 'S-1-5-32-544', words.member + words.owner];
  return [
    [words.everyone, words.wellKnown, 'S-1-1-0', words.member],
    ...(elevated ? [administrators] : []),
    [words.users, words.alias, 'S-1-5-32-545', words.member],
    [words.network, words.wellKnown, 'S-1-5-2', words.member],
    elevated ? [words.high, words.label, 'S-1-16-12288', ''] : [words.medium, words.label, 'S-1-16-8192', ''],
  ];
}
