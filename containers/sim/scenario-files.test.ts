import { describe, expect, test } from 'vitest';
import { playScenario, scenarioNames } from './scenario-files.ts';
import { parseDuration, playScript } from './scenario-text.ts';

describe('scenario files', () => {
  test.each(scenarioNames())('%s says what happens (else: node containers/sim/run.ts --files --rewrite)', (name) => {
    const { expected, played } = playScenario(name);
    expect(played).toBe(expected);
  });

  test('playing a script replaces the output and keeps the rest', () => {
    const script = '# why\n\n> say a b\n  old\n  older\n> say c\n';
    expect(playScript(script, (name, words) => [`${name}: ${words.join('+')}`])).toBe(
      '# why\n\n> say a b\n  say: a+b\n> say c\n  say: c\n',
    );
    expect(() => playScript('say a\n', () => [])).toThrow('neither "> command"');
  });

  test('durations have a unit', () => {
    expect([parseDuration('5s'), parseDuration('250ms'), parseDuration('1.5s')]).toEqual([5_000, 250, 1_500]);
    expect(() => parseDuration('5')).toThrow('not a duration');
  });
});
