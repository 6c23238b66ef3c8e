import { describe, expect, test } from 'vitest';
import { formatShape, formatThreshold, parseDuration, parseShape, parseTarget, parseThreshold } from './plan-text.ts';

describe('plans as text', () => {
  test.each([
    ['250ms', 250],
    ['1.5s', 1_500],
    ['2m', 120_000],
    ['2min', 120_000],
    ['1h', 3_600_000],
  ])('%s is %d ms', (text, ms) => expect(parseDuration(text)).toBe(ms));

  test.each(['constant', 'poisson', 'step:200@10s,400@20s', 'ramp:400', 'spike:2000@20s+5s', 'sine:100@20s'])(
    'the shape %s is read and written',
    (text) => expect(formatShape(parseShape(text, 60_000))).toBe(text),
  );

  test('steps without times are even parts of the duration', () => {
    expect(parseShape('step:200,300', 60_000)).toEqual({
      kind: 'step',
      steps: [
        { atMs: 20_000, rate: 200 },
        { atMs: 40_000, rate: 300 },
      ],
    });
  });

  test.each(['p95<250ms', 'p99.9<1s', 'errors<0.5%'])('the threshold %s is read and written', (text) =>
    expect(formatThreshold(parseThreshold(text))).toBe(text),
  );

  test.each(['p95', 'p95<', 'p100<1s', 'p0<1s', 'mean<5ms', 'errors<5', 'p95<0ms', 'errors<0%'])(
    '%s is no threshold',
    (text) => expect(() => parseThreshold(text)).toThrow(expect.objectContaining({ code: 'bad-usage' })),
  );

  test.each(['square', 'step:', 'step:5@2s,6@1s', 'constant:5', 'ramp:fast', 'spike:5', 'sine:5@0s'])(
    '%s is no shape',
    (text) => expect(() => parseShape(text, 60_000)).toThrow(expect.objectContaining({ code: 'bad-usage' })),
  );

  test('targets are ready ones, or addresses', () => {
    const http = { method: 'GET', headers: {}, body: null };
    expect(parseTarget('sync', http, null)).toEqual({ kind: 'sync', work: null });
    expect(parseTarget('http://127.0.0.1:1/a', http, null)).toMatchObject({
      kind: 'http',
      url: 'http://127.0.0.1:1/a',
    });
    expect(() => parseTarget('ftp://a', http, null)).toThrow(expect.objectContaining({ code: 'bad-usage' }));
  });
});
