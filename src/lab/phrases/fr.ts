// French Windows. Title with U+2019 on one host (excl-tcp-fr-1), with an ASCII apostrophe on another (excl-tcp-fr-2-cut);
// dashes 13 and 11 long; dynamic range: dyn-tcp-fr-1. Sentences: not recorded.
import { english } from './en.ts';
import type { Wording } from './wording.ts';

export const french: Wording = {
  ...english,
  exclusionTitles: [
    'Protocole {protocol} Plages d’exclusion de ports',
    "Protocole {protocol} Plages d'exclusion de ports",
  ],
  exclusionColumns: 'Port de début    Port de fin',
  exclusionDashes: ['-------------    -----------'],
  footnotes: ['* - Exclusions de ports administrés.'],
  dynamicTitle: 'Plage de ports dynamique du protocole {protocol}',
  dynamicStart: 'Port de démarrage   : ',
  dynamicCount: 'Nombre de ports     : ',
  // A no-break space stands before the colon, as in other French console texts (mojibake-fr-ipconfig-ping).
  unknownCommand: 'La commande suivante est introuvable\u00a0: {command}.',
  versionWord: 'version',
  netstat: {
    title: 'Connexions actives',
    columns: '  Proto  Adresse locale         Adresse distante       État           ',
    listening: 'LISTENING',
    established: 'ESTABLISHED',
  },
  serviceControl: { ...english.serviceControl, state: 'ÉTAT', failed: ' échec(s) {code}\u00a0:' },
  notRecognized:
    "'{name}' n’est pas reconnu en tant que commande interne\r\nou externe, un programme exécutable ou un fichier de commandes.\r\n",
  registryMissing: 'Erreur\u00a0: le système n’a pas trouvé la clé ou la valeur de Registre spécifiée.',
  system: {
    ...english.system,
    inUse: 'Le processus ne peut pas accéder au fichier car ce fichier est utilisé par un autre processus.',
    elevation: 'L’opération demandée nécessite une élévation (exécutez-la en tant qu’administrateur).',
    fileNotFound: 'Le fichier spécifié est introuvable.',
    accessDenied: 'Accès refusé.',
    invalidParameter: 'Paramètre incorrect.',
    alreadyRunning: 'Une instance du service s’exécute déjà.',
    noSuchService: 'Le service spécifié n’existe pas en tant que service installé.',
    notStarted: 'Le service n’a pas été démarré.',
  },
};
