// Simplified Chinese Windows. excl-tcp-zh-CN-1 to -4, dyn-tcp-zh-CN-1, ok-zh-CN-1, ver-lines-1; the elevation sentence comes
// from public pastes of netsh. The other sentences: not recorded.
import { english } from './en.ts';
import type { Wording } from './wording.ts';

export const simplifiedChinese: Wording = {
  ...english,
  exclusionTitles: ['协议 {protocol} 端口排除范围'],
  exclusionColumns: '开始端口    结束端口',
  footnotes: ['* - 管理的端口排除。'],
  dynamicTitle: '协议 {protocol} 动态端口范围',
  dynamicStart: '启动端口        : ',
  dynamicCount: '端口数          : ',
  ok: '确定。',
  unknownCommand: '找不到下列命令: {command}。',
  versionWord: '版本',
  netstat: {
    title: '活动连接',
    columns: '  协议  本地地址          外部地址        状态           ',
    listening: 'LISTENING',
    established: 'ESTABLISHED',
  },
  serviceControl: { ...english.serviceControl, success: '成功', failed: ' 失败 {code}:' },
  notAvailable: '暂缺',
  notRecognized: "'{name}' 不是内部或外部命令，也不是可运行的程序\r\n或批处理文件。\r\n",
  registryMissing: '错误: 系统找不到指定的注册表项或值。',
  system: {
    ...english.system,
    inUse: '另一个程序正在使用此文件，进程无法访问。',
    elevation: '请求的操作需要提升(作为管理员运行)。',
    fileNotFound: '系统找不到指定的文件。',
    accessDenied: '拒绝访问。',
    invalidParameter: '参数错误。',
    alreadyRunning: '服务的实例已在运行中。',
    noSuchService: '指定的服务未安装。',
    notStarted: '服务尚未启动。',
  },
};
