// Traditional Chinese Windows. Two hosts differ in the dashes and in the footnote (excl-tcp-zh-TW-1, excl-tcp-zh-TW-2-crlf).
// The dynamic range's words and the sentences: not recorded.
import { english } from './en.ts';
import type { Wording } from './wording.ts';

export const traditionalChinese: Wording = {
  ...english,
  exclusionTitles: ['通訊協定 {protocol} 連接埠排除範圍'],
  exclusionColumns: '開始連接埠    結束連接埠',
  exclusionDashes: ['----------    ----------', '----------    --------'],
  footnotes: ['* - 管理的連接埠排除。', '* - 系統管理的連接埠排除。'],
  dynamicTitle: '通訊協定 {protocol} 動態連接埠範圍',
  dynamicStart: '開始連接埠      : ',
  dynamicCount: '連接埠數目      : ',
  ok: '確定。',
  versionWord: '版本',
  netstat: {
    title: '使用中連線',
    columns: '  協定   本機位址               外部位址               狀態            ',
    listening: 'LISTENING',
    established: 'ESTABLISHED',
  },
  notRecognized: "'{name}' 不是內部或外部命令、可執行的程式或批次檔。\r\n",
};
