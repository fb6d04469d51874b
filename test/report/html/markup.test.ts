// The tag that escapes: whatever is put into it comes out as text, unless it is markup that came out of it before.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { escapeHtml, fillHoles, hole, html, jsonForScript } from '../../../src/report/html/markup.ts';
import { anyCharacter } from '../../support/any-character.ts';

test('text is escaped, markup is not escaped twice, lists are joined, null is nothing', () => {
  const inner = html`<b>${'a < b & "c"'}</b>`;
  expect(html`<p title="${`'"`}">${inner}${[1, html`<i></i>`]}${null}</p>`.text).toBe(
    '<p title="&#39;&quot;"><b>a &lt; b &amp; &quot;c&quot;</b>1<i></i></p>',
  );
});

test('holes are filled in order, and no text makes one', () => {
  const first = html`<p>${'a\u0000b'}</p>`;
  const page = html`${[first, hole, first, hole]}`.text;
  expect([...fillHoles(page, [['1', '2'], ['\u0000']])]).toEqual([
    '<p>a\\u0000b</p>',
    '1',
    '2',
    '<p>a\\u0000b</p>',
    '\u0000',
    '',
  ]);
});

test('what can not be seen, or reorders what is seen, is made visible', () => {
  expect(escapeHtml('a\u0000\u001b\u202eb\u{FEFF}\ud800')).toBe('a\\u0000\\u001b\\u202eb\\ufeff\\ud800');
  expect(escapeHtml('Grüße, 日本語, 🙂 ok\n')).toBe('Grüße, 日本語, 🙂 ok\n');
});

test('no text opens a tag, ends an attribute or begins an entity', () => {
  fc.assert(
    fc.property(fc.string({ unit: anyCharacter }), (text) => {
      expect(escapeHtml(text).replaceAll(/&(amp|lt|gt|quot|#39);/g, '')).not.toMatch(/[&<>"']/);
    }),
  );
});

test('no value ends its script, and it is the same value when read', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const { text } = jsonForScript(['</script><!--', value]);
      expect(text).not.toMatch(/[<>&]/);
      expect(JSON.stringify(JSON.parse(text))).toBe(JSON.stringify(['</script><!--', value]));
    }),
  );
});
