// Korean Windows. excl-tcp-ko-1, excl-tcp-ipv6-ko-1-trailing-spaces, netstat-ano-ko-1 (English state words). The dynamic
// range's words and most sentences: not recorded.
import { english } from './en.ts';
import type { Wording } from './wording.ts';

export const korean: Wording = {
  ...english,
  exclusionTitles: ['프로토콜 {protocol} 포트 제외 범위'],
  exclusionColumns: '시작 포트    끝 포트',
  footnotes: ['* - 관리 포트 제외입니다.'],
  dynamicTitle: '프로토콜 {protocol} 동적 포트 범위',
  dynamicStart: '시작 포트        : ',
  dynamicCount: '포트 수          : ',
  ok: '확인됨',
  netstat: {
    title: '활성 연결',
    columns: '  프로토콜  로컬 주소              외부 주소              상태            ',
    listening: 'LISTENING',
    established: 'ESTABLISHED',
  },
  notRecognized: "'{name}'은(는) 내부 또는 외부 명령, 실행할 수 있는 프로그램, 또는\r\n배치 파일이 아닙니다.\r\n",
  system: { ...english.system, elevation: '요청한 작업을 수행하려면 권한 상승이 필요합니다(관리자 권한으로 실행).' },
};
