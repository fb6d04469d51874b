// German Windows. Title: one host prints the protocol in quotes (excl-tcp-de-1), one without (excl-tcp-de-2-cut); dynamic
// range: dyn-tcp-de-1; netstat's state word: netstat-an-de-1-mangled, windows.md section 5. Sentences: not recorded.
import { english } from './en.ts';
import type { Wording } from './wording.ts';

export const german: Wording = {
  ...english,
  exclusionTitles: [
    'Portausschlussbereiche für das Protokoll "{protocol}"',
    'Portausschlussbereiche für das Protokoll {protocol}',
  ],
  exclusionColumns: 'Startport      Endport',
  footnotes: ['* - Verwaltete Portausschlüsse.'],
  dynamicTitle: 'Protokoll {protocol} Dynamischer Portbereich',
  dynamicStart: 'Startport      : ',
  dynamicCount: 'Anzahl von Ports : ',
  unknownCommand: 'Der folgende Befehl wurde nicht gefunden: {command}.',
  netstat: {
    title: 'Aktive Verbindungen',
    columns: '  Proto  Lokale Adresse         Remoteadresse          Status           ',
    listening: 'ABHÖREN',
    established: 'HERGESTELLT',
  },
  serviceControl: { ...english.serviceControl, state: 'STATUS', startType: 'STARTTYP', failed: ' FEHLER {code}:' },
  notAvailable: 'Nicht zutreffend',
  notRecognized: 'Der Befehl "{name}" ist entweder falsch geschrieben oder\r\nkonnte nicht gefunden werden.\r\n',
  registryMissing: 'FEHLER: Der angegebene Registrierungsschlüssel bzw. Wert wurde nicht gefunden.',
  system: {
    ...english.system,
    inUse: 'Der Prozess kann nicht auf die Datei zugreifen, da sie von einem anderen Prozess verwendet wird.',
    elevation: 'Der angeforderte Vorgang erfordert erhöhte Rechte (Als Administrator ausführen).',
    exists: 'Das Objekt ist bereits vorhanden.',
    fileNotFound: 'Das System kann die angegebene Datei nicht finden.',
    accessDenied: 'Zugriff verweigert',
    invalidParameter: 'Falscher Parameter.',
    alreadyRunning: 'Es wird bereits eine Instanz des Dienstes ausgeführt.',
    noSuchService: 'Der angegebene Dienst ist kein installierter Dienst.',
    notStarted: 'Der Dienst wurde nicht gestartet.',
  },
};
