// Russian Windows. Footnote with an em dash (excl-tcp-ru-1); dynamic range: dyn-tcp-ru-1 (unaligned colons). The labels of
// `sc` come from public pastes of `sc query`; the other sentences: not recorded.
import { english } from './en.ts';
import type { Wording } from './wording.ts';

export const russian: Wording = {
  ...english,
  exclusionTitles: ['Протокол {protocol} Диапазоны исключения портов'],
  exclusionColumns: 'Начальный порт    Конечный порт',
  footnotes: ['* \u2014 управляемые исключения портов.'],
  dynamicTitle: 'Протокол {protocol} Динамический диапазон портов',
  dynamicStart: 'Начальный порт      : ',
  dynamicCount: 'Число портов : ',
  unknownCommand: 'Следующая команда не найдена: {command}.',
  netstat: {
    title: 'Активные подключения',
    columns: '  Имя    Локальный адрес        Внешний адрес          Состояние       ',
    listening: 'LISTENING',
    established: 'ESTABLISHED',
  },
  serviceControl: {
    ...english.serviceControl,
    serviceName: 'Имя_службы',
    type: 'Тип',
    state: 'Состояние',
    win32ExitCode: 'Код_выхода_Win32',
    serviceExitCode: 'Код_выхода_службы',
    checkpoint: 'Контрольная_точка',
    waitHint: 'Ожидание',
    startType: 'Тип_запуска',
    displayName: 'Выводимое_имя',
    success: 'успех',
    failed: ': ошибка: {code}:',
  },
  notAvailable: 'Н/Д',
  notRecognized:
    '"{name}" не является внутренней или внешней\r\nкомандой, исполняемой программой или пакетным файлом.\r\n',
  registryMissing: 'ОШИБКА: Не удается найти указанный раздел или параметр в реестре.',
  system: {
    ...english.system,
    inUse: 'Процесс не может получить доступ к файлу, так как этот файл занят другим процессом.',
    elevation: 'Запрошенная операция требует повышения (запуск от имени администратора).',
    fileNotFound: 'Не удается найти указанный файл.',
    accessDenied: 'Отказано в доступе.',
    invalidParameter: 'Параметр задан неверно.',
    alreadyRunning: 'Одна копия службы уже запущена.',
    noSuchService: 'Указанная служба не установлена.',
    notStarted: 'Служба не запущена.',
    cannotAcceptControl: 'Служба в настоящее время не может принимать команды.',
  },
};
