// The classes and attributes of Exchange that discovery reads, as schema of our own making: the names are public, the numbers are not
// Microsoft's. Once in OpenLDAP's words, with what Active Directory has beside it, once in Active Directory's.

const texts = ['networkAddress', 'sAMAccountName'] as const;
const numbers = ['versionNumber', 'userAccountControl', 'lastLogonTimestamp'] as const;
const exchangeNumbers = ['msExchCurrentServerRoles', 'portNumber'] as const;
const exchangeNames = ['msExchServerSite', 'msExchMDBAvailabilityGroupLink'] as const;
const containers = [
  'msExchConfigurationContainer',
  'msExchOrganizationContainer',
  'msExchContainer',
  'msExchMDBAvailabilityGroup',
] as const;
const serverMay = ['networkAddress', 'serialNumber', 'versionNumber', ...exchangeNames, 'msExchCurrentServerRoles'];

/** For `include` of slapd.conf. */
export function openLdapSchema(): string {
  const root = '1.3.6.1.4.1.55555.19';
  let last = 0;
  const attribute = (name: string, syntax: string): string => {
    last += 1;
    return `attributetype ( ${root}.1.${last} NAME '${name}' ${syntax} )\n`;
  };
  const objectClass = (name: string, must: string, may: readonly string[]): string => {
    last += 1;
    const optional = may.length === 0 ? '' : ` MAY ( ${may.join(' $ ')} )`;
    return `objectclass ( ${root}.2.${last} NAME '${name}' SUP top STRUCTURAL MUST ${must}${optional} )\n`;
  };
  const text = 'EQUALITY caseIgnoreMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15';
  const number = 'EQUALITY integerMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.27';
  const name = 'EQUALITY distinguishedNameMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.12';
  return [
    ...texts.map((one) => attribute(one, text)),
    ...[...numbers, ...exchangeNumbers].map((one) => attribute(one, number)),
    ...[...exchangeNames, 'configurationNamingContext', 'defaultNamingContext'].map((one) => attribute(one, name)),
    ...['container', 'site', ...containers].map((one) => objectClass(one, 'cn', [])),
    objectClass('msExchExchangeServer', 'cn', serverMay),
    objectClass('msExchProtocol', 'cn', ['portNumber']),
    objectClass('computer', 'cn', ['sAMAccountName', 'userAccountControl', 'lastLogonTimestamp']),
  ].join('');
}

/** LDIF for a schema partition; attributes first, for a class names them. */
export function activeDirectorySchema(domain: string): readonly [attributes: string, classes: string] {
  const root = '1.2.840.113556.1.8000.2554.19';
  const schema = `CN=Schema,CN=Configuration,${domain}`;
  let last = 0;
  const attribute = (name: string, syntax: string, om: number, more = ''): string => {
    last += 1;
    return `dn: CN=${name},${schema}
objectClass: attributeSchema
attributeID: ${root}.1.${last}
attributeSyntax: ${syntax}
oMSyntax: ${om}
${more}isSingleValued: TRUE
lDAPDisplayName: ${name}
cn: ${name}

`;
  };
  const objectClass = (name: string, may: readonly string[]): string => {
    last += 1;
    return `dn: CN=${name},${schema}
objectClass: classSchema
governsID: ${root}.2.${last}
lDAPDisplayName: ${name}
cn: ${name}
objectClassCategory: 1
subClassOf: top
systemMustContain: cn
${may.map((one) => `mayContain: ${one}\n`).join('')}possSuperiors: container
possSuperiors: top
defaultHidingValue: FALSE

`;
  };
  return [
    [
      ...exchangeNumbers.map((one) => attribute(one, '2.5.5.9', 2)),
      ...exchangeNames.map((one) => attribute(one, '2.5.5.1', 127, 'oMObjectClass:: KwwCh3McAIVK\n')),
    ].join(''),
    [
      // The first one is in Active Directory's own schema.
      ...containers.slice(1).map((one) => objectClass(one, [])),
      objectClass('msExchExchangeServer', serverMay),
      objectClass('msExchProtocol', ['portNumber']),
    ].join(''),
  ];
}
