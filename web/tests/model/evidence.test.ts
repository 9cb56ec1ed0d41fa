import { describe, expect, test } from 'vitest';
import type { EvidenceBody } from '../../src/api/types';
import { bodyNote, phaseTexts, requestText, responseText } from '../../src/model/evidence';
import { piece } from '../samples';

const body = (changes: Partial<EvidenceBody>): EvidenceBody => ({
  text: '',
  length: null,
  is_cut: false,
  note: '',
  ...changes,
});

describe('messages', () => {
  test('look as they do on the wire', () => {
    expect(requestText(piece())).toBe(
      'GET http://shop.example/cart?token=[redacted]\nAccept: */*\n\n{"item": 5}',
    );
    expect(responseText(piece())).toBe('503 Service Unavailable\nContent-Length: 4000\n\nbusy …');
  });

  test('have the parts that are known', () => {
    expect(requestText(piece({ request: null }))).toBe('');
    expect(responseText(piece({ response: null }))).toBe('');
    const response = { status: null, reason: '', headers: [], body: body({ text: '{"a": 1}' }) };
    expect(responseText(piece({ response }))).toBe('{"a": 1}');
    const request = { method: '', url: 'rpc://shop/order', headers: [], body: null };
    expect(requestText(piece({ request }))).toBe('rpc://shop/order');
  });

  test.each([
    [null, ''],
    [body({ text: 'all', length: 3 }), ''],
    [body({ text: 'beg', length: 4000, is_cut: true }), 'cut; 4,000 bytes in all'],
    [body({ text: 'beg', is_cut: true }), 'cut'],
    [body({ note: 'binary', length: 7 }), 'binary body, 7 bytes'],
    [body({ note: 'stream' }), 'body that was read as a stream'],
    [body({ note: 'later' }), 'later'],
  ])('say what is not shown of a body: %j', (given, said) => {
    expect(bodyNote(given)).toBe(said);
  });
});

test('phases are told in their order', () => {
  expect(phaseTexts(piece()).map(([phase]) => phase)).toEqual(['queue', 'first byte', 'last byte']);
});
