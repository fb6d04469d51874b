// The fleet of the demo, and of `fencepost lab` without a scenario: twelve servers in four languages, each with a story of its own.

export const demoScenario = `# A lab scenario: the servers of a simulated fleet.
defaults:
  windows: 2019
  exchange: 2019
  language: en
  dynamic: { start: 6005, count: 59530 }
servers:
  # Fine already: both ports reserved in both stores.
  - name: ex01
    groups: [exchange, london]
    exclusions: [{ port: 9933 }, { port: 9955 }]
    imap: running
    pop: running
  # Nothing reserved, back ends stopped: the everyday case, in four languages.
  - { name: ex02, groups: [exchange, london] }
  - { name: ex03, groups: [exchange, paris], language: fr, windows: 2022, exchange: se }
  - { name: ex04, groups: [exchange, berlin], language: de, windows: 2016, exchange: 2016 }
  - { name: ex05, groups: [exchange, tokyo], language: ja, windows: 2022, listener: https, auth: [ntlm, basic] }
  # IPv4 and IPv6 have separate lists on this one; whether real servers do is an open question.
  - name: ex06
    groups: [exchange, berlin]
    language: de
    quirks: { one_list: false }
  # Reserved until the next boot only.
  - name: ex07
    groups: [exchange, paris]
    language: fr
    exclusions: [{ port: 9933, store: active }, { port: 9955 }]
  # A wider administered range covers both ports: as desired.
  - name: ex08
    groups: [exchange, london]
    exclusions: [{ port: 9900, count: 100 }]
  # The incident itself: another process got 9955 before Exchange started.
  - name: ex09
    groups: [exchange, tokyo]
    language: ja
    holders: [{ port: 9955, image: svchost.exe, services: [Dnscache] }]
  # Too old: its netsh knows no exclusions before a Microsoft fix.
  - { name: ex10, groups: [exchange, london], windows: 2008r2, exchange: 2013, hotfix: false }
  # Nothing answers.
  - { name: ex11, groups: [exchange, paris], reachable: false }
  # The password in the inventory is not this server's.
  - { name: ex12, groups: [exchange, berlin], language: de, password: wrong }
`;
