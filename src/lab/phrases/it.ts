// Italian Windows. excl-tcp-it-1 (grade C: its wording is not confirmed by a paste); everything else: not recorded.
import { english } from './en.ts';
import type { Wording } from './wording.ts';

export const italian: Wording = {
  ...english,
  exclusionTitles: ['Intervallo di esclusione porte protocollo {protocol}'],
  exclusionColumns: 'Porta iniziale    Porta finale',
  footnotes: ['* - Esclusioni porte amministrate.'],
  dynamicTitle: 'Intervallo di porte dinamiche protocollo {protocol}',
  dynamicStart: 'Porta iniziale     : ',
  dynamicCount: 'Numero di porte    : ',
  unknownCommand: 'Impossibile trovare il comando seguente: {command}.',
  versionWord: 'Versione',
  netstat: {
    title: 'Connessioni attive',
    columns: '  Proto  Indirizzo locale       Indirizzo esterno      Stato           ',
    listening: 'LISTENING',
    established: 'ESTABLISHED',
  },
  serviceControl: {
    ...english.serviceControl,
    serviceName: 'NOME_SERVIZIO',
    type: 'TIPO',
    state: 'STATO',
    win32ExitCode: 'CODICE_USCITA_WIN32',
    serviceExitCode: 'CODICE_USCITA_SERVIZIO',
  },
  notAvailable: 'N/D',
  notRecognized:
    '"{name}" non è riconosciuto come comando interno o esterno,\r\n un programma eseguibile o un file batch.\r\n',
  system: {
    ...english.system,
    inUse: 'Impossibile accedere al file. Il file è utilizzato da un altro processo.',
    elevation: "L'operazione richiesta richiede privilegi più elevati (Esegui come amministratore).",
    accessDenied: 'Accesso negato.',
    noSuchService: 'Il servizio specificato non esiste come servizio installato.',
  },
};
