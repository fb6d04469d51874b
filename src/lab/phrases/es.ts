// Spanish Windows. excl-tcp-es-1 (ten blanks between the dash groups), usage: help-add-es-1. The dynamic range's words and
// the sentences: not recorded.
import { english } from './en.ts';
import type { Wording } from './wording.ts';

export const spanish: Wording = {
  ...english,
  exclusionTitles: ['Protocolo {protocol} Intervalos de exclusión de puertos'],
  exclusionColumns: 'Puerto de inicio    Puerto final',
  exclusionDashes: ['----------          --------'],
  footnotes: ['* - Exclusiones de puertos administrados.'],
  dynamicTitle: 'Protocolo {protocol} Intervalo de puertos dinámicos',
  dynamicStart: 'Puerto de inicio   : ',
  dynamicCount: 'Número de puertos  : ',
  ok: 'Aceptar',
  unknownCommand: 'No se encontró el comando siguiente: {command}.',
  versionWord: 'Versión',
  netstat: {
    title: 'Conexiones activas',
    columns: '  Proto  Dirección local        Dirección remota       Estado           ',
    listening: 'LISTENING',
    established: 'ESTABLISHED',
  },
  serviceControl: {
    ...english.serviceControl,
    serviceName: 'NOMBRE_SERVICIO',
    type: 'TIPO',
    state: 'ESTADO',
    win32ExitCode: 'CÓD_SALIDA_WIN32',
    serviceExitCode: 'CÓD_SALIDA_SERV',
    startType: 'TIPO_INICIO',
    success: 'CORRECTO',
    failed: ' ERROR {code}:',
  },
  notAvailable: 'N/D',
  notRecognized:
    '"{name}" no se reconoce como un comando interno o externo,\r\nprograma o archivo por lotes ejecutable.\r\n',
  registryMissing: 'ERROR: el sistema no encontró la clave o el valor del Registro especificados.',
  system: {
    ...english.system,
    inUse: 'El proceso no tiene acceso al archivo porque está siendo utilizado por otro proceso.',
    elevation: 'La operación solicitada requiere elevación (Ejecutar como administrador).',
    fileNotFound: 'El sistema no puede encontrar el archivo especificado.',
    accessDenied: 'Acceso denegado.',
    invalidParameter: 'El parámetro no es correcto.',
    noSuchService: 'El servicio especificado no existe como servicio instalado.',
    notStarted: 'No se ha iniciado el servicio.',
  },
};
