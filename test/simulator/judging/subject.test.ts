import { expect, test } from 'vitest';
import { portRange } from '../../../src/model/port-range.ts';
import { findSubject, listSubjects, namesRange } from './subject.ts';

test.each([
  ['+tcp ipv4 active 9933-9933*', 'tcp 9933-9933'],
  ['-udp ipv6 persistent 9960-9964*', 'udp 9960-9964'],
  ['tcp ipv4 active 8080-8080', 'tcp 8080-8080'],
  ['service MSExchangePOP3BE: running -> stopped', 'service MSExchangePOP3BE'],
  ['service MSExchangePOP3BE', 'service MSExchangePOP3BE'],
])('%s is about %s', (row, subject) => {
  expect(findSubject(row)).toBe(subject);
});

test('a line is about the ranges and services that it changes, not about those it shows', () => {
  const line =
    '(netsh interface ipv4 show excludedportrange protocol=tcp & sc query MSExchangeIMAP4BE & sc stop MSExchangePOP3BE & ' +
    'netsh interface ipv4 add excludedportrange protocol=udp startport=9960 numberofports=5 store=persistent)';
  expect(listSubjects(line)).toEqual(['udp 9960-9964', 'service MSExchangePOP3BE']);
});

test('a sentence names a range only by its whole name', () => {
  expect(namesRange('Windows accepted tcp 9933, udp 9960-9964', 'tcp', portRange(9933))).toBe(true);
  expect(namesRange('Windows accepted tcp 9933, udp 9960-9964', 'udp', portRange(9960))).toBe(false);
  expect(namesRange('Windows accepted tcp 9933', 'udp', portRange(9933))).toBe(false);
});
