// Brazilian Portuguese Windows. excl-tcp-pt-BR-1, ver-lines-1 (lower case). The dynamic range's words and the sentences: not
// recorded; the labels of `sc` come from public pastes.
import { english } from './en.ts';
import type { Wording } from './wording.ts';

export const brazilianPortuguese: Wording = {
  ...english,
  exclusionTitles: ['Protocolo {protocol} Intervalos de Exclusão de Porta'],
  exclusionColumns: 'Porta Inicial    Porta Final',
  footnotes: ['* - Exclusões de porta administradas.'],
  dynamicTitle: 'Protocolo {protocol} Intervalo de Portas Dinâmicas',
  dynamicStart: 'Porta Inicial    : ',
  dynamicCount: 'Número de Portas : ',
  unknownCommand: 'O seguinte comando não foi encontrado: {command}.',
  versionWord: 'versão',
  netstat: {
    title: 'Conexões ativas',
    columns: '  Proto  Endereço local         Endereço externo       Estado           ',
    listening: 'LISTENING',
    established: 'ESTABLISHED',
  },
  serviceControl: {
    ...english.serviceControl,
    serviceName: 'NOME_DO_SERVIÇO',
    type: 'TIPO',
    state: 'ESTADO',
    win32ExitCode: 'CÓDIGO_DE_SAÍDA_DO_WIN32',
    serviceExitCode: 'CÓDIGO_DE_SAÍDA_DO_SERVIÇO',
    checkpoint: 'PONTO_DE_VERIFICAÇÃO',
    waitHint: 'AGUARDAR_DICA',
    startType: 'TIPO_DE_INÍCIO',
    failed: ' FALHA {code}:',
  },
  notRecognized:
    "'{name}' não é reconhecido como um comando interno\r\nou externo, um programa operável ou um arquivo em lotes.\r\n",
  registryMissing: 'ERRO: o sistema não pôde localizar a chave ou o valor do Registro especificado.',
  system: {
    ...english.system,
    inUse: 'O arquivo já está sendo usado por outro processo.',
    elevation: 'A operação solicitada requer elevação (Executar como administrador).',
    accessDenied: 'Acesso negado.',
    noSuchService: 'O serviço especificado não existe como serviço instalado.',
  },
};
