// Japanese Windows. excl-tcp-ja-1, dyn-tcp-ja-1. Sentences: not recorded, so the system's are in English.
import { english } from './en.ts';
import type { Wording } from './wording.ts';

export const japanese: Wording = {
  ...english,
  exclusionTitles: ['プロトコル {protocol} ポート除外範囲'],
  exclusionColumns: '開始ポート    終了ポート',
  footnotes: ['* - 管理されている除外ポート。'],
  dynamicTitle: 'プロトコル {protocol} 動的ポート範囲',
  dynamicStart: '開始ポート          : ',
  dynamicCount: 'ポート数            : ',
  ok: 'OK',
  netstat: {
    title: 'アクティブな接続',
    columns: '  プロトコル  ローカル アドレス      外部アドレス           状態           ',
    listening: 'LISTENING',
    established: 'ESTABLISHED',
  },
  notRecognized:
    "'{name}' は、内部コマンドまたは外部コマンド、\r\n操作可能なプログラムまたはバッチ ファイルとして認識されていません。\r\n",
  system: {
    ...english.system,
    elevation: '要求された操作には管理者特権が必要です (管理者として実行してください)。',
    accessDenied: 'アクセスが拒否されました。',
    noSuchService: '指定されたサービスはインストールされたサービスとして存在しません。',
  },
};
